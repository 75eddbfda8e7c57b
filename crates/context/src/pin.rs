//! Facts that stay, because the user said so.

use memchr::memchr2_iter;
use victor_model::{Message, Role};

/// What pins a user message, wherever it stands in it and whatever its case, besides a sentence
/// that begins with `remember` or `please remember`.
pub const PINNING_PHRASES: [&str; 5] =
    ["remember:", "remember that", "must output", "required format", "deliverables:"];

/// For each of [`PINNING_PHRASES`], the byte to look for first: a rare letter of it.
const RARE: [usize; 5] = [5, 5, 8, 2, 4];

const OPENING: &str = "remember";
const POLITE: &str = "please";

/// True when compaction never removes `message`: a user's message that holds one of
/// [`PINNING_PHRASES`], or in which a sentence begins with `remember` or `please remember`.
///
/// ```
/// use victor_context::is_pinned;
/// use victor_model::Message;
///
/// assert!(is_pinned(&Message::user("Hi. Please remember my code word: zebra.")));
/// assert!(!is_pinned(&Message::user("Do you remember my code word?")));
/// assert!(!is_pinned(&Message::assistant("I will remember that.")));
/// ```
#[must_use]
pub fn is_pinned(message: &Message) -> bool {
    let text = message.content.as_bytes();
    message.role == Role::User
        && (occurrences(text, OPENING, 5).any(|at| begins_sentence(text, at))
            || PINNING_PHRASES
                .iter()
                .zip(RARE)
                .any(|(phrase, rare)| occurrences(text, phrase, rare).next().is_some()))
}

/// Where `phrase` (ASCII, lower case) stands in `text`, found by its byte at `rare`.
fn occurrences<'a>(
    text: &'a [u8],
    phrase: &'a str,
    rare: usize,
) -> impl Iterator<Item = usize> + 'a {
    let byte = phrase.as_bytes()[rare];
    memchr2_iter(byte, byte.to_ascii_uppercase(), text).filter_map(move |found| {
        let at = found.checked_sub(rare)?;
        let here = text.get(at..at + phrase.len())?;
        here.eq_ignore_ascii_case(phrase.as_bytes()).then_some(at)
    })
}

/// True when the `remember` at `at` is a whole word that a sentence or a line begins with.
fn begins_sentence(text: &[u8], at: usize) -> bool {
    let ends_there = text.get(at + OPENING.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let before = without_blanks(&text[..at]);
    let polite = before.len().checked_sub(POLITE.len()).filter(|start| {
        before.len() < at && before[*start..].eq_ignore_ascii_case(POLITE.as_bytes())
    });
    let before = polite.map_or(before, |start| without_blanks(&before[..start]));
    let begins = before.last().is_none_or(|last| b".!?:;,\n-*>(\"".contains(last));
    ends_there && begins
}

/// `text` without blanks at its end, but with the line break before them.
fn without_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    &text[..end.map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(text: &str) -> bool {
        is_pinned(&Message::user(text))
    }

    #[test]
    fn what_the_user_wants_remembered_is_pinned() {
        for text in [
            "Remember: my code word is zebra.",
            "remember my name",
            "Hello! REMEMBER, the port is 8000",
            "First line\n  please remember the second",
            "I want you to remember that the build is red",
            "Note to you: remember this",
        ] {
            assert!(pinned(text), "{text}");
        }
    }

    #[test]
    fn what_is_required_of_the_answer_is_pinned() {
        for phrase in PINNING_PHRASES {
            assert!(pinned(&format!("You see, the {} x", phrase.to_uppercase())), "{phrase}");
            assert!(!pinned(&phrase[1..]), "{phrase}");
        }
    }

    #[test]
    fn talk_about_remembering_is_not() {
        for text in [
            "Do you remember my code word?",
            "I remembered it",
            "Remembering is hard",
            "Remembrance",
            "What was the format required?",
            "We delivered it",
            "",
            "\u{e9}remember",
        ] {
            assert!(!pinned(text), "{text}");
        }
    }

    #[test]
    fn only_users_pin() {
        let told = "Remember: must output the required format";
        assert!(!is_pinned(&Message::assistant(told)));
        assert!(!is_pinned(&Message::tool_result("c", told)));
    }
}
