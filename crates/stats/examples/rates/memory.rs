//! Memory of made-up servers, with a known truth.

use rand::RngExt;
use rand_distr::{Distribution, Exp, Normal};
use rand_pcg::Pcg64;
use victor_stats::MemorySeries;

const MIB: f64 = 1024.0 * 1024.0;

/// What a series truly is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// Memory grows for as long as the load lasts.
    Leak,
    /// It does not.
    NoLeak,
}

/// One kind of server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) truth: Truth,
    draw: fn(&mut Draw),
}

/// Every kind.
pub(crate) const KINDS: [Kind; 24] = {
    use Truth::{Leak, NoLeak};
    const fn kind(name: &'static str, truth: Truth, draw: fn(&mut Draw)) -> Kind {
        Kind { name, truth, draw }
    }
    [
        kind("flat", NoLeak, |_| {}),
        kind("near-random walk", NoLeak, Draw::wander),
        kind("garbage collected", NoLeak, Draw::collected),
        kind("warming pools", NoLeak, Draw::pools),
        kind("slowing fragmentation", NoLeak, Draw::fragmentation),
        kind("high-water steps", NoLeak, Draw::high_water),
        kind("cache up to its limit", NoLeak, Draw::cache),
        kind("periodic load", NoLeak, Draw::periodic),
        kind("worker restarts", NoLeak, Draw::restarts),
        kind("burst kept", NoLeak, Draw::burst),
        kind("memory of turns in flight", NoLeak, Draw::in_flight),
        kind("trimmed and regrown", NoLeak, Draw::trimmed),
        kind("leak", Leak, Draw::leak),
        kind("leak after warm-up", Leak, |d| d.both(Draw::pools)),
        kind("leak under collection", Leak, |d| d.both(Draw::collected)),
        kind("leak under periodic load", Leak, |d| d.both(Draw::periodic)),
        kind("leak behind a cache", Leak, |d| d.both(Draw::cache)),
        kind("leak beside turns in flight", Leak, |d| d.both(Draw::in_flight)),
        kind("leak after a burst", Leak, |d| d.both(Draw::burst)),
        kind("leak in chunks", Leak, Draw::chunks),
        kind("leak from some moment on", Leak, Draw::late),
        kind("leak that slows down", Leak, Draw::sublinear),
        kind("leak of bursty requests", Leak, Draw::bursty),
        kind("doubling container", Leak, Draw::doubling),
    ]
};

/// A series and the bytes that leaked in it.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) series: MemorySeries,
    pub(crate) leaked: f64,
}

/// A server of a kind: base, noise and sizes are drawn anew for each.
pub(crate) fn sample(kind: &Kind, mut rng: Pcg64) -> Sample {
    let samples = [120, 240, 480][rng.random_range(0..3)];
    let base = MIB * (between(&mut rng, 80.0_f64.ln(), 2000.0_f64.ln())).exp();
    let mut draw = Draw {
        memory: vec![base; samples],
        requests: (0..samples).map(|_| 100.0 * between(&mut rng, 0.9, 1.1)).collect(),
        live: None,
        base,
        size: base * between(&mut rng, 0.03_f64.ln(), 0.6_f64.ln()).exp(),
        leaked: 0.0,
        rng,
    };
    (kind.draw)(&mut draw);
    draw.finish()
}

fn between(rng: &mut Pcg64, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

struct Draw {
    memory: Vec<f64>,
    /// Requests completed in each interval.
    requests: Vec<f64>,
    live: Option<Vec<f64>>,
    base: f64,
    /// The size of what happens, in bytes over the run.
    size: f64,
    leaked: f64,
    rng: Pcg64,
}

impl Draw {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        between(&mut self.rng, low, high)
    }

    fn normal(&mut self, sd: f64) -> f64 {
        Normal::new(0.0, sd).expect("a spread").sample(&mut self.rng)
    }

    fn add(&mut self, scale: f64, shape: impl Fn(f64) -> f64) {
        let last = self.memory.len() as f64;
        for (i, memory) in self.memory.iter_mut().enumerate() {
            *memory += scale * shape((i + 1) as f64 / last);
        }
    }

    fn autoregressive(&mut self, sd: f64, correlation: f64) {
        let step = sd * (1.0 - correlation * correlation).sqrt();
        let mut state = self.normal(sd);
        for i in 0..self.memory.len() {
            self.memory[i] += state;
            state = correlation * state + self.normal(step);
        }
    }

    /// Also leaks, a share of what else happens.
    fn both(&mut self, other: fn(&mut Self)) {
        other(self);
        self.size = self.base * self.between(0.03_f64.ln(), 0.6_f64.ln()).exp();
        self.leak();
    }

    /// Each request leaks the same.
    fn leak(&mut self) {
        let total: f64 = self.requests.iter().sum();
        let mut done = 0.0;
        for i in 0..self.memory.len() {
            done += self.requests[i];
            self.memory[i] += self.size * done / total;
        }
        self.leaked = self.size;
    }

    fn wander(&mut self) {
        let sd = self.base * self.between(0.005, 0.03);
        let correlation = self.between(0.97, 0.99);
        self.autoregressive(sd, correlation);
    }

    fn collected(&mut self) {
        let high = self.base * self.between(0.05, 0.5);
        let rate = high / self.between(6.0, self.memory.len() as f64 / 6.0);
        let mut garbage = self.between(0.0, high);
        let mut limit = high;
        for i in 0..self.memory.len() {
            garbage += rate * self.between(0.7, 1.3);
            if garbage > limit {
                garbage = high * self.between(0.0, 0.06);
                limit = high * self.between(0.85, 1.15);
            }
            self.memory[i] += garbage;
        }
    }

    fn pools(&mut self) {
        for _ in 0..self.rng.random_range(1..4) {
            let tau = self.between(0.005_f64.ln(), 0.2_f64.ln()).exp();
            let size = self.size * self.between(0.2, 1.0);
            self.add(size, |z| 1.0 - (-z / tau).exp());
        }
    }

    fn fragmentation(&mut self) {
        let tau = self.between(0.003_f64.ln(), 0.1_f64.ln()).exp();
        let size = 0.4 * self.size / (1.0 / tau).ln_1p();
        self.add(size, |z| (z / tau).ln_1p());
    }

    /// Memory follows the highest number of turns in flight so far.
    fn high_water(&mut self) {
        let mut highest = 0.0_f64;
        let law = Exp::new(1.0).expect("a rate");
        for i in 0..self.memory.len() {
            highest = highest.max(law.sample(&mut self.rng));
            self.memory[i] += 0.15 * self.size * highest;
        }
    }

    fn cache(&mut self) {
        let full = self.between(0.1, 0.65);
        let size = self.size;
        self.add(size, |z| (z / full).min(1.0));
    }

    fn periodic(&mut self) {
        let cycles = self.between(1.5, 9.0);
        let phase = self.between(0.0, 6.3);
        let size = 0.3 * self.size;
        self.add(size, |z| (cycles * z * std::f64::consts::TAU + phase).sin());
    }

    fn restarts(&mut self) {
        let every = self.between(0.08, 0.3);
        let size = self.size;
        self.add(size, |z| 1.0 - (-8.0 * (z / every).fract()).exp());
    }

    fn burst(&mut self) {
        let at = self.between(0.05, 0.95);
        let size = self.size;
        self.add(size, |z| if z < at { 0.0 } else { 0.6 + 0.4 * (-(z - at) / 0.01).exp() });
    }

    /// A ramp or a wave of turns in flight, each holding memory.
    fn in_flight(&mut self) {
        let stages = self.between(3.0, 9.0).floor();
        let ramp = self.rng.random::<bool>();
        let noise = self.between(0.02, 0.1);
        let last = self.memory.len() as f64;
        let mut live = Vec::new();
        for i in 0..self.memory.len() {
            let z = i as f64 / last;
            let level = if ramp {
                ((z * stages).floor() + 1.0) / stages
            } else {
                0.55 + 0.4 * (z * stages * 6.3).sin()
            };
            live.push((80.0 * level * (1.0 + self.normal(noise))).round().max(1.0));
            self.requests[i] = 100.0 * level;
        }
        let lag = self.rng.random_range(0..4);
        for i in 0..self.memory.len() {
            self.memory[i] += self.size * live[i.saturating_sub(lag)] / 80.0;
        }
        self.live = Some(live);
    }

    fn trimmed(&mut self) {
        let mut regrown = 0.0;
        let every = self.between(0.1, 0.4) * self.memory.len() as f64;
        for i in 0..self.memory.len() {
            regrown += (self.size - regrown) * 6.0 / every;
            if self.rng.random::<f64>() < 1.0 / every {
                regrown *= self.between(0.2, 0.8);
            }
            self.memory[i] += regrown;
        }
    }

    /// The allocator takes memory in chunks.
    fn chunks(&mut self) {
        let before = self.memory.clone();
        self.leak();
        let chunk = self.size / self.between(5.0, 30.0);
        for (memory, before) in self.memory.iter_mut().zip(before) {
            *memory = before + ((*memory - before) / chunk).ceil() * chunk;
        }
    }

    fn late(&mut self) {
        let from = self.between(0.1, 0.6);
        let size = self.size;
        self.add(size, |z| ((z - from) / (1.0 - from)).max(0.0));
        self.leaked = size;
    }

    fn sublinear(&mut self) {
        let power = self.between(0.6, 0.9);
        let size = self.size;
        self.add(size, |z| z.powf(power));
        self.leaked = size;
    }

    fn bursty(&mut self) {
        let mut rate = 1.0;
        for i in 0..self.requests.len() {
            if self.rng.random::<f64>() < 0.05 {
                rate = self.between(0.05, 3.0);
            }
            self.requests[i] = 100.0 * rate;
        }
        self.leak();
    }

    fn doubling(&mut self) {
        let phase = self.between(0.0, 1.0);
        let size = self.size;
        let level = move |z: f64| ((z * 1000.0).max(1.0).log2() - phase).floor().exp2();
        let range = level(1.0) - level(0.0);
        self.add(size / range, level);
        self.leaked = size;
    }

    /// Noise, pages, and the columns that a sampler would have written.
    fn finish(mut self) -> Sample {
        let sd = self.base * self.between(0.0005_f64.ln(), 0.02_f64.ln()).exp();
        let correlation = [0.0, 0.5, 0.8, 0.95][self.rng.random_range(0..4)];
        self.autoregressive(sd, correlation);
        let page = [4096.0, 65536.0][self.rng.random_range(0..2)];
        let memory = self.memory.iter().map(|m| (m / page).round() * page).collect();
        let time = (1..=self.memory.len()).map(|i| 5.0 * i as f64).collect();
        let mut done = 0.0;
        let requests = self.requests.iter().map(|r| {
            done += r.round();
            done
        });
        let series = MemorySeries::try_new(time, requests.collect(), memory).expect("a series");
        let series = match self.live {
            Some(live) => series.with_live(live).expect("as long"),
            None => series,
        };
        Sample { series, leaked: self.leaked }
    }
}
