//! Summary: the older part becomes one system message.

use crate::block::Outline;
use crate::compaction::{Compaction, Trigger};
use crate::kind::ContentKind;
use crate::plan::Plan;
use crate::strategy::Strategy;
use crate::truncation::newest;
use crate::weight::{Tokens, Weight, head};
use std::sync::Arc;
use thiserror::Error;
use victor_model::{Message, Role, SUMMARY_OPENING};

/// Most tokens of a summary's text.
const LONGEST: u64 = 1024;

/// Fewest tokens of text that are worth a summary.
const SHORTEST: u64 = 8;

/// A part of a conversation that is to be summed up; see [`Plan`].
///
/// It holds the conversation as it was when it was made. Nothing is locked meanwhile: messages
/// that come later belong after what [`SummaryPlan::apply`] keeps.
#[derive(Debug, Clone)]
pub struct SummaryPlan {
    rest: Compaction,
    otherwise: Compaction,
    /// Where the summary goes among what is kept.
    place: usize,
    limit: Tokens,
}

/// A summary without text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the summary is empty: ask again, or compact without one")]
pub struct EmptySummary;

impl SummaryPlan {
    /// What to sum up, oldest first. The summary of an earlier compaction is among it, as a system
    /// message that begins with [`SUMMARY_OPENING`], so that there is never more than one.
    #[must_use]
    pub fn messages(&self) -> &[Arc<Message>] {
        &self.rest.removed
    }

    /// The longest summary that is not cut off; shorter only for one that has more bytes than all
    /// that it sums up.
    #[must_use]
    pub fn limit(&self) -> Tokens {
        self.limit
    }

    /// Puts `summary` in the place of what it sums up; what is over the limit is cut off.
    ///
    /// # Errors
    ///
    /// [`EmptySummary`] when there is nothing but blanks.
    pub fn apply(&self, summary: &str) -> Result<Compaction, EmptySummary> {
        let summary = summary.trim();
        let text = format!("{SUMMARY_OPENING}{summary}");
        let opening = Weight::of(&message(SUMMARY_OPENING));
        let bytes = self.rest.bytes_freed;
        // The opening and the text are rounded up together, so their limits add up.
        let tokens = self.limit + opening.tokens.saturating_sub(Weight::of(&message("")).tokens);
        let text = head(&text, ContentKind::of(&text), tokens, bytes).trim_end();
        if text.len() <= SUMMARY_OPENING.len() {
            return Err(EmptySummary);
        }
        Ok(self.rest.clone().with_summary(self.place, Arc::new(message(text))))
    }

    /// The result when no summary can be had: what truncation, or for
    /// [`Strategy::Hybrid`] the tiered strategy, would do. An earlier summary stays.
    #[must_use]
    pub fn without_summary(self) -> Compaction {
        self.otherwise
    }
}

fn message(text: &str) -> Message {
    Message::text(Role::System, text)
}

/// True of the message that an earlier compaction left.
pub(crate) fn is_summary(message: &Message) -> bool {
    message.role == Role::System && message.content.starts_with(SUMMARY_OPENING)
}

/// Plans to keep the newest, with room for a summary of the others. `otherwise` marks what to keep
/// where a summary would not pay or cannot be had.
pub(crate) fn plan(
    outline: &Outline<'_>,
    target: Tokens,
    otherwise: &[bool],
    order: (Strategy, Trigger),
) -> Plan {
    let required = outline.required();
    let least = outline.tokens(&required);
    let frame = Weight::of(&message(SUMMARY_OPENING)).tokens;
    let wanted = Tokens((target.0 / 4).clamp(SHORTEST, LONGEST)) + frame;
    let keep = newest(outline, required, target.saturating_sub(wanted));
    // Where not even what is required fits, losing facts beside it would save nothing.
    let room = match least <= target {
        true => target.saturating_sub(outline.tokens(&keep)),
        false => wanted,
    };
    let rest = Compaction::keeping(outline, &keep, order);
    let otherwise = Compaction::keeping(outline, otherwise, order);
    let longest = Tokens(LONGEST).min(room.min(rest.tokens_freed).saturating_sub(frame));
    // Four bytes are the widest character, which is a token of its own.
    let least_bytes = SUMMARY_OPENING.len() as u64 + 4 * SHORTEST;
    if longest < Tokens(SHORTEST) || rest.bytes_freed < least_bytes {
        return Plan::Done(otherwise);
    }
    let place = rest.kept.iter().take_while(|message| message.role == Role::System).count();
    Plan::Summarize(SummaryPlan { rest, otherwise, place, limit: longest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summarizer::Excerpts;

    /// A told fact, then talk: about 1,000 tokens.
    fn talk() -> Vec<Arc<Message>> {
        let mut talk = vec![Message::text(Role::System, "Be brief.")];
        talk.push(Message::user("My code word is zebra."));
        for n in 0..20 {
            talk.push(Message::user(format!("Question {n}: {}", "how does it work? ".repeat(5))));
            talk.push(Message::assistant("It depends. ".repeat(5)));
        }
        talk.into_iter().map(Arc::new).collect()
    }

    fn planned(talk: &[Arc<Message>], target: u64) -> SummaryPlan {
        match Strategy::Summary.plan(talk, Tokens(target), Trigger::Manual) {
            Plan::Summarize(plan) => plan,
            Plan::Done(done) => panic!("no summary: {done:?}"),
        }
    }

    #[test]
    fn a_summary_stands_after_the_system_text_for_what_was_removed() {
        let talk = talk();
        let plan = planned(&talk, 400);
        assert_eq!(plan.messages()[0], talk[1]);
        let done = plan.apply("  The code word is zebra.\n").expect("a summary");
        assert_eq!(done.kept[0], talk[0]);
        assert_eq!(done.kept[1].content, format!("{SUMMARY_OPENING}The code word is zebra."));
        assert_eq!(done.kept[2..], talk[talk.len() - (done.kept.len() - 2)..]);
        assert_eq!(done.summary.as_ref(), Some(&done.kept[1]));
        assert_eq!(done.covered(), talk.len());
        let (before, after) = (Weight::of_all(&talk), Weight::of_all(&done.kept));
        assert_eq!(before.tokens, after.tokens + done.tokens_freed);
        assert_eq!(before.bytes, after.bytes + done.bytes_freed);
    }

    #[test]
    fn the_next_summary_replaces_the_one_before() {
        let mut kept = planned(&talk(), 400).apply("The code word is zebra.").expect("first").kept;
        kept.extend(talk().into_iter().skip(2));
        let plan = planned(&kept, 400);
        assert!(plan.messages()[0].content.contains("zebra"), "{:?}", plan.messages()[0]);
        let done = plan.apply("Still zebra.").expect("second");
        let summaries = done.kept.iter().filter(|message| is_summary(message)).count();
        assert_eq!(summaries, 1);
    }

    #[test]
    fn a_summary_that_is_too_long_is_cut() {
        let talk = talk();
        let plan = planned(&talk, 400);
        for word in ["word ", "\u{4f60}", "```code``` "] {
            let done = plan.apply(&word.repeat(5000)).expect("a summary");
            let summary = Weight::of(&done.kept[1]).tokens;
            let most = plan.limit() + Weight::of(&message(SUMMARY_OPENING)).tokens;
            assert!(summary <= most && summary.0 + 2 >= most.0, "{word}: {summary} of {most}");
            assert!(Weight::of_all(&done.kept).tokens <= Tokens(400));
        }
    }

    #[test]
    fn a_summary_takes_no_more_than_what_must_stay_leaves() {
        let mut talk = talk();
        talk.push(Arc::new(Message::user(format!("Remember: {}", "x".repeat(400)))));
        let least = Outline::of(&talk);
        let target = least.tokens(&least.required()).0 + 30;
        let done = planned(&talk, target).apply(&"word ".repeat(5000)).expect("a summary");
        let after = Weight::of_all(&done.kept).tokens;
        assert!(after.0 <= target && after.0 + 2 >= target, "{after} of {target}");
    }

    #[test]
    fn an_empty_summary_is_refused_and_can_be_done_without() {
        let plan = planned(&talk(), 400);
        assert_eq!(plan.apply(" \n "), Err(EmptySummary));
        let done = plan.clone().without_summary();
        let truncated = Strategy::Truncation.plan(&talk(), Tokens(400), Trigger::Manual);
        assert_eq!((&done.kept, &done.summary), (&truncated.finish(&Excerpts).kept, &None));
        assert_eq!(Plan::Summarize(plan).finish(&|_: &[_], _| String::new()), done);
    }

    #[test]
    fn a_trifle_is_not_worth_a_summary() {
        let talk: Vec<Arc<Message>> =
            ["a", "b", "c"].map(|text| Arc::new(Message::user(text))).into();
        let plan = Strategy::Summary.plan(&talk, Tokens(10), Trigger::Manual);
        assert_eq!(plan.finish(&Excerpts).kept, talk[1..]);
    }
}
