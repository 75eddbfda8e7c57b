//! Remembering a code word: "my code word is X", "what is my code word?".

use super::text::{after_each, contains, name, strip};
use super::told_texts;
use crate::message::Message;

const CUE: &str = "my code word";

/// Acknowledges a code word told in `asked`, or answers the question for one.
pub(super) fn spoken(messages: &[&Message], asked: &str) -> Option<String> {
    if !contains(asked, CUE) {
        return None;
    }
    let told = told(asked);
    if !asks(asked) {
        return told.map(|word| format!("I will remember that your code word is {word}."));
    }
    Some(match told_texts(messages).rev().find_map(self::told) {
        Some(word) => format!("Your code word is {word}."),
        None => "I do not know your code word; you have not told me one here.".to_owned(),
    })
}

/// The last code word told in `text`.
fn told(text: &str) -> Option<&str> {
    after_each(text, CUE).filter_map(word_told).last()
}

/// True when some mention of the code word does not tell it.
fn asks(text: &str) -> bool {
    after_each(text, CUE).any(|rest| word_told(rest).is_none())
}

/// The word in " is X", " is: X" or ": X".
fn word_told(rest: &str) -> Option<&str> {
    let is = strip(rest, " is").or_else(|| strip(rest, " was"));
    match is.unwrap_or(rest).strip_prefix(':') {
        Some(word) => name(word),
        None => is.filter(|word| word.starts_with(' ')).and_then(name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::says;

    #[test]
    fn a_told_word_is_repeated() {
        assert_eq!(
            says(&["Remember: my code word is zebra-17."]),
            "I will remember that your code word is zebra-17."
        );
        assert!(says(&["My code word: \"blue moon\"."]).contains("is blue moon."));
    }

    #[test]
    fn the_latest_word_is_recalled() {
        let answer = says(&[
            "Remember: my code word is old.",
            "My code word is new!",
            "Let us talk about Rust.",
            "What is my code word?",
        ]);
        assert_eq!(answer, "Your code word is new.");
        assert_eq!(says(&["my code word is fox. What is my code word?"]), "Your code word is fox.");
    }

    #[test]
    fn a_word_that_was_cut_away_is_not_recalled() {
        let answer = says(&["Let us talk about Rust.", "What is my code word?"]);
        assert!(answer.contains("do not know"), "{answer}");
        let answer = says(&["My code word is elm.", "What was my code word again?"]);
        assert_eq!(answer, "Your code word is elm.");
    }
}
