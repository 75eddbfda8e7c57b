//! How long things are, as data.

use crate::draw::Draws;

/// A distribution of whole numbers: tokens, or rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lengths {
    /// Always the same.
    Fixed(usize),
    /// Lognormal, cut off at `longest`.
    Lognormal {
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
        longest: usize,
    },
    /// From 0 on, each next number less likely by the same factor, cut off at `longest`.
    Geometric { mean: f64, longest: usize },
    /// Percentiles as (share, number), from (0, least) to (1, most), straight lines between.
    Table(&'static [(f64, f64)]),
}

impl Lengths {
    pub(crate) fn draw(self, draws: &mut Draws) -> usize {
        match self {
            Self::Fixed(length) => length,
            Self::Lognormal { median, sigma, longest } => {
                whole(draws.lognormal(median, sigma)).min(longest)
            }
            Self::Geometric { mean, longest } => {
                let stay = (mean / (1.0 + mean)).ln();
                whole(((1.0 - draws.uniform()).ln() / stay).floor()).min(longest)
            }
            Self::Table(points) => whole(between(points, draws.uniform())),
        }
    }

    /// The largest number there can be.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::Fixed(length) => length,
            Self::Lognormal { longest, .. } | Self::Geometric { longest, .. } => longest,
            Self::Table(points) => points.last().map_or(0, |(_, most)| whole(*most)),
        }
    }
}

fn whole(length: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest whole number, 0 at least"
    )]
    let whole = length.round() as usize;
    whole
}

fn between(points: &[(f64, f64)], share: f64) -> f64 {
    let next = points.partition_point(|point| point.0 < share);
    let (Some(&(s1, n1)), before) = (points.get(next), next.checked_sub(1)) else {
        return points.last().map_or(0.0, |point| point.1);
    };
    let Some(&(s0, n0)) = before.and_then(|before| points.get(before)) else { return n1 };
    n0 + (n1 - n0) * (share - s0) / (s1 - s0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lengths: Lengths) -> Vec<usize> {
        let mut draws = Draws::of_text(1, "lengths");
        let mut all: Vec<usize> = (0..20_001).map(|_| lengths.draw(&mut draws)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn each_distribution_has_its_percentiles() {
        assert_eq!(drawn(Lengths::Fixed(3))[0], 3);
        let lognormal = drawn(Lengths::Lognormal { median: 100.0, sigma: 0.5, longest: 250 });
        assert!(lognormal[10_000].abs_diff(100) <= 2 && lognormal[20_000] == 250);
        let geometric = Lengths::Geometric { mean: 8.3, longest: 1000 };
        let mean = drawn(geometric).iter().sum::<usize>() as f64 / 20_001.0;
        assert!((mean - 8.3).abs() < 0.3, "{mean}");
        let table = drawn(Lengths::Table(&[(0.0, 10.0), (0.5, 20.0), (1.0, 100.0)]));
        assert!(table[10_000].abs_diff(20) <= 1, "{}", table[10_000]);
        assert!(table[5_000].abs_diff(15) <= 1 && table[15_000].abs_diff(60) <= 2);
        assert!(table[0] == 10 && table[20_000] >= 99);
    }
}
