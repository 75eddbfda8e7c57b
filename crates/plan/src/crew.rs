//! Who comes and who goes, for one shard.

use crate::Stage;
use crate::spawn::whole;
use std::time::Duration;

/// A user that comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// When, from the start of the run.
    pub at: Duration,
    /// The place that is taken or left. Places fill from 0 upwards, and the newest user leaves
    /// first, as in Locust; the class of a user is that of its place.
    pub place: u64,
    /// The number of the user that comes, never given twice; `None` when the place is left.
    pub comes: Option<u64>,
}

/// The moves of one shard's users, in order.
///
/// Every shard counts through the moves of all and takes those of its own places, so that shards
/// need not talk and more shards change nothing. [`Crew::redirect`] changes the future; shards that
/// are told the same still agree.
#[derive(Debug, Clone)]
pub struct Crew {
    legs: Vec<Leg>,
    /// Where counting stands after the last move handed out.
    state: State,
    shard: u64,
    shards: u64,
}

/// A stretch with one aim.
#[derive(Debug, Clone, Copy)]
struct Leg {
    from: Duration,
    until: Duration,
    users: u64,
    pace: Pace,
}

#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Users a second.
    Rate(f64),
    /// All of them within this.
    Over(Duration),
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    leg: usize,
    /// Users at the start of the leg, and moves made in it.
    before: u64,
    made: u64,
    /// Users there ever were.
    born: u64,
    /// Instant of the last move.
    at: Duration,
}

impl Crew {
    pub(crate) fn new(stages: &[Stage], shard: u32, shards: u32) -> Self {
        let mut from = Duration::ZERO;
        let legs = stages
            .iter()
            .map(|stage| {
                let until = from.saturating_add(stage.length);
                let pace = stage.pace.map_or(Pace::Over(stage.length), Pace::Rate);
                let leg = Leg { from, until, users: whole(stage.level), pace };
                from = until;
                leg
            })
            .collect();
        let (shard, shards) = (u64::from(shard), u64::from(shards.max(1)));
        Self { legs, state: State::default(), shard, shards }
    }

    /// When the next move is due; `None` when nobody comes or goes any more.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.own(self.state).map(|(_, next)| next.at)
    }

    /// The next move, if it is due at `now`.
    pub fn next_if_due(&mut self, now: Duration) -> Option<Move> {
        let (state, next) = self.own(self.state)?;
        if next.at > now {
            return None;
        }
        self.state = state;
        Some(next)
    }

    /// From `at` on: `users` users, reached at `rate` a second from however many there are then.
    /// Moves due before `at` stay.
    pub fn redirect(&mut self, at: Duration, users: u64, rate: f64) {
        // What was handed out cannot be taken back.
        let at = at.max(self.state.at);
        let started = self.legs.iter().take_while(|leg| leg.from < at).count();
        self.legs.truncate(started.max(self.state.leg + 1));
        if let Some(last) = self.legs.last_mut() {
            last.until = last.until.min(at);
        }
        let pace = Pace::Rate(rate.max(1e-9));
        self.legs.push(Leg { from: at, until: Duration::MAX, users, pace });
    }

    /// The next move of this shard after `state`, and the state behind it.
    fn own(&self, mut state: State) -> Option<(State, Move)> {
        loop {
            let next = self.step(&mut state)?;
            if next.place % self.shards == self.shard {
                return Some((state, next));
            }
        }
    }

    /// The next move of all.
    fn step(&self, state: &mut State) -> Option<Move> {
        loop {
            let leg = self.legs.get(state.leg)?;
            let moves = leg.users.abs_diff(state.before);
            let comes = leg.users > state.before;
            if state.made < moves {
                let at = leg.at(state.made, moves);
                // A jump has no length, and happens whole.
                if at < leg.until || leg.is_jump() {
                    let made = state.made;
                    state.made += 1;
                    state.at = at;
                    let place = if comes { state.before + made } else { state.before - 1 - made };
                    let comes = comes.then_some(state.born);
                    state.born += u64::from(comes.is_some());
                    return Some(Move { at, place, comes });
                }
            }
            let made = state.made;
            state.before = if comes { state.before + made } else { state.before - made };
            state.made = 0;
            state.leg += 1;
        }
    }
}

impl Leg {
    fn is_jump(&self) -> bool {
        matches!(self.pace, Pace::Over(length) if length.is_zero())
    }

    /// When move `made` of `moves` is due.
    #[expect(clippy::cast_precision_loss, reason = "user numbers are far below 2^52")]
    fn at(&self, made: u64, moves: u64) -> Duration {
        let seconds = match self.pace {
            Pace::Rate(rate) => made as f64 / rate,
            Pace::Over(length) => length.as_secs_f64() * (made as f64 / moves as f64),
        };
        let offset = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.from.saturating_add(offset)
    }
}

#[cfg(test)]
#[path = "crew_tests.rs"]
mod tests;
