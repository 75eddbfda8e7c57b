//! A conversation cut into blocks that stay or go together.

use crate::pin::is_pinned;
use crate::summary::is_summary;
use crate::weight::{Tokens, Weight};
use std::collections::HashMap;
use std::sync::Arc;
use victor_model::{Message, Role};

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The operator's text.
    System,
    /// The summary that an earlier compaction left.
    Summary,
    /// The user's words.
    User,
    /// The assistant's words.
    Answer,
    /// An assistant's tool calls and all their results.
    Exchange,
    /// A tool's result whose call is not there.
    Stray,
}

/// Messages that stay or go together.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) weight: Weight,
    /// System text, pinned, or of the latest exchange: no strategy may drop it.
    pub(crate) required: bool,
}

/// A conversation as its blocks, in the order in which they begin.
#[derive(Debug)]
pub(crate) struct Outline<'a> {
    pub(crate) messages: &'a [Arc<Message>],
    pub(crate) blocks: Vec<Block>,
    /// The block of each message.
    places: Vec<usize>,
}

impl<'a> Outline<'a> {
    pub(crate) fn of(messages: &'a [Arc<Message>]) -> Self {
        let mut blocks: Vec<Block> = Vec::with_capacity(messages.len());
        let mut places = Vec::with_capacity(messages.len());
        let mut calls: HashMap<&str, usize> = HashMap::new();
        for message in messages {
            let weight = Weight::of(message);
            let called = message.tool_call_id.as_deref().filter(|_| message.role == Role::Tool);
            if let Some(place) = called.and_then(|id| calls.get(id).copied()) {
                blocks[place].weight += weight;
                places.push(place);
                continue;
            }
            let place = blocks.len();
            calls.extend(message.tool_calls.iter().map(|call| (call.id.as_str(), place)));
            let kind = kind(message);
            let required = kind == Kind::System || is_pinned(message);
            blocks.push(Block { kind, weight, required });
            places.push(place);
        }
        let mut outline = Self { messages, blocks, places };
        outline.require_latest(Role::User);
        outline.require_latest(Role::Assistant);
        outline
    }

    fn require_latest(&mut self, role: Role) {
        if let Some(at) = self.messages.iter().rposition(|message| message.role == role) {
            self.blocks[self.places[at]].required = true;
        }
    }

    /// What the whole conversation weighs.
    pub(crate) fn weight(&self) -> Weight {
        self.blocks.iter().map(|block| block.weight).sum()
    }

    /// What the blocks that `keep` marks weigh.
    pub(crate) fn kept_weight(&self, keep: &[bool]) -> Weight {
        let kept = self.blocks.iter().zip(keep).filter(|(_, keep)| **keep);
        kept.map(|(block, _)| block.weight).sum()
    }

    /// Tokens of the blocks that `keep` marks.
    pub(crate) fn tokens(&self, keep: &[bool]) -> Tokens {
        self.kept_weight(keep).tokens
    }

    /// The choice that keeps only what is required.
    pub(crate) fn required(&self) -> Vec<bool> {
        self.blocks.iter().map(|block| block.required).collect()
    }

    /// The same with the summary of an earlier compaction, which stands for all that it replaced.
    pub(crate) fn standing(&self) -> Vec<bool> {
        let stays = |block: &Block| block.required || block.kind == Kind::Summary;
        self.blocks.iter().map(stays).collect()
    }

    /// The messages of the blocks that `keep` marks, and the others, both in their order.
    pub(crate) fn split(&self, keep: &[bool]) -> (Vec<Arc<Message>>, Vec<Arc<Message>>) {
        let (mut kept, mut removed) = (Vec::new(), Vec::new());
        for (message, place) in self.messages.iter().zip(&self.places) {
            let side = if keep[*place] { &mut kept } else { &mut removed };
            side.push(Arc::clone(message));
        }
        (kept, removed)
    }
}

fn kind(message: &Message) -> Kind {
    match message.role {
        Role::System if is_summary(message) => Kind::Summary,
        Role::System => Kind::System,
        Role::User => Kind::User,
        Role::Assistant if message.tool_calls.is_empty() => Kind::Answer,
        Role::Assistant => Kind::Exchange,
        Role::Tool => Kind::Stray,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use victor_model::ToolCall;

    fn calling(ids: &[&str]) -> Message {
        let call = |id: &&str| ToolCall {
            id: (*id).to_owned(),
            name: "ls".to_owned(),
            arguments: json!({}),
        };
        Message::calling(ids.iter().map(call).collect())
    }

    fn shared(messages: Vec<Message>) -> Vec<Arc<Message>> {
        messages.into_iter().map(Arc::new).collect()
    }

    #[test]
    fn calls_and_all_their_results_are_one_block() {
        let talk = shared(vec![
            Message::user("list both"),
            calling(&["a", "b"]),
            Message::tool_result("b", "{}"),
            Message::tool_result("a", "{}"),
            Message::assistant("done"),
            calling(&["a"]),
            Message::tool_result("a", "{}"),
            Message::tool_result("lost", "{}"),
        ]);
        let outline = Outline::of(&talk);
        assert_eq!(outline.places, [0, 1, 1, 1, 2, 3, 3, 4]);
        let kinds: Vec<Kind> = outline.blocks.iter().map(|block| block.kind).collect();
        let expected = [Kind::User, Kind::Exchange, Kind::Answer, Kind::Exchange, Kind::Stray];
        assert_eq!(kinds, expected);
        assert_eq!(outline.blocks[1].weight, Weight::of_all(&talk[1..4]));
        assert_eq!(outline.weight(), Weight::of_all(&talk));
    }

    #[test]
    fn system_text_pins_and_the_latest_exchange_are_required() {
        let talk = shared(vec![
            Message::text(Role::System, "Be brief."),
            Message::user("Remember: zebra"),
            Message::assistant("Yes."),
            Message::user("Hi"),
            Message::assistant("Hello"),
            Message::user("Bye"),
        ]);
        assert_eq!(Outline::of(&talk).required(), [true, true, false, false, true, true]);
    }

    #[test]
    fn an_exchange_in_flight_is_required_with_its_results() {
        let talk = shared(vec![
            Message::user("ls"),
            calling(&["old"]),
            Message::tool_result("old", "{}"),
            calling(&["new"]),
            Message::tool_result("new", "{}"),
        ]);
        let outline = Outline::of(&talk);
        assert_eq!(outline.required(), [true, false, true]);
        let (kept, removed) = outline.split(&outline.required());
        assert_eq!((kept.len(), removed.len()), (3, 2));
    }
}
