use super::*;
use crate::status::Board;
use victor_types::{Bytes, Machine};

fn sample(at: f64, cpu_cores: f64, rss: u64) -> Observation {
    let fds = Some(7);
    Observation::Sample(ProcessSample {
        at: Seconds(at),
        cpu_cores,
        rss: Bytes(rss),
        threads: 3,
        fds,
        ..ProcessSample::default()
    })
}

fn found(at: f64, pid: u32) -> Observation {
    Observation::Found { at: Seconds(at), pid, command: "victor".to_owned() }
}

#[test]
fn a_day_of_samples_stays_small_and_keeps_its_mean_and_its_peak() {
    let mut series = Series::new();
    series.observe(found(0.0, 5));
    for second in 1..=86_400_u32 {
        let peak = if second == 4_321 { 999 } else { 100 };
        let cpu = f64::from(second % 2);
        series.observe(sample(f64::from(second) + 0.003, cpu, peak));
    }
    let samples = series.samples();
    // 10 minutes of seconds, 6 hours of 10 s, 18 hours of minutes.
    assert!((600 + 2100 + 1070..=601 + 2162 + 1082).contains(&samples.len()), "{}", samples.len());
    assert!(samples.windows(2).all(|pair| pair[0].at.0 < pair[1].at.0));
    assert_eq!(samples.iter().map(|sample| sample.rss.0).max(), Some(999));
    assert!((samples[10].cpu_cores - 0.5).abs() < 0.02, "{:?}", samples[10]);
    let newest = &samples[samples.len() - 2..];
    assert!((newest[1].at.0 - newest[0].at.0 - 1.0).abs() < 1e-9);
}

#[test]
fn cpu_of_uneven_windows_is_their_mean_over_time() {
    let mut series = Series::new();
    series.observe(found(0.0, 5));
    series.observe(sample(0.3, 1.0, 1));
    series.observe(sample(0.9, 0.0, 1));
    let samples = series.samples();
    assert_eq!(samples.len(), 1, "one a second");
    assert!((samples[0].cpu_cores - 1.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_process_never_found_is_a_doubt_with_its_reason() {
    let mut series = Series::new();
    let reason = "nothing listens on 127.0.0.1:8000".to_owned();
    series.observe(Observation::Missing { at: Seconds(0.0), reason: reason.clone() });
    assert_eq!(series.warnings(), [Warning::ServerNotSampled { reason }]);
    assert_eq!(series.resources(&Status::default()), None);
}

#[test]
fn a_restart_is_a_doubt_and_the_report_names_the_new_process() {
    let mut series = Series::new();
    series.observe(found(0.0, 5));
    series.observe(sample(1.0, 0.5, 100));
    series.observe(Observation::Missing {
        at: Seconds(2.0),
        reason: "process 5 has ended".to_owned(),
    });
    series.observe(found(4.0, 6));
    series.observe(sample(5.0, 0.5, 50));
    assert_eq!(series.warnings(), [Warning::ServerRestarted { at: Seconds(4.0) }]);
    let board = Board::default();
    board.machine(Machine { cores: 4, memory: Bytes(8) });
    board.observer("http://h:9127");
    let status = board.subscribe().borrow().clone();
    let resources = series.resources(&status).expect("sampled");
    assert_eq!((resources.pid, resources.samples.len()), (6, 2));
    assert_eq!((resources.cores, resources.memory_total), (4, Bytes(8)));
    assert_eq!(resources.observer.as_deref(), Some("http://h:9127"));
}
