//! The pace of a turn: when each of its tokens is told, and what faults make of it.

use super::event::{ALIVE, Event};
use super::stream::Events;
use crate::faults::{Ending, Kind};
use crate::truth::Ticket;
use std::time::Duration;
use victor_clock::{Instant, now, sleep_until};
use victor_model::{Answer, Delivery, Reply, Step};

/// A turn being told, to a stream or in one piece.
pub(crate) struct Speech<'a> {
    /// Waiting is towards this instant, which moves by exact spans: timers that fire late do not
    /// add up.
    clock: Instant,
    ticket: &'a Ticket,
    events: Option<&'a Events>,
    delivery: Delivery,
    /// When the stream was last heard.
    heard: Instant,
}

/// Tokens on their way into a stream.
struct Part<'t> {
    text: &'t Answer,
    /// How many of them are told.
    told: usize,
    /// Tokens of a chunk.
    chunk: usize,
    /// Thought, not answer.
    reasoning: bool,
}

impl<'a> Speech<'a> {
    /// Begins now. Without `events` only the end of the turn is waited for.
    pub(crate) fn begin(
        ticket: &'a Ticket,
        events: Option<&'a Events>,
        delivery: Delivery,
    ) -> Self {
        ticket.started();
        let start = now();
        Self { clock: start, ticket, events, delivery, heard: start }
    }

    /// Sends the opening chunk, where there is one.
    pub(crate) async fn open(&self) {
        if let (Some(events), true) = (self.events, self.delivery.opening) {
            events.send(Event::Content { content: "" }.bytes()).await;
        }
    }

    /// What the faults make of a reply before it is told.
    pub(crate) fn fated(&self, reply: Reply) -> Reply {
        let fate = self.ticket.fate();
        let factor = fate.slowness(self.clock, self.ticket);
        let reply = if factor > 1.0 { reply.slowed(factor) } else { reply };
        let answers = matches!(reply.step, Step::Answer(_));
        if answers && fate.strikes(Kind::EmptyAnswer) && fate.ending() == Ending::Whole {
            self.ticket.touch(Kind::EmptyAnswer);
            return reply.silenced();
        }
        reply
    }

    /// Works for `span`, through every pause, and says meanwhile that the stream is alive.
    async fn work(&mut self, span: Duration) {
        self.clock = self.ticket.fate().done(self.clock, span, self.ticket);
        if let (Some(events), Some(silence)) = (self.events, self.delivery.keep_alive) {
            while self.heard + silence < self.clock {
                sleep_until(self.heard + silence).await;
                events.send(ALIVE).await;
                self.heard += silence;
            }
        }
        if self.clock > now() {
            sleep_until(self.clock).await;
        }
    }

    /// Notes that others worked for `span`.
    pub(crate) fn rest(&mut self, span: Duration) {
        self.clock += span;
        self.heard = self.clock;
    }

    /// Thinks, and makes up a call of tools.
    pub(crate) async fn call(&mut self, reply: &Reply) {
        match self.events {
            None => self.work(reply.timing.total()).await,
            Some(events) => {
                let mut gaps = reply.timing.decode();
                self.think(reply, &mut gaps, events).await;
                self.work(gaps.sum()).await;
            }
        }
    }

    /// Tells the answer.
    pub(crate) async fn speak(&mut self, answer: &Answer, reply: &Reply) -> Ending {
        let fate = self.ticket.fate();
        let ending = fate.ending();
        match ending {
            Ending::Whole => {}
            Ending::Cut => self.ticket.touch(Kind::Cut),
            Ending::Error => self.ticket.touch(Kind::ErrorIn200),
        }
        let tokens = answer.tokens().count();
        let Some(events) = self.events else {
            self.work(reply.timing.total()).await;
            self.stall().await;
            if ending == Ending::Whole {
                self.ticket.answering(tokens as u64);
            }
            return ending;
        };
        let told = if ending == Ending::Whole { tokens } else { fate.told(tokens) };
        let mut gaps = reply.timing.decode();
        self.think(reply, &mut gaps, events).await;
        if fate.fake_stream() {
            self.work(gaps.sum()).await;
            self.tell_at_once(answer, told, events).await;
        } else {
            let part = Part { text: answer, told, chunk: reply.chunk, reasoning: false };
            self.tell(part, &mut gaps, events).await;
        }
        ending
    }

    /// Works until the first token is begun, and tells the thoughts.
    async fn think(
        &mut self,
        reply: &Reply,
        gaps: &mut impl Iterator<Item = Duration>,
        events: &Events,
    ) {
        self.work(reply.timing.prefill()).await;
        if let Some(text) = &reply.reasoning {
            let told = text.tokens().count();
            let part = Part { text, told, chunk: reply.chunk, reasoning: true };
            self.tell(part, gaps, events).await;
        }
    }

    /// Tells a part chunk by chunk, each when its last token is there.
    async fn tell(
        &mut self,
        part: Part<'_>,
        gaps: &mut impl Iterator<Item = Duration>,
        events: &Events,
    ) {
        let text = part.text.text();
        let middle = part.text.tokens().count() / 2;
        let (mut begin, mut end, mut held) = (0, 0, 0);
        for (at, (token, gap)) in part.text.tokens().zip(gaps).take(part.told).enumerate() {
            self.work(gap).await;
            if at == middle && !part.reasoning {
                self.stall().await;
            }
            end += token.len();
            held += 1;
            if held < part.chunk && at + 1 < part.told {
                continue;
            }
            // Tokens joined are the text, so a chunk is a piece of it.
            let content = text.get(begin..end).unwrap_or_default();
            let event = if part.reasoning {
                Event::Reasoning { content }
            } else {
                self.ticket.streaming(held);
                Event::Content { content }
            };
            events.send(event.bytes()).await;
            self.heard = self.clock;
            (begin, held) = (end, 0);
        }
    }

    /// Tells the first `told` tokens in one piece.
    async fn tell_at_once(&mut self, answer: &Answer, told: usize, events: &Events) {
        self.stall().await;
        self.ticket.touch(Kind::FakeStream);
        self.ticket.streaming(told);
        let tokens = answer.tokens().take(told);
        let piece: Vec<u8> =
            tokens.flat_map(|content| Event::Content { content }.bytes()).collect();
        events.send(piece.into()).await;
    }

    /// Stops, when this turn is to.
    async fn stall(&mut self) {
        if let Some(pause) = self.ticket.fate().stall() {
            self.ticket.touch(Kind::Stall);
            self.work(pause).await;
        }
    }
}
