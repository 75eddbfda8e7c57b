//! One turn: ask the model, wait its times, run its tools, until it answers.

use super::event::Event;
use super::request::Order;
use super::speech::Speech;
use super::stream::Events;
use crate::admission::Slot;
use crate::app::App;
use crate::faults::{Ending, Kind};
use crate::refusal::Refusal;
use crate::sessions::{Lease, Session};
use crate::tools::ToolReport;
use crate::truth::Ticket;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use tokio_util::task::AbortOnDropHandle;
use victor_clock::now;
use victor_context::Weight;
use victor_model::{Answer, Message, Step, ToolCall, Usage};

/// Most times a model without a preset may ask for tools before it must answer.
const ROUNDS: usize = 8;

/// A turn about to be taken.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) app: Arc<App>,
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) lease: Option<Lease>,
    pub(crate) order: Order,
    /// Held until the turn is over or given up.
    pub(crate) slot: Slot,
}

/// A turn that was answered.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    pub(crate) text: String,
    pub(crate) tool_calls: Vec<ToolReport>,
    pub(crate) usage: Usage,
    pub(crate) ending: Ending,
}

/// The messages of a turn in progress.
struct Scene {
    /// The session's history, and how much of what follows came with the request.
    history: Vec<Arc<Message>>,
    given: usize,
    /// What came with the request and what the turn added.
    tail: Vec<Arc<Message>>,
    /// What a fault puts in place of the history.
    mix_up: Option<MixUp>,
}

/// A history that is not the session's own.
enum MixUp {
    /// Another session's id and history.
    Other(Arc<str>, Vec<Arc<Message>>),
    /// None.
    Forgotten,
}

impl Turn {
    /// Takes the turn, after the earlier turns of its session. Tokens go to `events` as their time
    /// comes; without `events` only the end is waited for.
    pub(crate) async fn take(mut self, events: Option<&Events>) -> Result<Finished, Refusal> {
        let session = self.lease.as_ref().map(|lease| Arc::clone(lease.session()));
        let in_order = match &session {
            Some(session) => Some(session.turn().await),
            None => None,
        };
        let ticket = Arc::clone(&self.ticket);
        let _alone = self.app.faults.alone(&ticket).await;
        if let Some(session) = &session {
            if session.history().turns() == 0 {
                self.app.faults.enter_session(&ticket);
            }
            self.make_room(session).await?;
        }
        let mut scene = self.scene();
        let mut finished = Finished::default();
        let mut speech = Speech::begin(&ticket, events, self.app.delivery);
        speech.open().await;
        let turn = self.app.next_turn();
        let rounds = ROUNDS.max(self.app.model.most_rounds() + 1);
        for _ in 0..rounds {
            let reply = speech.fated(self.app.model.reply(&scene.seen(), turn));
            finished.usage.prompt_tokens += reply.usage.prompt_tokens;
            finished.usage.completion_tokens += reply.usage.completion_tokens;
            match reply.step {
                Step::Answer(ref answer) => {
                    finished.ending = speech.speak(answer, &reply).await;
                    finished.text = answer.text().to_owned();
                    if finished.ending == Ending::Whole {
                        self.note_mix_up(&scene, answer, turn);
                        self.commit(scene, &finished.text);
                        self.tidy(in_order).await;
                    }
                    return Ok(finished);
                }
                Step::ToolCalls(ref calls) => {
                    speech.call(&reply).await;
                    let start = now();
                    let reports = self.run_tools(calls, events).await;
                    speech.rest(now() - start);
                    scene.add_results(calls.clone(), &reports);
                    finished.tool_calls.extend(reports);
                }
            }
        }
        Err(Refusal::Rounds(rounds))
    }

    /// Waits until the session has room for this turn.
    async fn make_room(&self, session: &Session) -> Result<(), Refusal> {
        let more = Weight::of_all(&self.order.messages);
        if let Some(due) = self.app.policy.before_turn(session.history().weight(), more)
            && let Some(compacting) = session.compacting()
        {
            let decided = compacting.decide(due.into()).await?;
            compacting.carry_out(decided, self.app.asking()).await;
        }
        if let Some(told) = session.history().unseen() {
            self.ticket.set_compaction(told);
        }
        Ok(())
    }

    /// Makes the session smaller where the turn has brought it near the window's end. The answer
    /// does not wait for the model: that goes on alone, with the turn's slot, place and session.
    async fn tidy(self, in_order: Option<OwnedMutexGuard<()>>) {
        let Self { app, lease: Some(lease), slot, .. } = self else { return };
        let Some(due) = app.policy.after_turn(lease.session().history().weight()) else { return };
        let Some(compacting) = lease.session().compacting() else { return };
        // It fails only when the runtime goes down; the history stays as it was.
        let Ok(decided) = compacting.decide(due.into()).await else { return };
        if !decided.asks_model() {
            compacting.carry_out(decided, app.asking()).await;
            return;
        }
        let tasks = app.tasks.clone();
        tasks.spawn(async move {
            tokio::select! {
                _ = compacting.carry_out(decided, app.asking()) => {}
                () = app.cut.cancelled() => {}
            }
            drop((in_order, lease, slot));
        });
    }

    fn scene(&mut self) -> Scene {
        let tail = std::mem::take(&mut self.order.messages);
        let given = tail.len();
        let Some(lease) = &self.lease else {
            return Scene { history: Vec::new(), given, tail, mix_up: None };
        };
        let fate = self.ticket.fate();
        let crossed = fate
            .cross_talk()
            .and_then(|bits| self.app.sessions.another(lease.session().id(), bits))
            .map(|(other, history)| MixUp::Other(other, history));
        let mix_up = crossed.or_else(|| fate.strikes(Kind::Forget).then_some(MixUp::Forgotten));
        Scene { history: lease.session().messages(), given, tail, mix_up }
    }

    /// Records the fault only where it changed what the client is told.
    fn note_mix_up(&self, scene: &Scene, told: &Answer, turn: u64) {
        let Some(mix_up) = &scene.mix_up else { return };
        if told.text().is_empty() {
            return;
        }
        let honest = self.app.model.reply(&scene.own(), turn).step;
        if matches!(&honest, Step::Answer(answer) if answer == told) {
            return;
        }
        match mix_up {
            MixUp::Other(other, _) => self.ticket.set_cross_talk(other),
            MixUp::Forgotten => self.ticket.touch(Kind::Forget),
        }
    }

    /// Runs the tools all at once; their results come in the order of the calls.
    async fn run_tools(&self, calls: &[ToolCall], events: Option<&Events>) -> Vec<ToolReport> {
        let errands = self.lease.as_ref().and_then(|lease| lease.session().errands());
        let mut running = Vec::with_capacity(calls.len());
        for call in calls {
            if let Some(events) = events {
                events.send(Event::ToolCall { tool_call: call }.bytes()).await;
            }
            let (app, call, errands) = (Arc::clone(&self.app), call.clone(), errands.clone());
            running.push(AbortOnDropHandle::new(tokio::spawn(async move {
                let metrics = app.journal.metrics();
                let count = |tool, status| metrics.tool_ended(tool, status);
                app.toolbox.run(call, errands.as_deref(), count).await
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
        let history = match &self.mix_up {
            None => self.history.as_slice(),
            Some(MixUp::Other(_, other)) => other,
            Some(MixUp::Forgotten) => &[],
        };
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
