//! A user: its class's behaviour, its numbers, its wait.

use crate::{Class, Expectation, Marker, Run, judge};
use std::time::Duration;
use victor_dialect::{Answer, Failure, Turn};
use victor_plan::{UserRng, Wait, user_rng};

/// One turn a user wants to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Request name in the statistics.
    pub name: &'static str,
    /// What to say.
    pub turn: Turn,
    /// What a right answer looks like.
    pub expectation: Expectation,
}

impl Asked {
    /// A turn of the conversation that `marker` belongs to; its answer must name that session, hold
    /// no other conversation's marker, and the fact that it `recalls`.
    pub(crate) fn in_session(
        name: &'static str,
        marker: &Marker,
        message: String,
        recalls: Option<String>,
    ) -> Self {
        let session_id = Some(marker.session_id());
        let expectation = Expectation {
            session_id: session_id.clone(),
            marker: Some(marker.clone()),
            recalls,
            tool: false,
        };
        Self { name, turn: Turn { message, session_id, ..Turn::default() }, expectation }
    }
}

/// What a behaviour may use: who it is, and its random numbers.
#[derive(Debug)]
pub(crate) struct Me {
    pub(crate) run: Run,
    pub(crate) number: u64,
    pub(crate) rng: UserRng,
    /// Time since the start of the run, for messages that carry a timestamp.
    pub(crate) at: Duration,
}

/// What tells user classes apart.
pub(crate) trait Behaviour: std::fmt::Debug {
    /// The next turn.
    fn ask(&mut self, me: &mut Me) -> Asked;
    /// How the last turn went.
    fn hear(&mut self, me: &mut Me, asked: &Asked, right: bool);
}

/// A user of a built-in class.
#[derive(Debug)]
pub struct User {
    me: Me,
    wait: Wait,
    behaviour: Box<dyn Behaviour>,
}

impl User {
    /// User number `number` of a run.
    #[must_use]
    pub fn new(class: Class, run: &Run, number: u64) -> Self {
        let mut me =
            Me { run: run.clone(), number, rng: user_rng(run.seed(), number), at: Duration::ZERO };
        let behaviour = class.behaviour(&mut me);
        Self { me, wait: run.wait().unwrap_or_else(|| class.wait()), behaviour }
    }

    /// The user's number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.me.number
    }

    /// The next turn, asked at `at` after the start of the run.
    pub fn ask(&mut self, at: Duration) -> Asked {
        self.me.at = at;
        self.behaviour.ask(&mut self.me)
    }

    /// Hears the outcome of `asked` and judges it.
    ///
    /// # Errors
    /// The failure of the exchange handed through, or the fault found in the answer.
    pub fn hear(
        &mut self,
        asked: &Asked,
        heard: Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let judged = heard.and_then(|answer| judge(&asked.expectation, &answer).map(|()| answer));
        self.behaviour.hear(&mut self.me, asked, judged.is_ok());
        judged
    }

    /// Draws the wait after a turn that took `turn`.
    pub fn wait(&mut self, turn: Duration) -> Duration {
        self.wait.draw(&mut self.me.rng, turn)
    }
}
