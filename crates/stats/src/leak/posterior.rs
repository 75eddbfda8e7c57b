//! How probable each shape is after the run, and how much growth is still to come.

use super::Driver;
use super::shapes::{Member, Shape, members};
use crate::distribution::t_cdf;
use crate::linear::fit;
use crate::percentile::as_f64;

/// Serial correlation of neighbouring points that is allowed for.
const CORRELATIONS: [f64; 12] =
    [0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97, 0.985];

/// Half cycles of a wave in one run: 2 cycles to 10. Slower ones cannot be told from growth.
pub(super) const WAVES: std::ops::RangeInclusive<u32> = 4..=20;

/// One explanation of the run with its weight: growth is `centre` + `scale` times a t variable.
#[derive(Debug, Clone)]
pub(super) struct Explanation {
    pub(super) shape: Shape,
    pub(super) driver: usize,
    pub(super) correlation: f64,
    pub(super) weight: f64,
    centre: f64,
    scale: f64,
    freedom: f64,
}

impl Explanation {
    /// The probability that the growth over one more run is at most `bytes`.
    fn at_most(&self, bytes: f64) -> f64 {
        if self.scale > 0.0 {
            t_cdf((bytes - self.centre) / self.scale, self.freedom)
        } else {
            f64::from(u8::from(self.centre <= bytes))
        }
    }
}

/// Points of one run, as the posterior is computed from.
#[derive(Debug)]
pub(super) struct Points {
    /// The drivers.
    pub(super) names: Vec<Driver>,
    /// For each driver, its place from 0 (start) to 1 (end of the run) at each point.
    pub(super) drivers: Vec<Vec<f64>>,
    /// What memory follows without leaking: turns in flight, time since the last collection.
    pub(super) known: Vec<Vec<f64>>,
    /// Sine and cosine of a periodic load that may be there.
    pub(super) wave: Option<[Vec<f64>; 2]>,
    /// Memory in bytes.
    pub(super) memory: Vec<f64>,
    /// The least variance of a point: nothing is measured more exactly.
    pub(super) floor: f64,
}

/// All explanations of the points, weights adding up to 1.
#[derive(Debug)]
pub(super) struct Posterior {
    explanations: Vec<Explanation>,
}

impl Posterior {
    pub(super) fn of(points: &Points) -> Self {
        let mut logs = Vec::new();
        for (driver, z) in points.drivers.iter().enumerate() {
            for shape in Shape::ALL {
                let members = members(shape, z);
                let prior = prior(shape) - as_f64(members.len() as u64).ln();
                let found = members.iter().flat_map(|member| member.explanations(points, driver));
                logs.extend(found.map(|(log, explanation)| (prior + log, explanation)));
            }
        }
        let best = logs.iter().map(|(log, _)| *log).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logs.iter().map(|(log, _)| (log - best).exp()).sum();
        let explanations = logs
            .into_iter()
            .map(|(log, explanation)| Explanation {
                weight: (log - best).exp() / total,
                ..explanation
            })
            .filter(|explanation| explanation.weight > 1e-9)
            .collect();
        Self { explanations }
    }

    /// The probability of unbounded growth of more than `bytes` over one more run.
    pub(super) fn unbounded_over(&self, bytes: f64) -> f64 {
        self.sum(|e| if e.shape.is_unbounded() { 1.0 - e.at_most(bytes) } else { 0.0 })
    }

    /// The probability that growth over one more run is less than `bytes`, whatever the shape.
    pub(super) fn under(&self, bytes: f64) -> f64 {
        self.sum(|e| e.at_most(bytes))
    }

    pub(super) fn sum(&self, value: impl Fn(&Explanation) -> f64) -> f64 {
        self.explanations.iter().map(|e| e.weight * value(e)).sum()
    }

    /// The quantile of the growth among the explanations that `keep` holds for.
    pub(super) fn quantile(&self, p: f64, keep: impl Fn(&Explanation) -> bool) -> Option<f64> {
        let kept: Vec<&Explanation> = self.explanations.iter().filter(|e| keep(e)).collect();
        let total: f64 = kept.iter().map(|e| e.weight).sum();
        if kept.is_empty() || total <= 0.0 {
            return None;
        }
        let edge = |side: f64| {
            let end = |e: &&Explanation| side * (e.centre.abs() + 50.0 * e.scale + 1.0);
            kept.iter().map(end).fold(0.0, |a: f64, b| if side < 0.0 { a.min(b) } else { a.max(b) })
        };
        let (mut low, mut high) = (edge(-1.0), edge(1.0));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            let below: f64 = kept.iter().map(|e| e.weight * e.at_most(middle)).sum();
            if below < p * total {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(f64::midpoint(low, high))
    }

    /// The number of the most probable driver.
    pub(super) fn driver(&self) -> usize {
        let weight = |driver: usize| self.sum(|e| f64::from(u8::from(e.driver == driver)));
        let last = self.explanations.iter().map(|e| e.driver).max().unwrap_or(0);
        (0..=last).rev().max_by(|a, b| weight(*a).total_cmp(&weight(*b))).unwrap_or(0)
    }

    /// The most probable shape.
    pub(super) fn shape(&self) -> Shape {
        let weight = |shape: Shape| self.sum(|e| f64::from(u8::from(e.shape == shape)));
        Shape::ALL
            .into_iter()
            .max_by(|a, b| weight(*a).total_cmp(&weight(*b)))
            .unwrap_or(Shape::Flat)
    }
}

/// The prior weight of a family, as a logarithm.
fn prior(shape: Shape) -> f64 {
    let alike = Shape::ALL.iter().filter(|other| other.is_unbounded() == shape.is_unbounded());
    -as_f64(alike.count() as u64).ln()
}

impl Member {
    /// This shape under every correlation, with and without a wave, each with the logarithm of its
    /// weight.
    fn explanations(&self, points: &Points, driver: usize) -> Vec<(f64, Explanation)> {
        let one = vec![1.0; points.memory.len()];
        let known = std::iter::once(&one).chain(&points.known);
        let waves: &[Option<&[Vec<f64>; 2]>] = match &points.wave {
            Some(wave) => &[None, Some(wave)],
            None => &[None],
        };
        let common = 1 + points.known.len();
        let mut found = Vec::new();
        for wave in waves {
            let columns: Vec<&Vec<f64>> =
                known.clone().chain(&self.columns).chain(wave.iter().copied().flatten()).collect();
            let prior = if wave.is_some() { -as_f64(WAVES.count() as u64).ln() } else { 0.0 };
            let explained = CORRELATIONS
                .into_iter()
                .filter_map(|r| explain(points, &columns, common, self.growth, r));
            found.extend(explained.map(|(log, (centre, scale, freedom), correlation)| {
                let explanation = Explanation {
                    shape: self.shape,
                    driver,
                    correlation,
                    weight: 0.0,
                    centre,
                    scale,
                    freedom,
                };
                (prior + log, explanation)
            }));
        }
        found
    }
}

/// The centre, scale and degrees of freedom of the growth.
type Growth = (f64, f64, f64);

/// The logarithm of the marginal likelihood of the points under one shape and correlation, and the
/// growth that follows. The first `common` columns are in every model and have flat priors; the
/// others have Zellner's prior worth one observation (Liang et al., JASA 103, 2008).
fn explain(
    points: &Points,
    columns: &[&Vec<f64>],
    common: usize,
    growth: Option<(usize, f64)>,
    correlation: f64,
) -> Option<(f64, Growth, f64)> {
    let whitened: Vec<Vec<f64>> =
        columns.iter().map(|column| whiten(column, correlation)).collect();
    let whitened: Vec<&[f64]> = whitened.iter().map(Vec::as_slice).collect();
    let y = whiten(&points.memory, correlation);
    let null = fit(&whitened[..common], &y)?;
    let full = fit(&whitened, &y)?;
    let size = as_f64(y.len() as u64);
    let extra = as_f64((columns.len() - common) as u64);
    let shrink = size / (1.0 + size);
    let innovation = 1.0 - correlation * correlation;
    let floor = points.floor * size * innovation;
    let squares = full.squares + (null.squares - full.squares) * (1.0 - shrink) + floor;
    let freedom = size - as_f64(common as u64);
    let log = 0.5 * innovation.ln()
        - 0.5 * null.log_determinant
        - 0.5 * extra * (1.0 + size).ln()
        - 0.5 * freedom * squares.ln();
    let (centre, scale) = growth.map_or((0.0, 0.0), |(column, factor)| {
        let at = common + column;
        let variance = shrink * full.leverage[at] * squares / freedom;
        (shrink * full.weights[at] * factor, variance.sqrt() * factor.abs())
    });
    Some((log, (centre, scale, freedom), correlation))
}

/// Removes first-order serial correlation (Prais and Winsten, 1954).
fn whiten(values: &[f64], correlation: f64) -> Vec<f64> {
    let first = values.first().map(|value| value * (1.0 - correlation * correlation).sqrt());
    let rest = values.windows(2).map(|pair| pair[1] - correlation * pair[0]);
    first.into_iter().chain(rest).collect()
}
