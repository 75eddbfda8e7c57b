//! A made-up server with a known capacity, on a virtual clock.

use rand::RngExt;
use rand_distr::{Distribution, Exp, LogNormal, Normal};
use rand_pcg::Pcg64;
use victor_stats::{StepResult, trend};
use victor_types::Millis;

/// Servers at one queue.
#[derive(Debug)]
pub(crate) struct Queue {
    servers: usize,
    /// Seconds a turn takes one server.
    service: f64,
    /// Spread of the machine's speed from step to step.
    noise: f64,
    /// Share of steps in which the machine stands still for 2 s.
    freezes: f64,
    rng: Pcg64,
}

impl Queue {
    pub(crate) fn new(servers: usize, service: f64, rng: Pcg64) -> Self {
        Self { servers, service, noise: 0.03, freezes: 0.0, rng }
    }

    pub(crate) fn with_freezes(self, freezes: f64) -> Self {
        Self { freezes, ..self }
    }

    /// Turns a second that it can serve in the long run.
    pub(crate) fn capacity(&self) -> f64 {
        self.servers as f64 / self.service
    }

    /// One step of so many seconds with Poisson arrivals at `rate`; its first quarter does not count.
    pub(crate) fn step(&mut self, rate: f64, seconds: f64) -> StepResult {
        let speed = Normal::new(1.0, self.noise).expect("a spread").sample(&mut self.rng).max(0.5);
        let froze = self.rng.random::<f64>() < self.freezes;
        let from = if froze { seconds * (0.25 + 0.6 * self.rng.random::<f64>()) } else { f64::MAX };
        let gap = Exp::new(rate).expect("a rate");
        // Mean 1, coefficient of variation 0.6.
        let sigma = (1.0_f64 + 0.36).ln().sqrt();
        let work = LogNormal::new(-sigma * sigma / 2.0, sigma).expect("a spread");
        let mut free = vec![0.0_f64; self.servers];
        let mut ends: Vec<(f64, f64)> = Vec::new();
        let (mut sent, mut at) = (0_usize, 0.0);
        loop {
            at += gap.sample(&mut self.rng);
            if at >= seconds {
                break;
            }
            let counts = at >= seconds / 4.0;
            sent += usize::from(counts);
            let next = (0..free.len()).min_by(|&a, &b| free[a].total_cmp(&free[b])).unwrap_or(0);
            let mut start = free[next].max(at);
            if start >= from && start < from + 2.0 {
                start = from + 2.0;
            }
            let end = start + self.service / speed * work.sample(&mut self.rng);
            free[next] = end;
            ends.push((at, end));
        }
        judge(rate, seconds, &ends, sent)
    }
}

fn judge(rate: f64, seconds: f64, ends: &[(f64, f64)], sent: usize) -> StepResult {
    let counted: Vec<&(f64, f64)> = ends.iter().filter(|(at, _)| *at >= seconds / 4.0).collect();
    let mut times: Vec<f64> = counted.iter().map(|(at, end)| end - at).collect();
    times.sort_by(f64::total_cmp);
    let p95 = times.get(times.len() * 95 / 100).copied().unwrap_or(0.0);
    let done = ends.iter().filter(|(_, end)| *end >= seconds / 4.0 && *end <= seconds).count();
    let x: Vec<f64> = (0..40).map(|i| seconds * (0.25 + 0.75 * f64::from(i) / 40.0)).collect();
    let flying = |t: &f64| ends.iter().filter(|(at, end)| at <= t && end > t).count() as f64;
    let y: Vec<f64> = x.iter().map(flying).collect();
    let line = trend(&x, &y).expect("forty values");
    let grew = line.slope() * 0.75 * seconds > 0.02 * sent as f64;
    StepResult::new(rate, done as f64 / (0.75 * seconds))
        .with_offered(sent as f64 / (0.75 * seconds))
        .with_p95(Millis(1e3 * p95))
        .with_backlog(grew && line.low().is_some_and(|low| low > 0.0))
}
