//! The text that programs show their metrics in: Prometheus's, and `OpenMetrics`.
//!
//! The reader is tolerant, because targets are: lines that make no sense are left out and the rest is
//! read, and there are limits, so that no answer costs more than a glance.

use std::borrow::Cow;

/// Longest line read.
const LONGEST_LINE: usize = 4096;
/// Most samples read.
const MOST_SAMPLES: usize = 20_000;
/// Most labels of a sample.
const MOST_LABELS: usize = 32;

/// A named number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    pub(crate) labels: Vec<(&'a str, Cow<'a, str>)>,
    pub(crate) value: f64,
}

impl Sample<'_> {
    /// Whether the label `name` is there with this value.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.labels.iter().any(|(label, found)| *label == name && found == value)
    }
}

/// The samples of `text`, in its order, as far as they can be read.
pub(crate) fn samples(text: &str) -> impl Iterator<Item = Sample<'_>> {
    text.lines()
        .filter(|line| line.len() <= LONGEST_LINE)
        .filter_map(|line| sample(line.trim()))
        .take(MOST_SAMPLES)
}

/// `name{label="value",…} number [timestamp] [# exemplar]`.
fn sample(line: &str) -> Option<Sample<'_>> {
    if line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = line.split_at(end);
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let (labels, rest) = match rest.trim_start().strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    let value = rest.split_whitespace().next()?;
    // Rust reads `NaN`, `+Inf` and `1e9` as both formats write them.
    Some(Sample { name, labels, value: value.parse().ok()? })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')
}

type Labels<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// The labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(Labels<'_>, &str)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((found, after));
        }
        let (name, after) = rest.split_once('=')?;
        let quoted = after.trim_start().strip_prefix('"')?;
        let (value, after) = unquote(quoted)?;
        if found.len() < MOST_LABELS {
            found.push((name.trim(), value));
        }
        rest = after;
    }
}

/// Text up to the closing quote, with `\\`, `\"` and `\n` resolved, and what follows it.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut resolved: Option<String> = None;
    let mut plain_from = 0;
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => {
                let plain = &text[plain_from..at];
                let value = match resolved {
                    Some(before) => Cow::Owned(before + plain),
                    None => Cow::Borrowed(plain),
                };
                return Some((value, &text[at + 1..]));
            }
            '\\' => {
                let (next, escaped) = characters.next()?;
                let resolved = resolved.get_or_insert_default();
                resolved.push_str(&text[plain_from..at]);
                resolved.push(if escaped == 'n' { '\n' } else { escaped });
                plain_from = next + escaped.len_utf8();
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<Sample<'_>> {
        samples(text).collect()
    }

    #[test]
    fn both_formats_are_read() {
        let text = "# HELP go_gc_duration_seconds Pauses.\n# TYPE x summary\r\n\
                    go_gc_duration_seconds_sum 0.25\r\n\
                    http_requests_total{method=\"post\",path=\"/a\\\"b\\\\c\\nd\",} 3 1395066363000\n\
                    latency_bucket{le=\"+Inf\"} 17 # {trace_id=\"ab\"} 0.67 1.5\n\
                    odd NaN\nvllm:num_requests_running 2.0\n# EOF\n";
        let found = all(text);
        assert_eq!(found.len(), 5);
        assert_eq!((found[0].name, found[0].value), ("go_gc_duration_seconds_sum", 0.25));
        assert!(found[1].has("method", "post") && found[1].has("path", "/a\"b\\c\nd"), "{found:?}");
        assert_eq!(found[1].value, 3.0);
        assert!(found[2].has("le", "+Inf") && found[3].value.is_nan());
        assert_eq!(found[4].name, "vllm:num_requests_running");
    }

    #[test]
    fn nonsense_and_overlong_lines_are_left_out() {
        let long = format!("a{{l=\"{}\"}} 1\nb 2", "x".repeat(LONGEST_LINE));
        assert_eq!(all(&long).len(), 1);
        assert!(all("<html>\n{\n}\na{\na{b\na{b=\na{b=\"\na{b=\"c\\\na\n =1\né 1\n").is_empty());
        assert_eq!(all(&"a 1\n".repeat(MOST_SAMPLES + 5)).len(), MOST_SAMPLES);
        let many = format!("a{{{}}} 1", "l=\"v\",".repeat(100));
        assert_eq!(all(&many)[0].labels.len(), MOST_LABELS);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(\\PC|\n|[{}\",=\\\\# ])*") {
            for sample in samples(&text) {
                prop_assert!(!sample.name.is_empty());
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            name in "[a-z_:][a-z0-9_:]{0,20}",
            labels in prop::collection::vec(("[a-z]{1,8}", "\\PC{0,30}"), 0..5),
            value in -1e12_f64..1e12,
        ) {
            let written: Vec<String> = labels
                .iter()
                .map(|(label, value)| {
                    format!("{label}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                })
                .collect();
            let text = format!("{name}{{{}}} {value}\n", written.join(","));
            let found = all(&text);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].name, &name);
            prop_assert_eq!(found[0].value, value);
            let read: Vec<(String, String)> = found[0]
                .labels
                .iter()
                .map(|(label, value)| ((*label).to_owned(), value.clone().into_owned()))
                .collect();
            prop_assert_eq!(read, labels);
        }
    }
}
