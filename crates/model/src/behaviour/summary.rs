//! Summing up: "summarise our conversation".

use super::text::{contains, head};
use super::user_texts;
use crate::message::Message;
use std::fmt::Write as _;

/// How many of the latest messages are quoted, and how many characters of each.
const QUOTED: usize = 3;
const START: usize = 60;

/// Counts the user's messages and quotes the start of the last few before this one.
pub(super) fn spoken(messages: &[&Message], asked: &str) -> Option<String> {
    let asks = contains(asked, "summari")
        && ["conversation", "we discussed", "we talked", "so far"]
            .iter()
            .any(|cue| contains(asked, cue));
    if !asks {
        return None;
    }
    let texts: Vec<&str> = user_texts(messages).collect();
    let mut summary = match texts.len() {
        1 => "So far our conversation has 1 message from you, this request.".to_owned(),
        count => format!(
            "So far our conversation has {count} messages from you, this request included. The \
             latest before it:"
        ),
    };
    let earlier = &texts[..texts.len().saturating_sub(1)];
    for (at, text) in earlier[earlier.len().saturating_sub(QUOTED)..].iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let text = text.trim();
        let quote = head(text, START);
        let more = if quote.len() < text.len() { "..." } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(summary, "{comma} \"{quote}{more}\"");
    }
    Some(summary)
}

#[cfg(test)]
mod tests {
    use super::super::says;

    #[test]
    fn it_counts_and_quotes_the_latest() {
        let long = "d".repeat(80);
        let answer =
            says(&["alpha", "bravo", "charlie", &long, "Please summarise our conversation."]);
        assert_eq!(
            answer,
            format!(
                "So far our conversation has 5 messages from you, this request included. The \
                 latest before it: \"bravo\", \"charlie\", \"{}...\"",
                "d".repeat(60)
            )
        );
        assert!(says(&["Summarize our conversation so far"]).contains("1 message"));
        assert!(!says(&["Summarise this article"]).contains("our conversation has"));
    }
}
