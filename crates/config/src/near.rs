//! "Did you mean": the candidate nearest to a misspelt word.

/// Words less alike than this are not worth suggesting (1 is equal).
const ALIKE: f64 = 0.8;

/// The candidate most like `word`, whatever its case, if any is alike enough.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let likeness = |other: &str| strsim::jaro_winkler(&word, &other.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let keys = ["users", "spawn-rate", "run-time"];
        assert_eq!(nearest("spawn_rate", keys), Some("spawn-rate"));
        assert_eq!(nearest("Usres", keys), Some("users"));
        assert_eq!(nearest("compression", keys), None);
    }
}
