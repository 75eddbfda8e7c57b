//! Whether streams stream: an answer that is computed whole and then sent in pieces at once makes a
//! user wait as long as one that is not streamed.

use super::GROUP;
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::{Door, Heard, Mode, Probe, why};
use crate::scale::said;
use std::pin::Pin;
use std::rc::Rc;
use tokio::task::JoinSet;
use victor_clock::Duration;
use victor_types::{Millis, Outcome, Verdict};

pub(in crate::scale) const STREAMING: Case = Case {
    group: GROUP,
    name: "test_real_streaming",
    slow: true,
    seconds: 5,
    about: "share of streams whose text arrives in one piece at the end",
    params: &[
        Param {
            name: "streams",
            default: 600,
            help: "streams that are watched; fewer than 300 cannot pass",
        },
        Param { name: "sessions", default: 10, help: "streams at once" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// A stream is in one piece when its text takes less than this share of the whole turn to arrive
const SHARE: f64 = 0.1;
/// and less than this, which is nothing to a reader.
const INSTANT: Duration = Duration::from_millis(5);
/// Share of such streams that is still accepted: one may be held up on the way.
const LIMIT: f64 = 0.01;

/// What is to be repeated.
const TEXT: &str = "The parser reads one line at a time and keeps no state but the number of the line, \
    so that a broken file is told by the place where it breaks. What it has read goes into a table that \
    is sorted once, at the end, by name and then by date.";

/// What was seen of all streams.
#[derive(Default)]
struct Seen {
    streams: u64,
    failed: u64,
    example: Option<String>,
    in_one_piece: u64,
    reads: u64,
    /// Share of the turn over which the text came, in per mille.
    shares: Vec<u64>,
    longest: Duration,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let sessions = context.param("sessions").max(1);
    let each = context.param("streams").div_ceil(sessions);
    let door = Door::find(context).await?;
    let mut tasks = JoinSet::new();
    for user in 0..sessions {
        tasks.spawn_local(watch(Rc::clone(&door), user, each));
    }
    let mut seen = Seen::default();
    while let Some(done) = tasks.join_next().await {
        context.go_on()?;
        seen.merge(done.unwrap_or_default());
    }
    context.measured(
        "streams",
        format!("{} watched, {} right", count(seen.streams), count(seen.streams - seen.failed)),
    );
    if let Some(middle) = seen.middle() {
        context.measured("text arrives over", format!("{} % of the turn (median)", middle / 10));
        let reads = said::ratio(seen.reads, seen.streams - seen.failed);
        context.measured("pieces read", format!("{reads:.1} a stream"));
    }
    context.result.verdicts.extend([streamed(&seen), right(&seen)]);
    Ok(())
}

/// One session that asks again and again for its word, as a stream.
async fn watch(door: Rc<Door>, user: u64, streams: u64) -> Seen {
    let mut seen = Seen::default();
    let mut probe = Probe::new(&door, user);
    // An answer of some length, or there is nothing to stream.
    let text = format!("Message 1: keep the note {} with all of this. {}", probe.word(), TEXT);
    let told = probe.say(&text, Vec::new(), None, Mode::Plain).await;
    if let Err(failure) = &told.answer {
        return Seen { streams: 1, failed: 1, example: Some(why(failure)), ..seen };
    }
    for turn in 0..streams {
        let question = format!("Turn {turn}. Please recall message 1 word by word.");
        seen.add(&probe.say(&question, Vec::new(), Some(probe.word()), Mode::Stream).await);
        if seen.failed > 20 && seen.failed == seen.streams {
            break;
        }
    }
    seen
}

impl Seen {
    fn add(&mut self, heard: &Heard) {
        self.streams += 1;
        let (Ok(_), Some(speaking)) = (&heard.answer, heard.speaking()) else {
            self.failed += 1;
            let failure = heard.answer.as_ref().err().map(why);
            let text = failure.unwrap_or_else(|| "no piece of text had a time".to_owned());
            self.example.get_or_insert(text);
            return;
        };
        let share = speaking.as_secs_f64() / heard.took.as_secs_f64().max(1e-9);
        self.in_one_piece += u64::from(is_one_piece(speaking, heard.took));
        self.reads += heard.reads.len() as u64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        self.shares.push((share * 1000.0) as u64);
        self.longest = self.longest.max(heard.took);
    }

    fn merge(&mut self, other: Self) {
        self.streams += other.streams;
        self.failed += other.failed;
        self.example = self.example.take().or(other.example);
        self.in_one_piece += other.in_one_piece;
        self.reads += other.reads;
        self.shares.extend(other.shares);
        self.longest = self.longest.max(other.longest);
    }

    fn middle(&self) -> Option<u64> {
        let mut shares = self.shares.clone();
        shares.sort_unstable();
        shares.get(shares.len() / 2).copied()
    }
}

fn is_one_piece(speaking: Duration, took: Duration) -> bool {
    speaking < INSTANT && speaking.as_secs_f64() < SHARE * took.as_secs_f64()
}

fn streamed(seen: &Seen) -> Verdict {
    let judged = seen.streams - seen.failed;
    let verdict = said::share_below("streams in one piece", seen.in_one_piece, judged, LIMIT);
    if verdict.outcome == Outcome::Fail && judged > 0 {
        let longest = Millis::from_micros(u64::try_from(seen.longest.as_micros()).unwrap_or(0));
        let why = format!("the text came at once, at the end of turns of up to {longest}");
        return said::because(verdict, why);
    }
    verdict
}

fn right(seen: &Seen) -> Verdict {
    let verdict = said::share_below("streams wrong or broken", seen.failed, seen.streams, LIMIT);
    match &seen.example {
        Some(example) => said::because(verdict, format!("for example: {example}")),
        None => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_piece_is_told_from_a_slow_start_and_from_a_fast_model() {
        let ms = Duration::from_millis;
        assert!(is_one_piece(ms(1), ms(25)), "whole at the end");
        assert!(!is_one_piece(ms(70), ms(1000)), "a slow start, then tokens");
        assert!(!is_one_piece(Duration::from_micros(200), Duration::from_micros(900)), "fast");
        assert!(!is_one_piece(ms(6), ms(20)));
    }

    #[test]
    fn too_few_streams_do_not_pass() {
        let seen = |streams, failed, in_one_piece| Seen {
            streams,
            failed,
            in_one_piece,
            ..Seen::default()
        };
        assert_eq!(streamed(&seen(100, 0, 0)).outcome, Outcome::Inconclusive);
        assert_eq!(streamed(&seen(600, 0, 1)).outcome, Outcome::Pass);
        assert_eq!(streamed(&seen(600, 0, 600)).outcome, Outcome::Fail);
        assert_eq!(streamed(&seen(30, 30, 0)).outcome, Outcome::Fail, "none was right");
    }
}
