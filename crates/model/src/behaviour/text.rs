//! Finding things in text without regard to ASCII case.

/// Where `needle` (ASCII, in lower case) begins in `text`.
pub(super) fn find(text: &str, needle: &str) -> Option<usize> {
    let first = *needle.as_bytes().first()?;
    text.as_bytes().windows(needle.len()).position(|window| {
        window[0].to_ascii_lowercase() == first && window.eq_ignore_ascii_case(needle.as_bytes())
    })
}

/// True when `needle` (ASCII, in lower case) is in `text`.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    find(text, needle).is_some()
}

/// What follows each occurrence of `needle` (ASCII, in lower case), first to last.
pub(super) fn after_each<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = find(rest, needle)?;
        rest = rest.get(at + needle.len()..)?;
        Some(rest)
    })
}

/// `text` without `prefix` (ASCII, in lower case), or `None` when it does not start with it.
pub(super) fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The name `text` starts with: what stands in quotes, else the word up to the next blank without
/// the punctuation after it. `None` when nothing is left.
pub(super) fn name(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let name = quoted(text).unwrap_or_else(|| bare(text.split_whitespace().next().unwrap_or("")));
    (!name.is_empty()).then_some(name)
}

/// What stands between the quotes `text` starts with.
pub(super) fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'))?;
    let inner = text.get(1..)?;
    inner.get(..inner.find(quote)?)
}

/// A word without the quotes and the punctuation of the sentence around it.
pub(super) fn bare(word: &str) -> &str {
    let word = word.trim_start_matches(['"', '\'', '`', '(', '[']);
    let word = word.trim_end_matches([',', ';', ':', '!', '?', '"', '\'', '`', ')', ']']);
    match word.strip_suffix('.') {
        Some(inner) if !inner.ends_with('.') => bare_end(inner),
        _ => word,
    }
}

fn bare_end(word: &str) -> &str {
    word.trim_end_matches(['"', '\'', '`', ')', ']'])
}

/// The first `limit` characters of `text`.
pub(super) fn head(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_sentence_around_them() {
        assert_eq!(name(" zebra-7. Thanks"), Some("zebra-7"));
        assert_eq!(name("\"blue moon\", please"), Some("blue moon"));
        assert_eq!(name("`Cargo.toml`?"), Some("Cargo.toml"));
        assert_eq!(name("../.. now"), Some("../.."));
        assert_eq!(name(" . "), None);
        assert_eq!(name("'open"), Some("open"));
    }

    #[test]
    fn search_ignores_case_and_survives_wide_characters() {
        assert_eq!(find("\u{c4}\u{c4} My Code", "my code"), Some(5));
        assert_eq!(after_each("a b A c", "a").collect::<Vec<_>>(), [" b A c", " c"]);
        assert_eq!(strip("Read x", "read "), Some("x"));
        assert_eq!(strip("\u{20ac}", "re"), None);
        assert_eq!(head("h\u{e9}llo", 2), "h\u{e9}");
    }
}
