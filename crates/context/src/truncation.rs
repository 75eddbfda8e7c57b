//! Truncation: the newest stay.

use crate::block::{Kind, Outline};
use crate::weight::Tokens;

/// Marks what is required, and of the rest the newest that fit within `target`, without gaps.
/// Answers at the front whose question went go with it.
pub(crate) fn choose(outline: &Outline<'_>, target: Tokens) -> Vec<bool> {
    newest(outline, outline.standing(), target)
}

/// Adds to `keep` the newest blocks without gaps, as long as all that is marked fits in `target`.
pub(crate) fn newest(outline: &Outline<'_>, mut keep: Vec<bool>, target: Tokens) -> Vec<bool> {
    let mut used = outline.tokens(&keep);
    let mut start = outline.blocks.len();
    for (at, block) in outline.blocks.iter().enumerate().rev() {
        if !keep[at] && block.kind != Kind::Summary {
            if used + block.weight.tokens > target {
                break;
            }
            used += block.weight.tokens;
        }
        start = at;
    }
    let mut rest = outline.blocks.iter().enumerate().skip(start);
    let start = rest.find(|(_, block)| block.kind == Kind::User).map_or(start, |(at, _)| at);
    for (at, block) in outline.blocks.iter().enumerate().skip(start) {
        keep[at] |= block.kind != Kind::Summary;
    }
    keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weight::Weight;
    use std::sync::Arc;
    use victor_model::Message;

    /// Five tokens each: a letter is the user's, a digit an answer, `!` a pinned message.
    fn kept(talk: &str, target: u64) -> String {
        let message = |letter: char| match letter {
            '!' => Message::user("Remember: !"),
            '0'..='9' => Message::assistant(letter),
            letter => Message::user(letter),
        };
        let talk: Vec<Arc<Message>> = talk.chars().map(message).map(Arc::new).collect();
        let outline = Outline::of(&talk);
        let (kept, _) = outline.split(&choose(&outline, Tokens(target)));
        kept.iter().filter_map(|message| message.content.chars().last()).collect()
    }

    #[test]
    fn the_newest_are_kept_without_gaps() {
        assert_eq!(Weight::of(&Message::user("a")).tokens, Tokens(5));
        assert_eq!(kept("a1b2c3d4", 20), "c3d4");
        assert_eq!(kept("a1b2c3d4", 30), "b2c3d4");
    }

    #[test]
    fn an_answer_goes_with_its_question() {
        assert_eq!(kept("a1b2c3d4", 29), "c3d4");
    }

    #[test]
    fn the_latest_exchange_and_pins_stay_even_when_they_do_not_fit() {
        assert_eq!(kept("a1!2c3d4", 1), "!d4");
    }
}
