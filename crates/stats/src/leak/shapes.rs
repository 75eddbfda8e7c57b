//! What memory may do over a run: the shapes that a leak verdict chooses between.

/// A family of shapes. The first group ends, or may end; the second never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Nothing but noise.
    Flat,
    /// A jump to a new level: a burst that raised the high-water mark.
    Step,
    /// Two jumps.
    TwoSteps,
    /// Filling at a falling rate, `1 - exp(-t / tau)`: pools, lazy initialisation.
    Saturating,
    /// Two fillings, a fast one and a slow one.
    TwoFills,
    /// Filling at a constant rate up to a limit: a bounded cache.
    Capped,
    /// `log(1 + t / tau)`: fragmentation that slows down without an end.
    Logarithmic,
    /// Growth without an end at a constant rate.
    Linear,
    /// Linear after a warm-up.
    WarmUpLinear,
    /// Linear and one jump.
    StepLinear,
    /// From some moment on linear, flat before.
    LateLinear,
    /// Linear with a change of rate.
    Knee,
    /// A power of the time between 0.5 and 1.
    Power,
    /// A container that doubles: jumps at 1, 2, 4, 8, each twice as high.
    Doubling,
}

impl Shape {
    /// The families.
    pub const ALL: [Self; 14] = [
        Self::Flat,
        Self::Step,
        Self::TwoSteps,
        Self::Saturating,
        Self::TwoFills,
        Self::Capped,
        Self::Logarithmic,
        Self::Linear,
        Self::WarmUpLinear,
        Self::StepLinear,
        Self::LateLinear,
        Self::Knee,
        Self::Power,
        Self::Doubling,
    ];

    /// Whether growth of this shape goes on for as long as the load does.
    #[must_use]
    pub fn is_unbounded(self) -> bool {
        match self {
            Self::Flat
            | Self::Step
            | Self::TwoSteps
            | Self::Saturating
            | Self::TwoFills
            | Self::Capped
            | Self::Logarithmic => false,
            Self::Linear
            | Self::WarmUpLinear
            | Self::StepLinear
            | Self::LateLinear
            | Self::Knee
            | Self::Power
            | Self::Doubling => true,
        }
    }
}

/// One member of a family: its columns over the run, and how the growth still to come follows from
/// their weights.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) shape: Shape,
    /// Beside the constant one.
    pub(super) columns: Vec<Vec<f64>>,
    /// Growth over one more run as long as this one, in weights of one column.
    pub(super) growth: Option<(usize, f64)>,
}

/// All members of one family for the instants `z`, from 0 (start of the run) to 1 (end).
pub(super) fn members(shape: Shape, z: &[f64]) -> Vec<Member> {
    let of =
        |columns: Vec<Vec<f64>>, growth: Option<(usize, f64)>| Member { shape, columns, growth };
    let each = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { z.iter().map(|&z| f(z)).collect() };
    let fill = |tau: f64| each(&|z| 1.0 - (-z / tau).exp());
    let step = |at: f64| each(&|z| f64::from(u8::from(z >= at)));
    match shape {
        Shape::Flat => vec![of(vec![], None)],
        Shape::Step => between(z).map(|at| of(vec![step(at)], None)).collect(),
        Shape::TwoSteps => pairs(z)
            .into_iter()
            .map(|(first, second)| of(vec![step(first), step(second)], None))
            .collect(),
        Shape::Saturating => spread(0.01, 1.0, 18)
            .map(|tau| of(vec![fill(tau)], Some((0, (-1.0 / tau).exp()))))
            .collect(),
        Shape::TwoFills => spread(0.01, 0.1, 4)
            .flat_map(|fast| spread(3.0 * fast, 1.0, 6).map(move |slow| (fast, slow)))
            .map(|(fast, slow)| of(vec![fill(fast), fill(slow)], Some((1, (-1.0 / slow).exp()))))
            .collect(),
        Shape::Capped => {
            even(0.05, 0.9, 18).map(|at| of(vec![each(&|z| z.min(at))], None)).collect()
        }
        Shape::Logarithmic => spread(0.003, 0.3, 10)
            .map(|tau| {
                let more = ((2.0 + tau) / (1.0 + tau)).ln();
                of(vec![each(&|z| (z / tau).ln_1p())], Some((0, more)))
            })
            .collect(),
        Shape::Linear => vec![of(vec![z.to_vec()], Some((0, 1.0)))],
        Shape::WarmUpLinear => spread(0.01, 0.25, 10)
            .map(|tau| of(vec![fill(tau), z.to_vec()], Some((1, 1.0))))
            .collect(),
        Shape::StepLinear => {
            between(z).map(|at| of(vec![step(at), z.to_vec()], Some((1, 1.0)))).collect()
        }
        Shape::LateLinear => even(0.1, 0.8, 15)
            .map(|at| of(vec![each(&|z| (z - at).max(0.0))], Some((0, 1.0 - at))))
            .collect(),
        Shape::Knee => even(0.1, 0.8, 15)
            .map(|at| of(vec![each(&|z| z.min(at)), each(&|z| (z - at).max(0.0))], Some((1, 1.0))))
            .collect(),
        Shape::Power => {
            even(0.5, 0.9, 5).map(|p| of(vec![each(&|z| z.powf(p))], Some((0, 1.0)))).collect()
        }
        Shape::Doubling => even(0.0, 0.96, 25)
            .map(|phase| {
                let level = |z: f64| ((z.max(0.01).log2() - phase).floor()).exp2();
                let columns = each(&level);
                let grown = columns.last().copied().unwrap_or(0.0) - 0.01;
                of(vec![columns], Some((0, grown)))
            })
            .collect(),
    }
}

/// Instants at which a step may fall: between any two points.
fn between(z: &[f64]) -> impl Iterator<Item = f64> {
    z.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]))
}

/// Pairs of instants of steps, coarser than single ones.
fn pairs(z: &[f64]) -> Vec<(f64, f64)> {
    let at: Vec<f64> = between(z).step_by(3).collect();
    let mut pairs = Vec::new();
    for (i, &first) in at.iter().enumerate() {
        pairs.extend(at[i + 1..].iter().map(|&second| (first, second)));
    }
    pairs
}

/// `count` values from `low` to `high`, evenly on the logarithmic scale.
fn spread(low: f64, high: f64, count: u32) -> impl Iterator<Item = f64> {
    even(low.ln(), high.ln(), count).map(f64::exp)
}

/// `count` values from `low` to `high`.
fn even(low: f64, high: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| low + (high - low) * f64::from(i) / f64::from(count - 1))
}
