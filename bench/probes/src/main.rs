//! Bare targets for the benchmarks: what a socket costs without a server around it, and a server
//! whose stalls have a closed form.
//!
//! The one idea: one thread, one epoll set, no allocation for an answer. What is measured against
//! such a target is the other side.
//!
//! ```text
//! victor-probes stream --events 20 --event 'data: {"type":"content","content":"word "}'
//! victor-probes stall --service 2 --stall 200 --period 2000
//! ```
//!
//! Why not nginx for all? It can neither write an event at a time nor stand still on a schedule.

mod answer;
mod clients;
mod due;
mod read;
mod serve;

use answer::Answer;
use clap::{Parser, Subcommand};
use serve::Timing;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Debug, Parser)]
#[command(about = "Bare targets that the benchmarks compare with")]
struct Arguments {
    /// Port on 127.0.0.1.
    #[arg(long, default_value_t = 8001, global = true)]
    port: u16,
    #[command(subcommand)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Target {
    /// Answers each request with a stream of equal events, one write for each.
    Stream {
        /// Events in an answer.
        #[arg(long, default_value_t = 20)]
        events: usize,
        /// An event, without the empty line that ends it.
        #[arg(long)]
        event: String,
    },
    /// No target: reads streams from one at the port, bare, and prints what it read as JSON.
    Read {
        /// Streams at once.
        #[arg(long, default_value_t = 2000)]
        connections: u32,
        /// JSON body of a request.
        #[arg(long)]
        body: String,
        /// Milliseconds over which the streams begin.
        #[arg(long, default_value_t = 3000)]
        spread: u64,
        /// Seconds to read.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Answers each request after a fixed time, but stands still at the start of each period.
    Stall {
        /// Milliseconds an answer takes.
        #[arg(long)]
        service: u64,
        /// Milliseconds of standstill.
        #[arg(long)]
        stall: u64,
        /// Milliseconds from one standstill to the next.
        #[arg(long)]
        period: u64,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let port = arguments.port;
    let (answer, timing) = match arguments.target {
        Target::Stream { events, event } => (Answer::stream(events, &event), Timing::AtOnce),
        Target::Read { connections, body, spread, seconds } => {
            let (spread, length) = (Duration::from_millis(spread), Duration::from_secs(seconds));
            return ended(port, read::read(port, connections, &body, spread, length).map(tell));
        }
        Target::Stall { service, stall, period } => {
            let [service, stall, period] = [service, stall, period].map(Duration::from_millis);
            (Answer::plain("a word"), Timing::Stalling { service, stall, period })
        }
    };
    ended(port, serve::serve(port, &answer, timing))
}

fn ended(port: u16, result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: port {port}: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_macros, reason = "a program of its own, with one thing to say")]
fn tell(tally: read::Tally) {
    let read::Tally { reads, chunks, coalesced, streams } = tally;
    println!(
        "{{\"reads\":{reads},\"chunks\":{chunks},\"coalesced\":{coalesced},\"streams\":{streams}}}"
    );
}

#[expect(clippy::disallowed_macros, reason = "a program of its own, with one thing to say")]
fn complain(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, without the product's clock")]
fn now() -> Instant {
    Instant::now()
}
