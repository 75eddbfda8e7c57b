//! What the generator saw of itself, as doubts.

use victor_types::{GeneratorHealth, GeneratorMachine, Millis, Warning};

/// What speaks against numbers that this generator measured with `sent` turns. The thresholds are
/// where [`Warning::severity`] begins to care; below them a healthy run stays silent.
pub(crate) fn of_generator(generator: &GeneratorHealth, sent: u64) -> Vec<Warning> {
    let mut doubts = Vec::new();
    if generator.cpu > 0.7 {
        doubts.push(Warning::GeneratorCpu { share: generator.cpu });
    }
    if generator.ticker_late_p99 > Millis(5.0) {
        doubts.push(Warning::GeneratorLate { p99: generator.ticker_late_p99 });
    }
    if let Some(p99) = generator.slip_p99.filter(|slip| *slip > Millis(1.0)) {
        doubts.push(Warning::ScheduleSlip { p99 });
    }
    if generator.run_queue > 0.05 {
        doubts.push(Warning::GeneratorStarved { share: generator.run_queue });
    }
    #[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
    let share = |count: u64| count as f64 / sent.max(1) as f64;
    if generator.no_port > 0 {
        let (count, share) = (generator.no_port, share(generator.no_port));
        doubts.push(Warning::NoPort { count, share });
    }
    if generator.no_file > 0 {
        let (count, share) = (generator.no_file, share(generator.no_file));
        doubts.push(Warning::NoFile { count, share });
    }
    if generator.skipped > 0 {
        doubts.push(Warning::Skipped { count: generator.skipped });
    }
    doubts.extend(generator.machine.iter().flat_map(of_machine));
    doubts
}

fn of_machine(machine: &GeneratorMachine) -> Vec<Warning> {
    let mut doubts = Vec::new();
    if machine.steal > 0.005 {
        doubts.push(Warning::Steal { share: machine.steal });
    }
    if machine.throttled > 0.005 {
        doubts.push(Warning::Throttled { share: machine.throttled });
    }
    // Nine tenths: that is where a few users more than planned would fail.
    let scarce = |(used, of): (u64, u64)| of > 0 && used.saturating_mul(10) > of.saturating_mul(9);
    if scarce(machine.ports) {
        doubts.push(Warning::FewPorts { used: machine.ports.0, of: machine.ports.1 });
    }
    if scarce(machine.files) {
        doubts.push(Warning::FewFiles { used: machine.files.0, of: machine.files.1 });
    }
    let (used, of) = machine.memory;
    if of.0 > 0 && used.0 > of.0 / 2 {
        doubts.push(Warning::GeneratorMemory { used, of });
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::{Bytes, Validity};

    fn healthy() -> GeneratorHealth {
        GeneratorHealth {
            shards: 1,
            cpu: 0.3,
            ticker_late_p99: Millis(1.5),
            slip_p99: Some(Millis(0.2)),
            run_queue: 0.02,
            machine: Some(GeneratorMachine {
                cores: 2.0,
                cpu: 0.2,
                files: (100, 20_000),
                ports: (300, 28_232),
                memory: (Bytes(1), Bytes(1000)),
                ..GeneratorMachine::default()
            }),
            ..GeneratorHealth::default()
        }
    }

    #[test]
    fn a_healthy_generator_raises_no_doubt() {
        assert_eq!(of_generator(&healthy(), 1000), []);
    }

    #[test]
    fn each_cause_is_named_and_makes_the_run_invalid() {
        let machine = healthy().machine.expect("seen");
        let causes = [
            ("a core", GeneratorHealth { cpu: 0.95, ..healthy() }),
            ("timers", GeneratorHealth { ticker_late_p99: Millis(30.0), ..healthy() }),
            ("after they were due", GeneratorHealth { slip_p99: Some(Millis(9.0)), ..healthy() }),
            ("CPU starvation", GeneratorHealth { run_queue: 0.3, ..healthy() }),
            ("ports exhausted", GeneratorHealth { no_port: 5, ..healthy() }),
            ("files exhausted", GeneratorHealth { no_file: 5, ..healthy() }),
            (
                "virtual machine",
                GeneratorHealth {
                    machine: Some(GeneratorMachine { steal: 0.05, ..machine }),
                    ..healthy()
                },
            ),
            (
                "throttled",
                GeneratorHealth {
                    machine: Some(GeneratorMachine { throttled: 0.2, ..machine }),
                    ..healthy()
                },
            ),
        ];
        for (word, health) in causes {
            let validity = Validity::new(of_generator(&health, 1000));
            assert!(!validity.is_valid(), "{word}");
            assert!(validity.warnings[0].to_string().contains(word), "{:?}", validity.warnings);
        }
    }

    #[test]
    fn what_runs_short_is_a_doubt_before_it_runs_out() {
        let machine = GeneratorMachine {
            ports: (27_000, 28_232),
            files: (990, 1024),
            memory: (Bytes(600), Bytes(1000)),
            ..GeneratorMachine::default()
        };
        let health = GeneratorHealth { machine: Some(machine), skipped: 3, ..healthy() };
        let validity = Validity::new(of_generator(&health, 1000));
        assert!(validity.is_valid());
        assert_eq!(validity.warnings.len(), 4);
    }
}
