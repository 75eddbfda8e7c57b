//! Numbered messages: "Message N: TEXT" is noted, "Recall message N" quotes TEXT.

use super::text::{after_each, head};
use super::told_texts;
use crate::message::Message;

/// Longest quotation in characters.
const QUOTE: usize = 500;

/// Notes a numbered message, recalls another, or both.
pub(super) fn spoken(messages: &[&Message], asked: &str) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some((number, _)) = numbered(asked) {
        parts.push(format!("Message {number} noted."));
    }
    if let Some(number) =
        after_each(asked, "recall message ").find_map(|rest| Some(digits(rest)?.0))
    {
        parts.push(match text_of(messages, number) {
            Some(text) => format!("Message {number} was: \"{}\"", head(text, QUOTE)),
            None => format!("I do not recall message {number}."),
        });
    }
    parts
}

/// The text of the newest user message numbered `number`.
fn text_of<'a>(messages: &[&'a Message], number: &str) -> Option<&'a str> {
    told_texts(messages)
        .rev()
        .filter_map(numbered)
        .find_map(|(found, text)| (found == number && !text.is_empty()).then_some(text))
}

/// Number and text of "Message N: TEXT".
fn numbered(text: &str) -> Option<(&str, &str)> {
    after_each(text, "message ").find_map(|rest| {
        let (number, rest) = digits(rest)?;
        Some((number, rest.strip_prefix(':')?.trim()))
    })
}

/// The number `text` starts with and what follows it.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::super::says;

    #[test]
    fn a_numbered_message_is_noted_and_recalled() {
        assert_eq!(says(&["Message 12: the sky is green"]), "Message 12 noted.");
        let told = ["Message 3: red apples", "Message 31: blue pears"];
        assert_eq!(says(&[told[0], told[1], "Recall message 3"]), "Message 3 was: \"red apples\"");
        assert_eq!(
            says(&[told[0], told[1], "Please recall message 31."]),
            "Message 31 was: \"blue pears\""
        );
    }

    #[test]
    fn a_message_that_was_cut_away_is_not_recalled() {
        assert_eq!(
            says(&["Message 31: blue pears", "Recall message 3"]),
            "I do not recall message 3."
        );
    }

    #[test]
    fn a_message_may_be_noted_while_another_is_recalled() {
        let answer = says(&["Message 7: oak", "Message 8: recall message 7"]);
        assert_eq!(answer, "Message 8 noted. Message 7 was: \"oak\"");
    }
}
