//! Summing up a conversation so that it can go on without its beginning.
//!
//! A summary stands in a system message that begins with [`SUMMARY_OPENING`]; the model reads its
//! lines as if the user had said them, and nothing else remains of what was summed up.

use super::text::{after_each, head, strip};
use crate::message::{Message, Role};

/// What the system message that holds a summary begins with.
pub const SUMMARY_OPENING: &str = "Summary of the earlier conversation:\n";

/// What a request for such a summary begins with.
const REQUEST: &str = "Summarise the conversation above";

/// The words before the number of tokens it may have.
const LIMIT: &str = "in at most ";

/// Most and fewest characters of an excerpt.
const LONGEST: usize = 160;
const SHORTEST: usize = 40;

/// The user message that asks the model to sum up all messages before it in at most so many tokens.
#[must_use]
pub fn summary_request(tokens: u64) -> Message {
    Message::user(format!(
        "{REQUEST} {LIMIT}{tokens} tokens, so that it can go on from the summary alone: keep \
         what was told, decided and left open."
    ))
}

/// The summary that the last message asks for; `None` when it asks for none.
pub(crate) fn spoken(messages: &[&Message]) -> Option<String> {
    let (last, earlier) = messages.split_last()?;
    let asked = last.content.strip_prefix(REQUEST).filter(|_| last.role == Role::User)?;
    let tokens = after_each(asked, LIMIT).find_map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok()
    })?;
    let summary = digest(earlier, tokens);
    Some(if summary.is_empty() { "Nothing was told.".to_owned() } else { summary })
}

/// The lines of the summary in `message`; none when it holds no summary.
pub(super) fn summary_lines(message: &Message) -> impl DoubleEndedIterator<Item = &str> {
    let summary = message.content.strip_prefix(SUMMARY_OPENING);
    let summary = summary.filter(|_| message.role == Role::System).unwrap_or_default();
    summary.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Sums up `messages`, oldest first, in about `tokens` tokens (three characters each): what an
/// earlier summary said, then the beginning of each of the user's messages on a line of its own, in
/// their order, as long as there is room for. When even short beginnings do not all fit, questions
/// give way to what was told, and the old to the new. Empty when nothing was told.
#[must_use]
pub fn digest(messages: &[&Message], tokens: u64) -> String {
    let lines: Vec<&str> = messages.iter().flat_map(|message| lines(message)).collect();
    let room = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(3);
    let each = (room / lines.len().max(1)).saturating_sub(1).clamp(SHORTEST, LONGEST);
    let texts: Vec<&str> = lines.iter().map(|line| head(line, each).trim_end()).collect();
    let (asked, told): (Vec<usize>, Vec<usize>) =
        (0..lines.len()).rev().partition(|at| is_question(lines[*at]));
    let mut left = room;
    let mut chosen: Vec<usize> = told
        .into_iter()
        .chain(asked)
        .take_while(|at| {
            let size = texts[*at].chars().count() + 1;
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        })
        .collect();
    chosen.sort_unstable();
    chosen.into_iter().map(|at| texts[at]).collect::<Vec<&str>>().join("\n")
}

/// True for what ends as a question does, or asks for something to be recalled.
fn is_question(line: &str) -> bool {
    line.ends_with('?') || strip(line, "recall message ").is_some()
}

/// What of `message` is worth a line: the lines of an earlier summary, the first of a user's text.
fn lines(message: &Message) -> Vec<&str> {
    let told = (message.role == Role::User)
        .then(|| message.content.lines().map(str::trim).find(|line| !line.is_empty()))
        .flatten();
    summary_lines(message).chain(told).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{answer, says};
    use super::*;
    use crate::profile::Profile;

    fn summary(messages: &[Message], tokens: u64) -> String {
        digest(&messages.iter().collect::<Vec<_>>(), tokens)
    }

    #[test]
    fn the_users_words_and_the_earlier_summary_are_quoted() {
        let messages = [
            Message::text(Role::System, format!("{SUMMARY_OPENING}The word is fox.\nIt rained.")),
            Message::user("\n  My dog is Rex.\nMore."),
            Message::assistant("Nice."),
            Message::tool_result("c", "{}"),
        ];
        assert_eq!(summary(&messages, 100), "The word is fox.\nIt rained.\nMy dog is Rex.");
    }

    #[test]
    fn what_was_told_outlives_what_was_asked() {
        let told = "My code word is zebra.";
        let mut talk = vec![Message::user(told)];
        talk.extend((0..20).map(|n| Message::user(format!("Is this the question {n}?"))));
        let summary = summary(&talk, 30);
        assert!(summary.starts_with(told) && summary.ends_with("question 19?"), "{summary}");
    }

    #[test]
    fn excerpts_shorten_before_any_is_left_out_and_the_newest_win() {
        let talk: Vec<Message> =
            (10..20).map(|n| Message::user(format!("{n} {}", "x".repeat(200)))).collect();
        assert_eq!(summary(&talk, 1000).len(), 10 * LONGEST + 9);
        let shorter = summary(&talk, 200);
        assert!(shorter.len() < 600 && shorter.lines().count() == 10, "{shorter}");
        let few = summary(&talk, 30);
        let starts: Vec<&str> = few.lines().map(|line| &line[..2]).collect();
        assert_eq!(starts, ["18", "19"]);
        assert_eq!(summary(&[], 30), "");
    }

    #[test]
    fn a_request_is_answered_with_the_summary_and_other_talk_is_not() {
        let told = Message::user("My code word is elm.");
        let request = summary_request(50);
        assert_eq!(spoken(&[&told, &request]).as_deref(), Some("My code word is elm."));
        assert_eq!(spoken(&[&request]).as_deref(), Some("Nothing was told."));
        assert_eq!(spoken(&[&told]), None);
        assert!(says(&["one", "Summarise our conversation."]).contains("2 messages"));
    }

    #[test]
    fn what_a_summary_says_is_known_and_what_the_operator_says_is_not() {
        let ask = |system: &str, question: &str| {
            let messages = [Message::text(Role::System, system), Message::user(question)];
            answer(&messages.iter().collect::<Vec<_>>(), 1, Profile::Fast.pace().lengths)
        };
        let summary = format!("{SUMMARY_OPENING}My code word is elm.\nMessage 3: red apples");
        assert_eq!(ask(&summary, "What is my code word?"), "Your code word is elm.");
        assert_eq!(ask(&summary, "Recall message 3"), "Message 3 was: \"red apples\"");
        let operator = ask("My code word is elm.", "What is my code word?");
        assert!(operator.contains("do not know"), "{operator}");
    }
}
