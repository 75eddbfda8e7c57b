//! Where an axis is marked, and what is written there.

use super::scale::Scale;

/// A mark: its value and its text.
pub(crate) type Tick = (f64, String);

/// Steps of time that people count in, in seconds.
const TIME_STEPS: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    14_400.0, 43_200.0, 86_400.0,
];

/// The step of 1, 2 or 5 times a power of ten that marks `span` about `wanted` times.
fn nice_step(span: f64, wanted: f64) -> f64 {
    let rough = (span / wanted).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= rough * 0.999);
    factor.unwrap_or(10.0) * power
}

/// The smallest range of whole steps that holds `low..high`, with about four of them.
pub(crate) fn nice_range(low: f64, high: f64) -> (f64, f64) {
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    let step = nice_step(span, 4.0);
    let top = (high / step - 1e-9).ceil() * step;
    let bottom = (low / step + 1e-9).floor() * step;
    (bottom, if top > bottom { top } else { bottom + step })
}

/// Marks of a linear axis.
pub(crate) fn linear(scale: &Scale) -> Vec<Tick> {
    let step = nice_step(scale.high() - scale.low(), 4.0);
    let digits = decimals(step);
    multiples(step, scale).map(|value| (value, format!("{value:.digits$}"))).collect()
}

/// Marks of an axis of seconds since the start.
pub(crate) fn time(scale: &Scale) -> Vec<Tick> {
    let span = scale.high() - scale.low();
    let last = TIME_STEPS[TIME_STEPS.len() - 1];
    let fitting = TIME_STEPS.into_iter().find(|step| span / step <= 6.5);
    let step = fitting.unwrap_or_else(|| nice_step(span / last, 6.0).max(1.0) * last);
    let (unit, name) = match step {
        ..60.0 => (1.0, "s"),
        ..3600.0 => (60.0, "min"),
        _ => (3600.0, "h"),
    };
    let text = |value: f64| format!("{:.0} {name}", value / unit);
    multiples(step, scale).map(|value| (value, text(value))).collect()
}

/// Marks of a logarithmic axis of milliseconds.
pub(crate) fn log_ms(scale: &Scale) -> Vec<Tick> {
    let first = scale.low().log10().floor() as i32;
    let last = scale.high().log10().ceil() as i32;
    let marks = |factors: &'static [f64]| {
        let decades = (first..=last).map(|power| 10_f64.powi(power));
        let all = decades.flat_map(move |decade| factors.iter().map(move |f| f * decade));
        let within = all.filter(|v| *v >= scale.low() * 0.999 && *v <= scale.high() * 1.001);
        within.map(|v| (v, short_ms(v))).collect::<Vec<_>>()
    };
    let fine = marks(&[1.0, 2.0, 5.0]);
    if fine.len() <= 8 { fine } else { marks(&[1.0]) }
}

/// `0.5 ms`, `20 ms`, `2 s`.
fn short_ms(value: f64) -> String {
    let (value, unit) = if value < 999.5 { (value, "ms") } else { (value / 1000.0, "s") };
    let digits = decimals(value);
    format!("{value:.digits$} {unit}")
}

/// Decimals that tell apart numbers a `step` from each other.
pub(crate) fn decimals(step: f64) -> usize {
    (0..9).find(|&digits| step * 10_f64.powi(digits) >= 0.999).unwrap_or(9) as usize
}

fn multiples(step: f64, scale: &Scale) -> impl Iterator<Item = f64> {
    let first = (scale.low() / step - 1e-6).ceil() as i64;
    let last = (scale.high() / step + 1e-6).floor() as i64;
    (first..=last).map(move |n| n as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ticks: Vec<Tick>) -> Vec<String> {
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn linear_marks_are_round_and_few() {
        let axis = |low, high| {
            let (low, high) = nice_range(low, high);
            texts(linear(&Scale::linear(low, high, 0.0, 1.0)))
        };
        assert_eq!(axis(0.0, 24.4), ["0", "10", "20", "30"]);
        assert_eq!(axis(0.0, 0.69), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert!(axis(0.0, 0.0).len() > 1);
    }

    #[test]
    fn time_is_marked_in_units_people_count_in() {
        let axis = |end| texts(time(&Scale::linear(0.0, end, 0.0, 1.0)));
        assert_eq!(axis(30.0), ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s"]);
        assert_eq!(axis(300.0), ["0 min", "1 min", "2 min", "3 min", "4 min", "5 min"]);
        assert_eq!(
            axis(10_800.0),
            ["0 min", "30 min", "60 min", "90 min", "120 min", "150 min", "180 min"]
        );
        assert_eq!(axis(86_400.0).last().map(String::as_str), Some("24 h"));
        assert!(axis(30.0 * 86_400.0).len() < 10);
    }

    #[test]
    fn log_marks_thin_out() {
        let axis = |low, high| texts(log_ms(&Scale::log(low, high, 0.0, 1.0)));
        assert_eq!(axis(28.0, 610.0), ["50 ms", "100 ms", "200 ms", "500 ms"]);
        assert_eq!(axis(0.09, 9000.0), ["0.1 ms", "1 ms", "10 ms", "100 ms", "1 s"]);
    }
}
