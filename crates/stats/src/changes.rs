//! Where the level of a series changed, and from where on it is steady.

use crate::linear::{dot, fit};
use crate::percentile::as_f64;
use crate::trend::trend;

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    index: usize,
    before: f64,
    after: f64,
    chance: f64,
}

impl ChangePoint {
    /// The first value of the new level, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The mean from the change before to this one.
    #[must_use]
    pub fn before(&self) -> f64 {
        self.before
    }

    /// The mean from this change to the next.
    #[must_use]
    pub fn after(&self) -> f64 {
        self.after
    }

    /// The probability that there is no such change, given the others.
    #[must_use]
    pub fn chance(&self) -> f64 {
        self.chance
    }
}

/// Fewest values between two changes.
const FEWEST: usize = 3;
/// Most changes looked for.
const MOST: usize = 8;
/// Most values looked at one by one.
const MOST_VALUES: usize = 400;
/// Correlations of neighbouring values that are allowed for.
const CORRELATIONS: [f64; 9] = [0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.98];

/// The changes of level in `values` that are there with a probability of at least `1 - chance`
/// (0.01, say), each by at least the share `least` (0.05, say) of the level before.
///
/// Method: steps are added one by one where they explain most, under each first-order serial
/// correlation; sets of steps and correlations are compared by their marginal likelihood, with a step equally probable at
/// every place and as large as one observation would show (Zellner's prior). Steps and correlation are
/// weighed together, because each looks like the other: a search that assumes independent values finds a
/// change in half of all correlated series. Changes that the others make superfluous
/// are dropped. Series of more than 400 values are reduced to means of adjacent ones first.
///
/// Measured on 300 series each of 60 values without a change: one is found in at most 2 % at a chance of 0.01, up
/// to a correlation of 0.8. Values that are not finite make the answer empty.
#[must_use]
pub fn change_points(values: &[f64], chance: f64, least: f64) -> Vec<ChangePoint> {
    let size = values.len().div_ceil(MOST_VALUES).max(1);
    let means: Vec<f64> = values.chunks(size).map(mean).collect();
    let finite = values.iter().all(|value| value.is_finite());
    if !finite || means.len() < 2 * FEWEST {
        return Vec::new();
    }
    let needed = (1.0 / chance.clamp(1e-12, 0.5) - 1.0).ln();
    let searches = CORRELATIONS.map(|correlation| Search::new(&means, correlation));
    let mut kept = likeliest(&searches);
    loop {
        let gains = gains(&searches, &kept);
        let changes = levels(&means, &kept, &gains);
        let weak = |(i, change): (usize, &ChangePoint)| {
            let small = (change.after - change.before).abs() < least * change.before.abs();
            (small || gains[i] < needed).then_some(i)
        };
        let weakest = changes
            .iter()
            .enumerate()
            .filter_map(weak)
            .min_by(|a, b| gains[*a].total_cmp(&gains[*b]));
        match weakest {
            Some(at) => {
                kept.remove(at);
            }
            None => {
                let whole =
                    |change: ChangePoint| ChangePoint { index: change.index * size, ..change };
                return changes.into_iter().map(whole).collect();
            }
        }
    }
}

/// The set of steps with the highest weight under any correlation, in order.
fn likeliest(searches: &[Search]) -> Vec<usize> {
    let best = searches.iter().flat_map(Search::forward).max_by(|a, b| a.0.total_cmp(&b.0));
    let mut steps = best.map(|(_, steps)| steps).unwrap_or_default();
    steps.sort_unstable();
    steps
}

/// By how much each step raises the logarithmic weight of the set, each at its best correlation.
fn gains(searches: &[Search], steps: &[usize]) -> Vec<f64> {
    let best = |steps: &[usize]| {
        searches.iter().map(|search| search.weight(steps)).fold(f64::NEG_INFINITY, f64::max)
    };
    let with = best(steps);
    (0..steps.len())
        .map(|left_out| {
            let others: Vec<usize> =
                steps.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, s)| *s).collect();
            with - best(&others)
        })
        .collect()
}

fn levels(values: &[f64], steps: &[usize], gains: &[f64]) -> Vec<ChangePoint> {
    let bounds: Vec<usize> =
        std::iter::once(0).chain(steps.iter().copied()).chain([values.len()]).collect();
    bounds
        .windows(3)
        .zip(gains)
        .map(|(b, gain)| ChangePoint {
            index: b[1],
            before: mean(&values[b[0]..b[1]]),
            after: mean(&values[b[1]..b[2]]),
            chance: 1.0 / (1.0 + gain.exp()),
        })
        .collect()
}

/// The series under one correlation, which is removed (Prais and Winsten, 1954).
struct Search {
    correlation: f64,
    one: Vec<f64>,
    y: Vec<f64>,
}

impl Search {
    fn new(values: &[f64], correlation: f64) -> Self {
        let one = whiten(&vec![1.0; values.len()], correlation);
        let middle = mean(values);
        let centred: Vec<f64> = values.iter().map(|value| value - middle).collect();
        Self { correlation, one, y: whiten(&centred, correlation) }
    }

    fn step(&self, at: usize) -> Vec<f64> {
        let column: Vec<f64> = (0..self.y.len()).map(|i| f64::from(u8::from(i >= at))).collect();
        whiten(&column, self.correlation)
    }

    /// The best set of each size, each one step more than the last, with their weights.
    fn forward(&self) -> Vec<(f64, Vec<usize>)> {
        let n = self.y.len();
        let mut basis = vec![unit(&self.one)];
        let mut rest = without(&self.y, &basis);
        let mut steps: Vec<usize> = Vec::new();
        let mut found = vec![(self.weight(&steps), steps.clone())];
        for _ in 0..MOST {
            let free =
                (FEWEST..=n - FEWEST).filter(|at| steps.iter().all(|s| s.abs_diff(*at) >= FEWEST));
            let best = free
                .map(|at| {
                    let column = without(&self.step(at), &basis);
                    (dot(&column, &rest).powi(2) / dot(&column, &column).max(1e-300), at, column)
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, at, column)) = best else { break };
            basis.push(unit(&column));
            rest = without(&rest, &basis[basis.len() - 1..]);
            steps.push(at);
            found.push((self.weight(&steps), steps.clone()));
        }
        found
    }

    /// The logarithm of the marginal likelihood times prior of a set of steps.
    fn weight(&self, steps: &[usize]) -> f64 {
        let columns: Vec<Vec<f64>> = steps.iter().map(|at| self.step(*at)).collect();
        let columns: Vec<&[f64]> =
            std::iter::once(&self.one).chain(&columns).map(Vec::as_slice).collect();
        let (Some(null), Some(full)) = (fit(&columns[..1], &self.y), fit(&columns, &self.y)) else {
            return f64::NEG_INFINITY;
        };
        let n = as_f64(self.y.len() as u64);
        let scale = dot(&self.y, &self.y) * 1e-9 + f64::MIN_POSITIVE;
        let squares = full.squares + (null.squares - full.squares) / (1.0 + n) + scale;
        0.5 * (1.0 - self.correlation * self.correlation).ln()
            - 0.5 * null.log_determinant
            - as_f64(steps.len() as u64) * (0.5 * (1.0 + n).ln() + n.ln())
            - 0.5 * (n - 1.0) * squares.ln()
    }
}

fn whiten(values: &[f64], correlation: f64) -> Vec<f64> {
    let first = values.first().map(|value| value * (1.0 - correlation * correlation).sqrt());
    let rest = values.windows(2).map(|pair| pair[1] - correlation * pair[0]);
    first.into_iter().chain(rest).collect()
}

fn unit(column: &[f64]) -> Vec<f64> {
    let length = dot(column, column).sqrt().max(1e-150);
    column.iter().map(|value| value / length).collect()
}

/// What is left of a column beside an orthonormal basis.
fn without(column: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut rest = column.to_vec();
    for known in basis {
        let share = dot(&rest, known);
        rest.iter_mut().zip(known).for_each(|(value, known)| *value -= share * known);
    }
    rest
}

/// The index from which `values` are steady: what is before it is warm-up.
///
/// `None` for fewer than 20 values, values that are not finite, or when no half of the series or more is steady.
///
/// Method: the start that makes the standard error of the mean of the rest smallest (White's MSER-5, Simulation
/// 69, 1997: means of five values, or of as many as leave 20 means), looked for in the first half. There is none when
/// the rest still climbs or falls by more than its noise.
#[must_use]
pub fn steady_from(values: &[f64]) -> Option<usize> {
    let n = values.len();
    if n < 20 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let size = (n / 20).clamp(1, 5);
    let means: Vec<f64> = values.chunks_exact(size).map(mean).collect();
    let error = |start: usize| {
        let rest = &means[start..];
        let (mean, m) = (mean(rest), as_f64(rest.len() as u64));
        rest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (m * m)
    };
    let start = (0..=means.len() / 2).min_by(|&a, &b| error(a).total_cmp(&error(b)))?;
    (!climbs(&means[start..])).then_some(start * size)
}

/// Whether values have a trend that is seen and is more than their noise: a change, from end to end, of
/// over two standard deviations of what is left beside it.
fn climbs(values: &[f64]) -> bool {
    let places: Vec<f64> = (0..values.len()).map(|i| as_f64(i as u64)).collect();
    let Some(line) = trend(&places, values) else { return false };
    let seen =
        line.low().is_some_and(|low| low > 0.0) || line.high().is_some_and(|high| high < 0.0);
    let rest: Vec<f64> =
        places.iter().zip(values).map(|(x, y)| y - line.intercept() - line.slope() * x).collect();
    let noise = (dot(&rest, &rest) / as_f64(rest.len() as u64)).sqrt();
    seen && line.slope().abs() * as_f64(values.len() as u64) > 2.0 * noise
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / as_f64(values.len().max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::rng;
    use rand_distr::{Distribution, StandardNormal};

    fn noise(case: u64, n: usize, correlation: f64) -> Vec<f64> {
        let mut rng = rng(case);
        let mut state: f64 = StandardNormal.sample(&mut rng);
        (0..n)
            .map(|_| {
                let fresh: f64 = StandardNormal.sample(&mut rng);
                let value = state;
                state = correlation * state + (1.0 - correlation * correlation).sqrt() * fresh;
                100.0 + 3.0 * value
            })
            .collect()
    }

    #[test]
    fn noise_has_no_change_even_when_correlated() {
        for (correlation, most) in [(0.0, 6), (0.5, 8), (0.8, 14)] {
            let alarms = (0..300)
                .filter(|case| !change_points(&noise(*case, 60, correlation), 0.01, 0.0).is_empty())
                .count();
            assert!(alarms <= most, "correlation {correlation}: {alarms} of 300");
        }
    }

    #[test]
    fn two_steps_are_found_where_they_are() {
        let mut found = 0;
        for case in 0..50 {
            let mut values = noise(case, 90, 0.3);
            values[30..].iter_mut().for_each(|value| *value += 15.0);
            values[60..].iter_mut().for_each(|value| *value -= 25.0);
            let places: Vec<usize> =
                change_points(&values, 0.01, 0.05).iter().map(ChangePoint::index).collect();
            let near = |place: usize, truth: usize| place.abs_diff(truth) <= 2;
            found += usize::from(places.len() == 2 && near(places[0], 30) && near(places[1], 60));
        }
        assert!(found >= 45, "{found} of 50");
    }

    #[test]
    fn exact_steps_have_exact_levels() {
        let values: Vec<f64> = [vec![10.0; 10], vec![12.0; 10]].concat();
        let changes = change_points(&values, 0.01, 0.05);
        assert_eq!(changes.len(), 1);
        let change = changes[0];
        assert_eq!((change.index(), change.before(), change.after()), (10, 10.0, 12.0));
        assert!(change_points(&[5.0; 30], 0.01, 0.0).is_empty());
        assert!(change_points(&[1.0, f64::NAN], 0.01, 0.0).is_empty());
    }

    #[test]
    fn a_warm_up_is_cut_and_a_climb_is_never_steady() {
        for case in 0..30 {
            let mut values = noise(case, 200, 0.3);
            values.iter_mut().enumerate().for_each(|(i, value)| {
                *value += 60.0 * (-(i as f64) / 8.0).exp();
            });
            let start = steady_from(&values).expect("steady");
            assert!((8..=100).contains(&start), "case {case}: {start}");
            let mut climb = noise(case, 200, 0.3);
            climb.iter_mut().enumerate().for_each(|(i, value)| *value += i as f64 / 4.0);
            assert_eq!(steady_from(&climb), None, "case {case}");
        }
        assert_eq!(steady_from(&[7.0; 40]), Some(0));
    }
}
