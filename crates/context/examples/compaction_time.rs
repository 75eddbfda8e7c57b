//! How long compaction takes: for each strategy one JSON line with the median and the largest of
//! 200 runs over a conversation of 1,000 messages, weighing included.
//!
//! `cargo run --release -p victor-context --example compaction_time`

use serde_json::json;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use victor_clock::now;
use victor_context::{Excerpts, Strategy, Tokens, Trigger, Weight};
use victor_model::{Message, ToolCall};

/// How often each strategy runs.
const REPETITIONS: usize = 200;

fn conversation() -> Vec<Arc<Message>> {
    let mut talk = vec![Message::user("Remember: my code word is zebra.")];
    for n in 0.. {
        talk.push(Message::user(format!("Message {n}: {}", "what about closures? ".repeat(20))));
        if n % 4 == 0 {
            let arguments = json!({ "path": "src/lib.rs" });
            let call = ToolCall { id: format!("call_{n}"), name: "read_file".into(), arguments };
            talk.push(Message::calling(vec![call]));
            talk.push(Message::tool_result(format!("call_{n}"), "{\"a\": 1}".repeat(100)));
        }
        talk.push(Message::assistant("They capture what they name. ".repeat(20)));
        if talk.len() >= 1000 {
            break;
        }
    }
    talk.truncate(1000);
    talk.into_iter().map(Arc::new).collect()
}

/// The median and the largest of so many runs.
fn timed(mut run: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..REPETITIONS)
        .map(|_| {
            let start = now();
            run();
            now() - start
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() - 1])
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

fn main() -> std::io::Result<()> {
    let talk = conversation();
    let weight = Weight::of_all(&talk);
    let target = Tokens(weight.tokens.0 * 45 / 75);
    let mut out = std::io::stdout().lock();
    for strategy in Strategy::ALL {
        let (median, max) = timed(|| {
            let plan = strategy.plan(&talk, target, Trigger::Manual);
            std::hint::black_box(plan.finish(&Excerpts));
        });
        let kept = strategy.plan(&talk, target, Trigger::Manual).finish(&Excerpts).kept;
        let line = json!({
            "strategy": strategy.name(),
            "messages": weight.messages,
            "bytes": weight.bytes,
            "tokens_before": weight.tokens.0,
            "tokens_after": Weight::of_all(&kept).tokens.0,
            "repetitions": REPETITIONS,
            "median_us": micros(median),
            "max_us": micros(max),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
