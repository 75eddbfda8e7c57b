//! Making long conversations smaller: how long that takes, and what is still known after it.

use super::GROUP;
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::{Door, Mode, Probe, why};
use crate::scale::said;
use serde_json::{Value, json};
use std::pin::Pin;
use std::rc::Rc;
use tokio::task::JoinSet;
use victor_clock::{Duration, now};
use victor_types::{Millis, Outcome};

pub(in crate::scale) const COMPACTION: Case = Case {
    group: GROUP,
    name: "test_compaction",
    slow: false,
    seconds: 25,
    about: "time to compact a long conversation by each strategy, and facts kept after it",
    params: &[
        Param {
            name: "messages",
            default: 1000,
            help: "messages of each conversation, answers included",
        },
        Param { name: "facts", default: 20, help: "facts that are told along the way" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Strategies of the compact route; each has a conversation of its own.
const STRATEGIES: [&str; 4] = ["truncation", "tiered", "summary", "hybrid"];
/// 1000 messages are made smaller within this.
const LIMIT: Millis = Millis(100.0);

/// What came of one strategy.
#[derive(Debug)]
enum Compacted {
    /// The conversation could not be had, or the session did not answer any more.
    Failed(String),
    /// There is no such route.
    NoRoute(u16),
    Done(Box<Done>),
}

#[derive(Debug)]
struct Done {
    /// As the server tells: messages and tokens before and after, time taken.
    told: Value,
    /// From the request to the response.
    took: Duration,
    facts: u64,
    kept: u64,
    /// The code word, which the user asked to be remembered.
    word: bool,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let turns = context.param("messages").div_ceil(2).max(2);
    let facts = context.param("facts").clamp(1, turns / 2);
    let mut tasks = JoinSet::new();
    for (user, strategy) in (0_u64..).zip(STRATEGIES) {
        let door = Rc::clone(&door);
        tasks.spawn_local(
            async move { (strategy, compact(&door, user, strategy, turns, facts).await) },
        );
    }
    let mut all = Vec::new();
    let mut stop = context.stop.clone();
    while !tasks.is_empty() {
        tokio::select! {
            done = tasks.join_next() => all.extend(done.and_then(Result::ok)),
            changed = stop.changed() => {
                if changed.is_err() {
                    stop = tokio::sync::watch::channel(0).1;
                }
                context.go_on()?;
            }
        }
    }
    all.sort_by_key(|(strategy, _)| STRATEGIES.iter().position(|known| known == strategy));
    context.measured("conversations", format!("{} messages each", count(2 * turns)));
    for (strategy, compacted) in all {
        judge(context, strategy, compacted);
    }
    Ok(())
}

/// Has a conversation of `turns` turns, compacts it, and asks for the facts.
async fn compact(door: &Rc<Door>, user: u64, strategy: &str, turns: u64, facts: u64) -> Compacted {
    let mut probe = Probe::new(door, user);
    if let Err(failure) = probe.tell().await.answer {
        return Compacted::Failed(why(&failure));
    }
    // The word is recalled before as after, or there is nothing that could be kept.
    if let Err(failure) = probe.recall("Before we begin.", Mode::Plain).await.answer {
        return Compacted::Failed(why(&failure));
    }
    let every = ((turns - 2) / facts).max(1);
    let mut told = Vec::new();
    for turn in 3..=turns {
        let message = if turn % every == 0 && (told.len() as u64) < facts {
            told.push(turn);
            format!("Message {turn}: keep the note {}n{turn}", probe.word())
        } else {
            format!("Turn {turn}. What should I look at next, and why?")
        };
        if let Err(failure) = probe.say(&message, Vec::new(), None, Mode::Plain).await.answer {
            return Compacted::Failed(why(&failure));
        }
    }
    let path = format!("/api/v1/sessions/{}/compact", probe.session_id());
    let start = now();
    let answered = door.post(&path, &json!({ "strategy": strategy })).await;
    let took = now() - start;
    let told_by_server = match answered {
        Some((200, body)) => body,
        Some((status, _)) => return Compacted::NoRoute(status),
        None => return Compacted::NoRoute(0),
    };
    let mut kept = 0;
    for fact in &told {
        let wanted = Some(format!("{}n{fact}", probe.word()));
        let question = format!("Recall message {fact}");
        kept +=
            u64::from(probe.say(&question, Vec::new(), wanted, Mode::Plain).await.answer.is_ok());
    }
    let word = probe.recall("One more thing.", Mode::Plain).await.answer.is_ok();
    let facts = told.len() as u64;
    Compacted::Done(Box::new(Done { told: told_by_server, took, facts, kept, word }))
}

fn judge(context: &mut Context<'_>, strategy: &str, compacted: Compacted) {
    let name = format!("compaction by {strategy}");
    let limit = format!("< {LIMIT}");
    let done = match compacted {
        Compacted::Failed(why) => {
            let failed =
                said::verdict(&name, limit, "the conversation failed".to_owned(), Outcome::Fail);
            context.result.verdicts.push(said::because(failed, why));
            return;
        }
        Compacted::NoRoute(status) => {
            let none =
                said::verdict(&name, limit, "not measured".to_owned(), Outcome::NotApplicable);
            let why = match status {
                0 => "the target has no route to compact a session".to_owned(),
                status => format!("the target has no route to compact a session: status {status}"),
            };
            context.result.verdicts.push(said::because(none, why));
            return;
        }
        Compacted::Done(done) => done,
    };
    let number = |field: &str| done.told.get(field).and_then(Value::as_u64);
    let pair = |before: &str, after: &str| {
        Some(format!("{} to {}", count(number(before)?), count(number(after)?)))
    };
    let freed = number("tokens_before").zip(number("tokens_after"));
    let mut parts = Vec::new();
    parts.extend(pair("messages_before", "messages_after").map(|text| format!("{text} messages")));
    parts.extend(pair("tokens_before", "tokens_after").map(|text| format!("{text} tokens")));
    parts.push(format!("{} of {} facts kept", done.kept, done.facts));
    context.measured(strategy, parts.join(", "));
    let took = Millis::from_micros(u64::try_from(done.took.as_micros()).unwrap_or(u64::MAX));
    let smaller = freed.is_none_or(|(before, after)| after < before);
    let measured = if smaller { took.to_string() } else { format!("{took}, and no smaller") };
    let by_model = done.told.get("summarized").and_then(Value::as_bool) == Some(true);
    let verdict = if smaller && by_model {
        let open = said::verdict(&name, limit, measured, Outcome::NotApplicable);
        said::because(open, "the model wrote a summary, and its time is part of this")
    } else {
        let outcome = if took < LIMIT && smaller { Outcome::Pass } else { Outcome::Fail };
        said::verdict(&name, limit, measured, outcome)
    };
    context.result.verdicts.push(verdict);
    let word = if done.word { ("known", Outcome::Pass) } else { ("forgotten", Outcome::Fail) };
    let known = "what was to be remembered is known";
    let name = format!("after {strategy}");
    let verdict = said::verdict(&name, known.to_owned(), word.0.to_owned(), word.1);
    context.result.verdicts.push(verdict);
}
