//! How deeply JSON is nested, before anybody walks into it.

/// Deepest nesting of arrays and objects accepted, as in `serde_json`; which does not count the
/// levels of fields that are ignored.
pub(crate) const DEEPEST: usize = 128;

/// True when `json` has more than [`DEEPEST`] arrays and objects inside one another. Brackets in
/// strings do not count. Text that is not JSON gives either answer; the parser refuses it.
pub(crate) fn is_too_deep(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => rest = after_string(rest),
            _ => {}
        }
    }
    false
}

/// What follows the string whose first quote was just read.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        if rest[at] == b'"' {
            return &rest[at + 1..];
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn nested(levels: usize) -> String {
        format!("{}1{}", r#"{"a":["#.repeat(levels / 2), "]}".repeat(levels / 2))
    }

    #[test]
    fn brackets_count_only_outside_strings() {
        assert!(!is_too_deep(nested(128).as_bytes()));
        assert!(is_too_deep(nested(130).as_bytes()));
        let text = format!(r#"{{"m":"\\\"{}"}}"#, "[".repeat(500));
        assert!(!is_too_deep(text.as_bytes()));
        let flat = format!("[{}1]", "[1],".repeat(500));
        assert!(!is_too_deep(flat.as_bytes()));
        assert!(!is_too_deep(br#""\"#));
    }

    proptest! {
        #[test]
        fn what_the_parser_reads_is_judged_as_the_parser_would(levels in 1..200_usize, text: String) {
            let text = Value::from(text).to_string();
            let json = format!("{}{text}{}", "[".repeat(levels), "]".repeat(levels));
            // The parser refuses the 128th level itself.
            let parsed = serde_json::from_str::<Value>(&json).is_ok();
            prop_assert_eq!(is_too_deep(json.as_bytes()), levels > DEEPEST);
            prop_assert_eq!(parsed, levels < DEEPEST);
        }
    }
}
