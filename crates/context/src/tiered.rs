//! Tiered: what matters least goes first.

use crate::block::{Kind, Outline};
use crate::weight::Tokens;

/// What recency is worth at most, for the newest block; the oldest gets nothing for it.
const RECENCY: usize = 50;

/// What the first words of the user are worth, more than any others: they are usually the task.
const TASK: usize = 150;

/// Scores are in such parts, so that every place in a long conversation has its own.
const PARTS: usize = 1 << 20;

/// Marks what is left when the lowest scores went until the rest fits within `target`, the oldest
/// first among equals.
pub(crate) fn choose(outline: &Outline<'_>, target: Tokens) -> Vec<bool> {
    let mut keep = vec![true; outline.blocks.len()];
    let mut used = outline.tokens(&keep);
    let standing = outline.standing();
    let first = outline.blocks.iter().position(|block| block.kind == Kind::User);
    let count = outline.blocks.len();
    let mut ranking: Vec<(usize, usize)> = (0..count)
        .filter(|at| !standing[*at])
        .map(|at| {
            let worth = if first == Some(at) { TASK } else { worth(outline.blocks[at].kind) };
            (worth * PARTS + RECENCY * PARTS / count * at, at)
        })
        .collect();
    ranking.sort_unstable();
    for (_, at) in ranking {
        if used <= target {
            break;
        }
        keep[at] = false;
        used = used.saturating_sub(outline.blocks[at].weight.tokens);
    }
    keep
}

/// What a block is worth for its kind alone.
fn worth(kind: Kind) -> usize {
    match kind {
        Kind::Stray => 0,
        Kind::Exchange => 25,
        Kind::Answer => 50,
        Kind::User => 75,
        Kind::System | Kind::Summary => TASK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;
    use victor_model::{Message, ToolCall};

    fn exchange(id: &str) -> [Message; 2] {
        let call = ToolCall { id: id.into(), name: "ls".into(), arguments: json!({}) };
        [Message::calling(vec![call]), Message::tool_result(id, "{}")]
    }

    /// The contents that are left, `calls` for tool calls.
    fn left(talk: Vec<Message>, target: u64) -> Vec<String> {
        let talk: Vec<Arc<Message>> = talk.into_iter().map(Arc::new).collect();
        let outline = Outline::of(&talk);
        let (kept, _) = outline.split(&choose(&outline, Tokens(target)));
        let text = |message: &Arc<Message>| match message.tool_calls.is_empty() {
            true => message.content.clone(),
            false => "calls".to_owned(),
        };
        kept.iter().map(text).collect()
    }

    /// 5 tokens each but for the exchange of 12: task, stray, exchange, answer, user, answer.
    fn talk() -> Vec<Message> {
        let mut talk = vec![Message::user("task"), Message::tool_result("lost", "{}")];
        talk.extend(exchange("c"));
        talk.extend([Message::assistant("1"), Message::user("b"), Message::assistant("2")]);
        talk
    }

    #[test]
    fn what_matters_least_goes_first() {
        assert_eq!(left(talk(), 99), ["task", "{}", "calls", "{}", "1", "b", "2"]);
        assert_eq!(left(talk(), 34), ["task", "calls", "{}", "1", "b", "2"]);
        assert_eq!(left(talk(), 20), ["task", "1", "b", "2"]);
        assert_eq!(left(talk(), 19), ["task", "b", "2"]);
        assert_eq!(left(talk(), 1), ["b", "2"]);
    }

    #[test]
    fn of_one_kind_the_oldest_goes_first_but_for_the_task() {
        let talk = || "abcde".chars().map(Message::user).collect::<Vec<_>>();
        assert_eq!(left(talk(), 20), ["a", "c", "d", "e"]);
        assert_eq!(left(talk(), 10), ["a", "e"]);
    }

    #[test]
    fn a_new_answer_outlives_an_old_question() {
        let mut long = vec![Message::user("task"), Message::user("old")];
        long.extend((0..20).map(|n| Message::assistant(n.to_string())));
        long.extend([Message::user("new"), Message::assistant("20")]);
        let left = left(long, 50);
        assert!(!left.contains(&"old".to_owned()) && left.contains(&"18".to_owned()), "{left:?}");
    }
}
