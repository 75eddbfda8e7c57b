//! A user of a closed load: asks, hears, waits.

use crate::guest::Guest;
use crate::roster::{Doing, Presence};
use crate::shard::Shard;
use std::rc::Rc;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_users::Class;

/// Least pause after a connection could not be opened, so that users who do not wait do not spend
/// all of the generator's CPU on a server that is gone.
const RECONNECT: Duration = Duration::from_millis(100);

/// Lives until the run stops, the user has done its turns, or it is told to leave.
pub(crate) async fn live(shard: Rc<Shard>, class: Class, number: u64, presence: Presence) {
    let mut guest = Guest::new(&shard, class, number);
    while !shard.stop.is_cancelled() && shard.turns_per_user.is_none_or(|most| guest.turns() < most)
    {
        if shard.gate.is_paused() {
            tokio::select! {
                biased;
                () = shard.stop.cancelled() => return,
                () = shard.gate.opened() => {}
            }
            // All were held up; with waits drawn anew they do not come back all at once.
            let wait = guest.wait(Duration::ZERO);
            if !rest(&shard, now() + wait).await {
                return;
            }
            continue;
        }
        if !shard.gate.take_one() {
            return;
        }
        presence.set(Doing::Turn);
        // A closed loop has no schedule but the user's own: its turn is planned for the instant at
        // which the user is ready. That the user was woken late is the ticker's to notice.
        let planned = now();
        let ended = guest.take_turn(&shard, planned).await;
        if presence.get() == Doing::LastTurn {
            return;
        }
        presence.set(Doing::Waiting);
        let mut wait = guest.wait(ended.done - planned);
        if ended.unconnected {
            wait = wait.max(RECONNECT);
        }
        if !wait.is_zero() && !rest(&shard, ended.done + wait).await {
            return;
        }
    }
}

/// Sleeps until `end`; false when the run stopped before.
async fn rest(shard: &Shard, end: Instant) -> bool {
    tokio::select! {
        biased;
        () = shard.stop.cancelled() => false,
        () = sleep_until(end) => true,
    }
}
