//! Error rates of the verdicts on made-up systems, as Markdown tables with 95 % intervals.
//!
//! `cargo run --release -p victor-stats --example rates -- [each] [seed]`: `each` samples of each kind
//! (100 unless given). Its output is kept in `docs/design/statistics-rates.md`.

mod latency;
mod memory;
mod queue;

use memory::Truth;
use queue::Queue;
use rand::RngExt;
use rand_pcg::Pcg64;
use std::fmt::Write as _;
use std::io::Write as _;
use victor_stats::{
    BreakingPoint, Criteria, LeakPolicy, LeakVerdict, NextStep, RegressionVerdict, leak_verdict,
    regression_verdict, wilson,
};
use victor_types::Millis;

fn main() {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let each = numbers.next().and_then(Result::ok).unwrap_or(100);
    let seed = numbers.next().and_then(Result::ok).unwrap_or(1);
    let mut text = format!("{each} samples of each kind, seed {seed}.\n\n");
    leaks(&mut text, each, seed);
    regressions(&mut text, each, seed);
    searches(&mut text, each.min(60), seed);
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn rng(seed: u64, case: u64, kind: usize) -> Pcg64 {
    Pcg64::new(u128::from(seed << 32 | case), kind as u128)
}

/// Counts of three verdicts.
#[derive(Debug, Default, Clone, Copy)]
struct Counts([u64; 3]);

impl Counts {
    fn row(self, name: &str, text: &mut String) {
        let all: u64 = self.0.iter().sum();
        let cell = |count: u64| {
            let interval = wilson(count, all, 0.95).expect("some");
            let share = 100.0 * count as f64 / all as f64;
            format!("{share:.1} % [{:.1}, {:.1}]", 100.0 * interval.low(), 100.0 * interval.high())
        };
        let cells = self.0.map(cell).join(" | ");
        let _ = writeln!(text, "| {name} | {all} | {cells} |");
    }

    fn add(&mut self, other: Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own += other;
        }
    }
}

fn leaks(text: &mut String, each: u64, seed: u64) {
    text.push_str("## Leak verdict\n\n| memory | runs | leak | no leak | inconclusive |\n|---|---|---|---|---|\n");
    let mut totals = [Counts::default(); 2];
    let (mut found, mut covered) = (0, 0);
    for (number, kind) in memory::KINDS.iter().enumerate() {
        let mut counts = Counts::default();
        for case in 0..each {
            let sample = memory::sample(kind, rng(seed, case, number));
            let finding = leak_verdict(&sample.series, LeakPolicy::default());
            let growth = finding.growth();
            match finding.verdict() {
                LeakVerdict::Leak => {
                    counts.0[0] += 1;
                    found += u64::from(sample.leaked > 0.0);
                    let inside = growth.low <= sample.leaked && sample.leaked <= growth.high;
                    covered += u64::from(sample.leaked > 0.0 && inside);
                }
                LeakVerdict::NoLeak => counts.0[1] += 1,
                LeakVerdict::Inconclusive => counts.0[2] += 1,
            }
        }
        counts.row(kind.name, text);
        totals[usize::from(kind.truth == Truth::Leak)].add(counts);
    }
    totals[0].row("**all without a leak**", text);
    totals[1].row("**all with a leak**", text);
    let share = 100.0 * covered as f64 / found.max(1) as f64;
    let _ = writeln!(
        text,
        "\nThe interval of the growth holds the truth in {share:.0} % of {found} leaks found.\n"
    );
}

fn regressions(text: &mut String, each: u64, seed: u64) {
    text.push_str("## Regression verdict, 10 pairs of blocks of 80 requests\n\n| pair | runs | regression | pass or improved | inconclusive |\n|---|---|---|---|---|\n");
    let mut totals = [Counts::default(); 2];
    for (number, kind) in latency::KINDS.iter().enumerate() {
        let mut counts = Counts::default();
        for case in 0..each {
            let comparison = latency::sample(kind, rng(seed, case, 1000 + number));
            counts.0[match regression_verdict(&[comparison]).verdict() {
                RegressionVerdict::Regression => 0,
                RegressionVerdict::Pass | RegressionVerdict::Improved => 1,
                RegressionVerdict::Inconclusive => 2,
            }] += 1;
        }
        counts.row(kind.name, text);
        totals[usize::from(kind.slower)].add(counts);
    }
    totals[0].row("**all unchanged**", text);
    totals[1].row("**all slower**", text);
    text.push('\n');
}

/// Searches on queues of 1 to 16 servers without a limit of latency, whose truth is their capacity.
fn searches(text: &mut String, each: u64, seed: u64) {
    text.push_str("## Breaking point, steps of 20 s or 400 requests, speed varies by 3 % from step to step\n\n| machine | searches | within 10 % | interval holds the capacity | interval within ±12 % | steps, median and most |\n|---|---|---|---|---|---|\n");
    for (number, freezes) in [0.0, 0.05, 0.1].into_iter().enumerate() {
        let (mut near, mut held, mut narrow) = (0, 0, 0);
        let mut steps = Vec::new();
        for case in 0..each {
            let mut rng = rng(seed, case, 2000 + number);
            let servers = rng.random_range(1..17);
            let service = 0.01 + 0.09 * rng.random::<f64>();
            let start = 0.05 + 0.3 * rng.random::<f64>();
            let mut queue = Queue::new(servers, service, rng).with_freezes(freezes);
            let capacity = queue.capacity();
            // Latency may rise to 40 service times: a queue about to overflow.
            let criteria = Criteria::default().with_slo(Millis(40e3 * service));
            let mut search = BreakingPoint::try_new(start * capacity, criteria).expect("a start");
            while let NextStep::Run { level, long, .. } = search.next() {
                let seconds = 20.0_f64.max(400.0 / level) * if long { 3.0 } else { 1.0 };
                search.record(queue.step(level, seconds));
            }
            steps.push(search.steps());
            if let Some(limit) = search.finding().limit() {
                near += u64::from((limit.estimate() / capacity - 1.0).abs() <= 0.1);
                held += u64::from(limit.low() <= capacity && capacity <= limit.high());
                let wide = (limit.high() / limit.estimate()).max(limit.estimate() / limit.low());
                narrow += u64::from(wide <= 1.12);
            }
        }
        steps.sort_unstable();
        let (middle, most) = (steps[steps.len() / 2], steps[steps.len() - 1]);
        let _ = writeln!(
            text,
            "| stands still for 2 s in {:.0} % of steps | {each} | {near} | {held} | {narrow} | {middle}, {most} |",
            100.0 * freezes
        );
    }
}
