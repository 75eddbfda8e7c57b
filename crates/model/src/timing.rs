//! How long a reply takes, in closed form.

use crate::draw::Draws;
use crate::profile::Pace;
use std::time::Duration;

/// When the tokens of a reply are ready, counted from the instant the model was asked.
///
/// Spans have nanosecond resolution; whoever waits should wait for `start + offset`, so that the
/// rounding of timers does not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    prefill: Duration,
    /// One span a token; empty when no token takes any time.
    gaps: Vec<Duration>,
    tokens: usize,
}

impl Timing {
    pub(crate) fn draw(pace: &Pace, prompt: usize, output: usize, draws: &mut Draws) -> Self {
        if pace.overhead.is_zero() && pace.per_output_token.is_zero() {
            return Self { prefill: Duration::ZERO, gaps: Vec::new(), tokens: output };
        }
        let prompt = u32::try_from(prompt).unwrap_or(u32::MAX);
        let fixed = pace.overhead + pace.per_prompt_token.saturating_mul(prompt);
        let prefill = fixed.mul_f64(draws.jitter(pace.jitter));
        let gaps =
            (0..output).map(|_| pace.per_output_token.mul_f64(draws.jitter(pace.jitter))).collect();
        Self { prefill, gaps, tokens: output }
    }

    /// The same with every span `factor` times as long.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        self.prefill = self.prefill.mul_f64(factor);
        self.gaps.iter_mut().for_each(|gap| *gap = gap.mul_f64(factor));
        self
    }

    /// The same for the first `tokens` alone.
    #[must_use]
    pub(crate) fn first(mut self, tokens: usize) -> Self {
        self.gaps.truncate(tokens);
        Self { tokens: self.tokens.min(tokens), ..self }
    }

    /// Time before the model starts on the first token.
    #[must_use]
    pub fn prefill(&self) -> Duration {
        self.prefill
    }

    /// Time each token takes, in order.
    pub fn decode(&self) -> impl Iterator<Item = Duration> + '_ {
        (0..self.tokens).map(|at| self.gaps.get(at).copied().unwrap_or_default())
    }

    /// When each token is ready, counted from the start of the reply.
    pub fn offsets(&self) -> impl Iterator<Item = Duration> + '_ {
        self.decode().scan(self.prefill, |at, gap| {
            *at += gap;
            Some(*at)
        })
    }

    /// When the last token is ready.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.prefill + self.gaps.iter().sum::<Duration>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn median_total(profile: Profile, prompt: usize, output: usize) -> f64 {
        let mut totals: Vec<f64> = (0..2000)
            .map(|n| {
                let mut draws = Draws::of_text(n, "timing");
                Timing::draw(profile.pace(), prompt, output, &mut draws).total().as_secs_f64() * 1e3
            })
            .collect();
        totals.sort_by(f64::total_cmp);
        totals[1000]
    }

    #[test]
    fn medians_follow_the_closed_form() {
        assert!(median_total(Profile::Instant, 5000, 400) == 0.0);
        // 12 ms + 20 tokens of 1 ms; a lognormal's median lies a little below its mean.
        let fast = median_total(Profile::Fast, 20, 20);
        assert!((31.0..33.0).contains(&fast), "{fast}");
        // 4,000 more prompt tokens of 5 us each cost 20 ms.
        let grown = median_total(Profile::Fast, 4020, 20) - fast;
        assert!((18.0..21.0).contains(&grown), "{grown}");
        // 300 ms + 1,000 x 0.1 ms + 60 x 12 ms.
        let cloud = median_total(Profile::Cloud, 1000, 60);
        assert!((1090.0..1125.0).contains(&cloud), "{cloud}");
    }

    #[test]
    fn scaling_stretches_every_span() {
        let draw = || Timing::draw(Profile::Fast.pace(), 100, 12, &mut Draws::of_text(3, "x"));
        let (plain, double) = (draw(), draw().scaled(2.0));
        assert_eq!(double.prefill(), plain.prefill() * 2);
        let ratio = double.total().as_secs_f64() / plain.total().as_secs_f64();
        assert!((ratio - 2.0).abs() < 1e-6, "{ratio}");
        assert_eq!(draw().first(3).total(), plain.offsets().nth(2).expect("12 tokens"));
    }

    #[test]
    fn the_last_offset_is_the_total() {
        let mut draws = Draws::of_text(3, "offsets");
        let timing = Timing::draw(Profile::Fast.pace(), 100, 12, &mut draws);
        let offsets: Vec<Duration> = timing.offsets().collect();
        assert_eq!(offsets.len(), 12);
        assert!(offsets.is_sorted());
        assert!(offsets[0] > timing.prefill());
        assert_eq!(offsets[11], timing.total());
    }
}
