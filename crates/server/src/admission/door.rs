//! The door: a slot now, a place in the line, or a refusal.

use super::capacity::Turnstile;
use super::line::{Full, Line};
use super::throughput::Throughput;
use crate::lock::lock;
use crate::refusal::Refusal;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use victor_clock::now;

/// How many turns run and wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Turns that run at once.
    pub(crate) slots: usize,
    /// Turns that wait for a slot.
    pub(crate) places: usize,
    /// Longest time a turn waits.
    pub(crate) wait: Duration,
}

/// Decides who runs. Shared by all requests.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    line: Line<oneshot::Sender<Slot>>,
    throughput: Throughput,
    closed: bool,
}

/// The line as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) running: usize,
    pub(crate) slots: usize,
    pub(crate) waiting: usize,
    pub(crate) places: usize,
    /// How long the first in line has waited.
    pub(crate) oldest: Option<Duration>,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Self {
        let line = Line::new(limits.slots, limits.places);
        let state = State { line, throughput: Throughput::new(now()), closed: false };
        Self { limits, state: Mutex::new(state) }
    }

    /// Refuses a turn for which there is neither a slot nor a place, before its body is read. A
    /// turn let through may still find the line full when it comes to [`Self::enter`].
    pub(crate) fn knock(&self) -> Result<(), Refusal> {
        let state = lock(&self.state);
        if state.closed {
            return Err(Refusal::Stopping);
        }
        if state.line.is_full() { Err(self.overloaded(&state)) } else { Ok(()) }
    }

    /// A slot: at once, or after those who came before, or not at all. Dropping the future leaves
    /// the line.
    pub(crate) async fn enter(self: &Arc<Self>) -> Result<Slot, Refusal> {
        let (grant, granted) = oneshot::channel();
        let number = {
            let mut state = lock(&self.state);
            if state.closed {
                return Err(Refusal::Stopping);
            }
            if state.line.take_free() {
                return Ok(Slot(Arc::clone(self)));
            }
            match state.line.join(now(), grant) {
                Ok(number) => number,
                Err(Full) => return Err(self.overloaded(&state)),
            }
        };
        let _place = Place { admission: self, number };
        // A slot granted in the instant the time runs out is either returned here or lies in
        // `granted`, and goes on to the next when that is dropped.
        match tokio::time::timeout(self.limits.wait, granted).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) => Err(Refusal::Stopping),
            Err(_) => {
                let state = lock(&self.state);
                Err(self.overloaded(&state))
            }
        }
    }

    /// A slot as by [`Self::enter`], and a passage through the turnstile. Both waits together are no
    /// longer than one may be: whose passage does not come in time is refused, slot or not.
    pub(crate) async fn enter_through(
        self: &Arc<Self>,
        turnstile: Option<&Turnstile>,
    ) -> Result<Slot, Refusal> {
        let deadline = now() + self.limits.wait;
        let slot = self.enter().await?;
        if let Some(turnstile) = turnstile
            && tokio::time::timeout_at(deadline, turnstile.pass()).await.is_err()
        {
            drop(slot);
            let state = lock(&self.state);
            return Err(self.overloaded(&state));
        }
        Ok(slot)
    }

    /// Refuses everybody who waits and everybody who comes; those who run may finish.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut state = lock(&self.state);
            state.closed = true;
            state.line.clear()
        };
        drop(waiting);
    }

    /// How things stand.
    pub(crate) fn standing(&self) -> Standing {
        let state = lock(&self.state);
        Standing {
            running: state.line.running(),
            slots: self.limits.slots,
            waiting: state.line.waiting(),
            places: self.limits.places,
            oldest: state.line.first_since().map(|since| now().saturating_duration_since(since)),
        }
    }

    /// The refusal that says when the line, at the pace of the last seconds, will have emptied.
    fn overloaded(&self, state: &State) -> Refusal {
        let emptied =
            state.throughput.per_second(now()).map_or(self.limits.wait.as_secs_f64(), |rate| {
                #[expect(clippy::cast_precision_loss, reason = "a line is short")]
                let turns = state.line.waiting() as f64 + 1.0;
                turns / rate
            });
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 60"
        )]
        let retry_after = emptied.ceil().clamp(1.0, LONGEST_RETRY) as u64;
        Refusal::Overloaded { retry_after }
    }

    fn give_back(self: &Arc<Self>) {
        let next = {
            let mut state = lock(&self.state);
            state.throughput.note(now());
            state.line.give_back()
        };
        if let Some(grant) = next {
            // A waiter that has just gone returns the slot, which then goes on to the next.
            drop(grant.send(Slot(Arc::clone(self))));
        }
    }
}

/// Longest `Retry-After` in seconds: who is told longer tends not to come back.
const LONGEST_RETRY: f64 = 60.0;

/// The right to run one turn, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Admission>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// A place in the line, left when it is dropped.
struct Place<'a> {
    admission: &'a Admission,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.admission.state).line.leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::future::{Future, poll_fn};
    use std::pin::Pin;
    use std::task::Poll;

    type Entering = Pin<Box<dyn Future<Output = Result<Slot, Refusal>>>>;

    fn admission(slots: usize, places: usize, wait: Duration) -> Arc<Admission> {
        Arc::new(Admission::new(Limits { slots, places, wait }))
    }

    fn entering(admission: &Arc<Admission>) -> Entering {
        let admission = Arc::clone(admission);
        Box::pin(async move { admission.enter().await })
    }

    async fn step(entering: &mut Entering) -> Poll<Result<Slot, Refusal>> {
        poll_fn(|context| Poll::Ready(entering.as_mut().poll(context))).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_at_its_limit_and_tells_when_to_come_back() {
        let admission = admission(1, 2, Duration::from_secs(5));
        let held = admission.enter().await.expect("free");
        let start = now();
        let refused = admission.enter().await.expect_err("nobody leaves");
        let waited = now() - start;
        assert!(waited >= Duration::from_secs(5) && waited <= Duration::from_millis(5010));
        assert_eq!(refused, Refusal::Overloaded { retry_after: 5 });
        assert_eq!(admission.standing().waiting, 0);
        drop(held);
        assert_eq!(admission.standing().running, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_the_model_counts_as_waiting() {
        let admission = admission(10, 10, Duration::from_secs(2));
        let turnstile = Turnstile::new("2".parse().expect("a capacity"));
        let start = now();
        let turns = (0..8).map(|_| async {
            let entered = admission.enter_through(Some(&turnstile)).await.map(drop);
            (entered.is_ok(), (now() - start).as_millis())
        });
        let mut ended = futures_util::future::join_all(turns).await;
        ended.sort_unstable();
        let refused = ended.iter().filter(|(entered, _)| !entered);
        assert!(refused.clone().all(|(_, at)| (2000..=2050).contains(at)), "{ended:?}");
        assert!((3..=4).contains(&refused.count()), "two a second for two seconds: {ended:?}");
        assert_eq!(admission.standing().running, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_follows_the_pace_of_the_turns() {
        let admission = admission(1, 20, Duration::from_secs(600));
        for _ in 0..50 {
            let slot = admission.enter().await.expect("free");
            victor_clock::sleep(Duration::from_millis(500)).await;
            drop(slot);
        }
        let _held = admission.enter().await.expect("free");
        let mut line: Vec<Entering> = (0..20).map(|_| entering(&admission)).collect();
        for waiter in &mut line {
            assert!(step(waiter).await.is_pending());
        }
        // 21 turns at two a second.
        let refused = admission.knock().expect_err("full");
        assert!(matches!(refused, Refusal::Overloaded { retry_after: 10..=12 }), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn closing_sends_those_who_wait_away_and_lets_those_who_run_finish() {
        let admission = admission(1, 5, Duration::from_secs(5));
        let held = admission.enter().await.expect("free");
        let mut waiter = entering(&admission);
        assert!(step(&mut waiter).await.is_pending());
        admission.close();
        assert_eq!(waiter.await.expect_err("closed"), Refusal::Stopping);
        assert_eq!(admission.knock(), Err(Refusal::Stopping));
        assert_eq!(admission.standing().running, 1);
        drop(held);
        assert_eq!(admission.standing().running, 0);
    }

    #[derive(Debug, Clone)]
    enum Deed {
        Arrive,
        Finish(usize),
        HangUp(usize),
        Pass(u64),
    }

    fn any_deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            4 => Just(Deed::Arrive),
            3 => any::<usize>().prop_map(Deed::Finish),
            1 => any::<usize>().prop_map(Deed::HangUp),
            1 => (1..1500_u64).prop_map(Deed::Pass),
        ]
    }

    /// A line in the plainest form, which the real one must agree with after every deed.
    struct Street {
        admission: Arc<Admission>,
        running: Vec<Slot>,
        waiting: VecDeque<Entering>,
        arrived: usize,
        outcomes: usize,
    }

    impl Street {
        async fn deed(&mut self, deed: Deed) -> Result<(), TestCaseError> {
            match deed {
                Deed::Arrive => {
                    self.arrived += 1;
                    let full = self.admission.knock().is_err();
                    let mut new = entering(&self.admission);
                    match step(&mut new).await {
                        Poll::Ready(Ok(slot)) => {
                            prop_assert!(self.waiting.is_empty(), "overtook those who wait");
                            self.running.push(slot);
                            self.outcomes += 1;
                        }
                        Poll::Ready(Err(_)) => {
                            prop_assert!(full, "refused on a line that is not full");
                            self.outcomes += 1;
                        }
                        Poll::Pending => self.waiting.push_back(new),
                    }
                }
                Deed::Finish(which) if !self.running.is_empty() => {
                    let which = which % self.running.len();
                    drop(self.running.swap_remove(which));
                }
                Deed::HangUp(which) if !self.waiting.is_empty() => {
                    let which = which % self.waiting.len();
                    drop(self.waiting.remove(which));
                    self.outcomes += 1;
                }
                Deed::Finish(_) | Deed::HangUp(_) => {}
                Deed::Pass(millis) => tokio::time::advance(Duration::from_millis(millis)).await,
            }
            Ok(())
        }

        /// Polls everybody; slots must have gone to the front of the line.
        async fn settle(&mut self) -> Result<(), TestCaseError> {
            let mut stayed = VecDeque::new();
            for mut waiter in std::mem::take(&mut self.waiting) {
                match step(&mut waiter).await {
                    Poll::Ready(outcome) => {
                        self.outcomes += 1;
                        if let Ok(slot) = outcome {
                            prop_assert!(stayed.is_empty(), "not the first in line");
                            self.running.push(slot);
                        }
                    }
                    Poll::Pending => stayed.push_back(waiter),
                }
            }
            self.waiting = stayed;
            let standing = self.admission.standing();
            prop_assert_eq!(standing.running, self.running.len());
            prop_assert_eq!(standing.waiting, self.waiting.len());
            prop_assert!(standing.running <= standing.slots && standing.waiting <= standing.places);
            prop_assert!(standing.waiting == 0 || standing.running == standing.slots);
            prop_assert_eq!(self.arrived, self.outcomes + self.waiting.len());
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn never_more_than_the_slots_in_order_and_one_outcome_each(
            slots in 1..4_usize,
            places in 0..5_usize,
            deeds in prop::collection::vec(any_deed(), 0..80),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let admission = admission(slots, places, Duration::from_secs(1));
                let (running, waiting) = (Vec::new(), VecDeque::new());
                let mut street = Street { admission, running, waiting, arrived: 0, outcomes: 0 };
                for deed in deeds {
                    street.deed(deed).await?;
                    street.settle().await?;
                }
                street.waiting.clear();
                street.running.clear();
                let standing = street.admission.standing();
                prop_assert_eq!((standing.running, standing.waiting), (0, 0));
                Ok(())
            })?;
        }
    }
}
