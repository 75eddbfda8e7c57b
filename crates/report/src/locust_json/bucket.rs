//! Locust's rounding of response times.

/// `micros` in Locust's buckets, in milliseconds: under 100 ms to 1, under 1 s to 10, under 10 s to
/// 100, else to 1000; a half goes to the even neighbour, as in Python.
pub(crate) fn rounded_ms(micros: u64) -> u64 {
    let step = match micros {
        0..100_000 => 1_000,
        100_000..1_000_000 => 10_000,
        1_000_000..10_000_000 => 100_000,
        _ => 1_000_000,
    };
    let (whole, rest) = (micros / step, micros % step);
    let up = rest * 2 > step || (rest * 2 == step && whole % 2 == 1);
    (whole + u64::from(up)) * step / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [
            (0, 0),
            (499, 0),
            (500, 0),
            (1_500, 2),
            (2_500, 2),
            (99_600, 100),
            (145_000, 140),
            (155_000, 160),
            (147_000, 150),
            (999_000, 1_000),
            (3_432_000, 3_400),
            (10_500_000, 10_000),
            (58_760_000, 59_000),
        ];
        for (micros, ms) in cases {
            assert_eq!(rounded_ms(micros), ms, "{micros} µs");
        }
    }
}
