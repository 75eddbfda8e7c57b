//! A user of a closed load: asks, hears, waits.

use crate::guest::Guest;
use crate::shard::Shard;
use std::rc::Rc;
use victor_clock::{Duration, now, sleep_until};
use victor_users::Class;

/// Least pause after a connection could not be opened, so that users who do not wait do not spend
/// all of the generator's CPU on a server that is gone.
const RECONNECT: Duration = Duration::from_millis(100);

/// Lives until the run stops or the user has done its turns.
pub(crate) async fn live(shard: Rc<Shard>, class: Class, number: u64) {
    let mut guest = Guest::new(&shard, class, number);
    while !shard.stop.is_cancelled() && shard.turns_per_user.is_none_or(|most| guest.turns() < most)
    {
        // A closed loop has no schedule but the user's own: its turn is planned for the instant at
        // which the user is ready. That the user was woken late is the ticker's to notice.
        let planned = now();
        let ended = guest.take_turn(&shard, planned).await;
        let mut wait = guest.wait(ended.done - planned);
        if ended.unconnected {
            wait = wait.max(RECONNECT);
        }
        if !wait.is_zero() {
            tokio::select! {
                biased;
                () = shard.stop.cancelled() => break,
                () = sleep_until(ended.done + wait) => {}
            }
        }
    }
}
