//! One turn: ask the model, wait its times, run its tools, until it answers.

use super::event::Event;
use super::request::Order;
use super::stream::Events;
use crate::admission::Slot;
use crate::app::App;
use crate::refusal::Refusal;
use crate::sessions::Lease;
use crate::tools::ToolReport;
use crate::truth::Ticket;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;
use victor_clock::{Instant, now, sleep_until};
use victor_model::{Answer, Message, Reply, Step, ToolCall, Usage};

/// Most times the model may ask for tools before it must answer.
const ROUNDS: usize = 8;

/// A turn about to be taken.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) app: Arc<App>,
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) lease: Option<Lease>,
    pub(crate) order: Order,
    /// Held until the turn is over or given up.
    #[expect(dead_code, reason = "what counts is when it is dropped")]
    pub(crate) slot: Slot,
}

/// A turn that was answered.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) text: String,
    pub(crate) tool_calls: Vec<ToolReport>,
    pub(crate) usage: Usage,
}

/// The messages of a turn in progress.
struct Scene {
    /// The session's history, and how much of what follows came with the request.
    history: Vec<Arc<Message>>,
    given: usize,
    /// What came with the request and what the turn added.
    tail: Vec<Arc<Message>>,
    /// Another session's id and history, used in place of this one's by the cross-talk fault.
    crossed: Option<(Arc<str>, Vec<Arc<Message>>)>,
}

impl Turn {
    /// Takes the turn, after the earlier turns of its session. Tokens go to `events` as their time
    /// comes; without `events` only the end is waited for.
    pub(crate) async fn take(mut self, events: Option<&Events>) -> Result<Finished, Refusal> {
        let session = self.lease.as_ref().map(|lease| Arc::clone(lease.session()));
        let _in_order = match &session {
            Some(session) => Some(session.turn().await),
            None => None,
        };
        if let Some(turnstile) = &self.app.turnstile {
            turnstile.pass().await;
        }
        let mut scene = self.scene();
        let mut finished =
            Finished { text: String::new(), tool_calls: Vec::new(), usage: Usage::default() };
        // Waiting is towards this instant, which moves by exact spans: timers that fire late do
        // not add up.
        let mut clock = now();
        let turn = self.app.next_turn();
        for _ in 0..ROUNDS {
            let reply = self.app.model.reply(&scene.seen(), turn);
            finished.usage.prompt_tokens += reply.usage.prompt_tokens;
            finished.usage.completion_tokens += reply.usage.completion_tokens;
            match reply.step {
                Step::Answer(ref answer) => {
                    self.note_cross_talk(&scene, answer, turn);
                    speak(answer, &reply, clock, events).await;
                    finished.text = answer.text().to_owned();
                    self.commit(scene, &finished.text);
                    return Ok(finished);
                }
                Step::ToolCalls(calls) => {
                    clock += reply.timing.total();
                    wait_until(clock).await;
                    let start = now();
                    let reports = self.run_tools(&calls, events).await;
                    clock += now() - start;
                    scene.add_results(calls, &reports);
                    finished.tool_calls.extend(reports);
                }
            }
        }
        Err(Refusal::Rounds(ROUNDS))
    }

    fn scene(&mut self) -> Scene {
        let tail = std::mem::take(&mut self.order.messages);
        let given = tail.len();
        let Some(lease) = &self.lease else {
            return Scene { history: Vec::new(), given, tail, crossed: None };
        };
        let strike = self.app.cross_talk.strike();
        let crossed = strike.and_then(|bits| self.app.sessions.another(lease.session().id(), bits));
        Scene { history: lease.session().messages(), given, tail, crossed }
    }

    /// Records the fault only where it changed what the client is told.
    fn note_cross_talk(&self, scene: &Scene, told: &Answer, turn: u64) {
        let Some((other, _)) = &scene.crossed else { return };
        let honest = self.app.model.reply(&scene.own(), turn).step;
        if !matches!(&honest, Step::Answer(answer) if answer == told) {
            self.ticket.set_cross_talk(other);
        }
    }

    /// Runs the tools all at once; their results come in the order of the calls.
    async fn run_tools(&self, calls: &[ToolCall], events: Option<&Events>) -> Vec<ToolReport> {
        let mut running = Vec::with_capacity(calls.len());
        for call in calls {
            if let Some(events) = events {
                events.send(Event::ToolCall { tool_call: call }.bytes()).await;
            }
            let (app, call) = (Arc::clone(&self.app), call.clone());
            running.push(AbortOnDropHandle::new(tokio::spawn(async move {
                let metrics = app.journal.metrics();
                app.toolbox.run(call, |tool, status| metrics.tool_ended(tool, status)).await
            })));
        }
        let mut reports = Vec::with_capacity(running.len());
        for task in running {
            // A task breaks off only when the runtime itself is going down.
            let Ok(report) = task.await else { continue };
            if let Some(events) = events {
                events.send(Event::ToolResult { tool_result: &report }.bytes()).await;
            }
            reports.push(report);
        }
        reports
    }

    /// Keeps the turn in its session: what was asked, done and told.
    fn commit(&self, scene: Scene, told: &str) {
        let Some(lease) = &self.lease else { return };
        let mut turn = scene.tail;
        turn.drain(..scene.given.saturating_sub(1));
        turn.push(Arc::new(Message::assistant(told)));
        lease.session().commit(turn, self.app.session);
    }
}

impl Scene {
    /// What the model is shown.
    fn seen(&self) -> Vec<Arc<Message>> {
        let history = self.crossed.as_ref().map_or(&self.history, |(_, other)| other);
        history.iter().chain(&self.tail).cloned().collect()
    }

    /// What the model should be shown.
    fn own(&self) -> Vec<Arc<Message>> {
        self.history.iter().chain(&self.tail).cloned().collect()
    }

    fn add_results(&mut self, calls: Vec<ToolCall>, reports: &[ToolReport]) {
        self.tail.push(Arc::new(Message::calling(calls)));
        self.tail.extend(
            reports
                .iter()
                .map(|report| Arc::new(Message::tool_result(report.id(), report.content()))),
        );
    }
}

async fn speak(answer: &Answer, reply: &Reply, start: Instant, events: Option<&Events>) {
    let Some(events) = events else {
        return wait_until(start + reply.timing.total()).await;
    };
    for (content, offset) in answer.tokens().zip(reply.timing.offsets()) {
        wait_until(start + offset).await;
        events.send(Event::Content { content }.bytes()).await;
    }
}

/// Waits for `deadline`, and not at all once it has passed.
async fn wait_until(deadline: Instant) {
    if deadline > now() {
        sleep_until(deadline).await;
    }
}
