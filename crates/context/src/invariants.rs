//! What holds for every conversation, every strategy and every target.

use crate::block::{Kind, Outline};
use crate::{Compaction, Excerpts, Strategy, Summarizer, Tokens, Trigger, Weight, is_pinned};
use proptest::prelude::*;
use proptest::strategy::Strategy as Values;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use victor_model::{Message, Role, ToolCall};

/// A piece of a conversation: mostly well formed, sometimes a result without a call or a call
/// without a result.
fn piece() -> impl Values<Value = Vec<Message>> {
    let text = || proptest::string::string_regex("[a-z {\u{e9}\u{4f60}\n`]{0,120}").expect("regex");
    prop_oneof![
        4 => (text(), text()).prop_map(|(a, b)| vec![Message::user(a), Message::assistant(b)]),
        2 => (text(), 1..4_usize, 0..4_usize).prop_map(|(text, calls, results)| {
            exchange(&text, calls, results)
        }),
        1 => text().prop_map(|text| vec![Message::user(text)]),
        1 => text().prop_map(|text| vec![Message::user(format!("Remember: {text}"))]),
        1 => text().prop_map(|text| vec![Message::text(Role::System, text)]),
        1 => text().prop_map(|text| {
            vec![Message::text(Role::System, format!("{}{text}", crate::SUMMARY_OPENING))]
        }),
        1 => text().prop_map(|text| vec![Message::tool_result("stray", text)]),
    ]
}

fn exchange(text: &str, calls: usize, results: usize) -> Vec<Message> {
    let call = |n: usize| ToolCall {
        id: format!("c{n}"),
        name: "read_file".into(),
        arguments: json!({ "path": text }),
    };
    let mut messages = vec![Message::user(text), Message::calling((0..calls).map(call).collect())];
    let results = (0..results).map(|n| Message::tool_result(format!("c{n}"), text));
    messages.extend(results);
    messages
}

fn conversation() -> impl Values<Value = Vec<Arc<Message>>> {
    proptest::collection::vec(piece(), 0..30)
        .prop_map(|pieces| pieces.into_iter().flatten().map(Arc::new).collect())
}

/// A summariser that may say nothing, little, or far too much.
fn summaries() -> impl Values<Value = String> {
    prop_oneof![Just(String::new()), "[a-z\u{4f60} `]{1,40}", "[a-z]{3000}"]
}

/// Where each kept message that is not the new summary stood; `None` when one is new or the order
/// changed.
fn origins(talk: &[Arc<Message>], done: &Compaction) -> Option<Vec<usize>> {
    let mut at = 0;
    let mut origins = Vec::new();
    for kept in &done.kept {
        if done.summary.as_ref().is_some_and(|summary| Arc::ptr_eq(summary, kept)) {
            continue;
        }
        let skipped = talk.get(at..)?.iter().position(|message| Arc::ptr_eq(message, kept))?;
        at += skipped + 1;
        origins.push(at - 1);
    }
    Some(origins)
}

/// The message whose call each tool result answers: the latest before it that has its id.
fn pairs(talk: &[Arc<Message>]) -> Vec<(usize, usize)> {
    let mut calls = HashMap::new();
    let mut pairs = Vec::new();
    for (at, message) in talk.iter().enumerate() {
        calls.extend(message.tool_calls.iter().map(|call| (call.id.clone(), at)));
        if let Some(call) = message.tool_call_id.as_ref().and_then(|id| calls.get(id)) {
            pairs.push((*call, at));
        }
    }
    pairs
}

fn compacted(
    strategy: Strategy,
    talk: &[Arc<Message>],
    target: u64,
    summarizer: &impl Summarizer,
) -> Compaction {
    strategy.plan(talk, Tokens(target), Trigger::Manual).finish(summarizer)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_strategy(
        talk in conversation(),
        target in 0_u64..1500,
        strategy in proptest::sample::select(Strategy::ALL.to_vec()),
        summary in summaries(),
    ) {
        let say = |_: &[Arc<Message>], _| summary.clone();
        let done = compacted(strategy, &talk, target, &say);
        let (before, after) = (Weight::of_all(&talk), Weight::of_all(&done.kept));

        // Order is kept, nothing is invented, and what was removed is told.
        let origins = origins(&talk, &done);
        prop_assert!(origins.is_some());
        let origins = origins.unwrap_or_default();
        let gone = (0..talk.len()).filter(|at| !origins.contains(at));
        prop_assert!(gone.map(|at| &talk[at]).eq(&done.removed));
        prop_assert_eq!(done.covered(), talk.len());

        // It never grows, and the sums are right.
        prop_assert!(after.tokens <= before.tokens && after.bytes <= before.bytes);
        prop_assert!(after.messages <= before.messages);
        prop_assert_eq!(before.tokens, after.tokens + done.tokens_freed);
        prop_assert_eq!(before.bytes, after.bytes + done.bytes_freed);

        // System text, pins and the latest exchange stay.
        let latest = |role| talk.iter().rposition(|message| message.role == role);
        for (at, message) in talk.iter().enumerate() {
            let system = message.role == Role::System
                && !message.content.starts_with(crate::SUMMARY_OPENING);
            let last = [Role::User, Role::Assistant].map(latest).contains(&Some(at));
            if system || is_pinned(message) || last {
                prop_assert!(origins.contains(&at), "{} was lost", at);
            }
        }

        // Calls and their results stay or go together.
        for (call, result) in pairs(&talk) {
            prop_assert_eq!(origins.contains(&call), origins.contains(&result));
        }

        // The target is met where what must stay, with an earlier summary, leaves room for it.
        let outline = Outline::of(&talk);
        if outline.tokens(&outline.standing()) <= Tokens(target) {
            prop_assert!(after.tokens <= Tokens(target), "{} over {}", after.tokens, target);
        }

        // A summary replaces all earlier ones.
        let earlier = outline.blocks.iter().filter(|block| block.kind == Kind::Summary).count();
        let summaries = Outline::of(&done.kept);
        let summaries = summaries.blocks.iter().filter(|block| block.kind == Kind::Summary).count();
        if done.summary.is_some() {
            prop_assert_eq!(summaries, 1);
        } else {
            prop_assert_eq!(summaries, earlier);
        }

        // The same again gives the same, and what fits is left alone.
        prop_assert_eq!(&compacted(strategy, &talk, target, &say), &done);
        if before.tokens <= Tokens(target) {
            prop_assert!(done.removed.is_empty());
        }
    }

    #[test]
    fn excerpts_fit(talk in conversation(), target in 100_u64..1500) {
        let plan = Strategy::Summary.plan(&talk, Tokens(target), Trigger::Manual);
        if let crate::Plan::Summarize(plan) = plan {
            let text = Excerpts.summarize(plan.messages(), plan.limit());
            prop_assert!(text.chars().count() as u64 <= plan.limit().0 * 3);
        }
    }
}

/// A fact, then talk, then a tool exchange and more talk.
fn story(fact: &str) -> Vec<Arc<Message>> {
    let mut talk = vec![Message::user(fact), Message::assistant("Noted.")];
    talk.extend(exchange(&"a/long/path/".repeat(40), 1, 1));
    for n in 0..10 {
        talk.push(Message::user(format!("Question {n}: how do closures work?")));
        talk.push(Message::assistant("They capture what they name. ".repeat(10)));
    }
    talk.into_iter().map(Arc::new).collect()
}

/// Whether the word `zebra` is still somewhere after compaction to `target`.
fn knows_zebra(strategy: Strategy, fact: &str, target: u64) -> bool {
    let done = compacted(strategy, &story(fact), target, &Excerpts);
    assert!(!done.removed.is_empty());
    done.kept.iter().any(|message| message.content.contains("zebra"))
}

#[test]
fn a_truncated_fact_is_gone_and_a_summarised_or_pinned_one_is_not() {
    let (told, pinned) = ("My code word is zebra.", "Remember: my code word is zebra.");
    assert!(!knows_zebra(Strategy::Truncation, told, 300));
    assert!(knows_zebra(Strategy::Summary, told, 300));
    assert!(knows_zebra(Strategy::Hybrid, told, 200));
    for strategy in Strategy::ALL {
        assert!(knows_zebra(strategy, pinned, 300), "{strategy}");
    }
}

#[test]
fn hybrid_asks_for_a_summary_only_when_the_users_words_would_go() {
    let talk = story("My code word is zebra.");
    let all = Weight::of_all(&talk).tokens.0;
    let mild = compacted(Strategy::Hybrid, &talk, all * 2 / 3, &Excerpts);
    assert!(mild.summary.is_none() && !mild.removed.is_empty());
    assert!(mild.removed.iter().all(|message| message.role != Role::User));
    assert_eq!(mild.kept, compacted(Strategy::Tiered, &talk, all * 2 / 3, &Excerpts).kept);
    let hard = compacted(Strategy::Hybrid, &talk, all / 8, &Excerpts);
    assert!(hard.summary.is_some());
}
