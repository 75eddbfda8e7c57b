//! Who writes a summary.

use crate::pin::is_pinned;
use crate::summary::{SUMMARY_OPENING, is_summary};
use crate::weight::Tokens;
use std::sync::Arc;
use victor_model::{Message, Role};

/// Writes summaries at once. Whoever has to wait for one (a model) takes the two steps of
/// [`SummaryPlan`](crate::SummaryPlan) instead. Functions of this shape are summarisers, too.
pub trait Summarizer {
    /// Sums up `messages`, oldest first, in at most `limit` tokens. Empty when it cannot.
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String;
}

impl<F: Fn(&[Arc<Message>], Tokens) -> String> Summarizer for F {
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String {
        self(messages, limit)
    }
}

/// Sums up without a model: what an earlier summary said, then the beginning of each of the user's
/// messages on a line of its own, in their order, as long as there is room for. When even short
/// beginnings do not all fit, questions give way to what was told, and the old to the new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Excerpts;

/// Most and fewest characters of an excerpt.
const LONGEST: usize = 160;
const SHORTEST: usize = 40;

impl Summarizer for Excerpts {
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String {
        let lines: Vec<&str> = messages.iter().flat_map(|message| lines(message)).collect();
        // Three characters a token fit whatever the kind; the caller cuts what still does not.
        let room = usize::try_from(limit.0).unwrap_or(usize::MAX).saturating_mul(3);
        let each = (room / lines.len().max(1)).saturating_sub(1).clamp(SHORTEST, LONGEST);
        let texts: Vec<&str> = lines.iter().map(|line| excerpt(line, each)).collect();
        let (asked, told): (Vec<usize>, Vec<usize>) =
            (0..lines.len()).rev().partition(|at| lines[*at].ends_with('?'));
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
}

/// What of `message` is worth a line: the lines of an earlier summary, the first of a user's text.
fn lines(message: &Message) -> Vec<&str> {
    let filled = |line: &&str| !line.is_empty();
    if is_summary(message) {
        let text = message.content.strip_prefix(SUMMARY_OPENING).unwrap_or_default();
        return text.lines().map(str::trim).filter(filled).collect();
    }
    let told = message.role == Role::User && !is_pinned(message);
    let first = message.content.lines().map(str::trim).find(filled);
    first.filter(|_| told).into_iter().collect()
}

/// The first `length` characters of `line`.
fn excerpt(line: &str, length: usize) -> &str {
    line.char_indices().nth(length).map_or(line, |(at, _)| line[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(messages: Vec<Message>, limit: u64) -> String {
        let messages: Vec<Arc<Message>> = messages.into_iter().map(Arc::new).collect();
        Excerpts.summarize(&messages, Tokens(limit))
    }

    #[test]
    fn the_users_words_and_the_earlier_summary_are_quoted() {
        let messages = vec![
            Message::text(Role::System, format!("{SUMMARY_OPENING}The word is fox.\nIt rained.")),
            Message::user("\n  My dog is Rex.\nMore."),
            Message::assistant("Nice."),
            Message::tool_result("c", "{}"),
        ];
        assert_eq!(summary(messages, 100), "The word is fox.\nIt rained.\nMy dog is Rex.");
    }

    #[test]
    fn what_was_told_outlives_what_was_asked() {
        let told = "My code word is zebra.";
        let mut talk = vec![Message::user(told)];
        talk.extend((0..20).map(|n| Message::user(format!("Is this the question {n}?"))));
        let summary = summary(talk, 30);
        assert!(summary.starts_with(told) && summary.ends_with("question 19?"), "{summary}");
    }

    #[test]
    fn excerpts_shorten_before_any_is_left_out_and_the_newest_win() {
        let talk = || (10..20).map(|n| Message::user(format!("{n} {}", "x".repeat(200)))).collect();
        assert_eq!(summary(talk(), 1000).len(), 10 * LONGEST + 9);
        let shorter = summary(talk(), 200);
        assert!(shorter.len() < 600 && shorter.lines().count() == 10, "{shorter}");
        let few = summary(talk(), 30);
        let starts: Vec<&str> = few.lines().map(|line| &line[..2]).collect();
        assert_eq!(starts, ["18", "19"]);
        assert_eq!(summary(Vec::new(), 30), "");
    }
}
