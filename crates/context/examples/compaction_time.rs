//! How long compaction takes: the median of 200 runs over a conversation of 1,000 messages.
//!
//! `cargo run --release -p victor-context --example compaction_time`

use serde_json::json;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use victor_clock::now;
use victor_context::{Excerpts, Strategy, Tokens, Trigger, Weight};
use victor_model::{Message, ToolCall};

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

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = now();
            run();
            now() - start
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() -> std::io::Result<()> {
    let talk = conversation();
    let weight = Weight::of_all(&talk);
    let target = Tokens(weight.tokens.0 * 45 / 75);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} messages, {} bytes, {}", weight.messages, weight.bytes, weight.tokens)?;
    let weighing = median(|| {
        std::hint::black_box(Weight::of_all(&talk));
    });
    writeln!(out, "{:<12} {weighing:>10.1?}", "weighing")?;
    for strategy in Strategy::ALL {
        let time = median(|| {
            let plan = strategy.plan(&talk, target, Trigger::Manual);
            std::hint::black_box(plan.finish(&Excerpts));
        });
        writeln!(out, "{:<12} {time:>10.1?}", strategy.name())?;
    }
    Ok(())
}
