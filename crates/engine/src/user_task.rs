//! The one loop: a user asks, hears, waits.

use crate::recorder::Begun;
use crate::shard::Shard;
use crate::turn;
use std::rc::Rc;
use victor_clock::{Duration, now, sleep_until};
use victor_types::FailureKind;
use victor_users::{Class, User};
use victor_wire::Times;

/// Least pause after a connection could not be opened, so that users who do not wait do not spend
/// all of the generator's CPU on a server that is gone.
const RECONNECT: Duration = Duration::from_millis(100);

/// Lives until the run stops or the user has done its turns. Dropped in the middle of a turn, it
/// leaves that turn in flight, and closing the recorder counts it as incomplete.
pub(crate) async fn live(shard: Rc<Shard>, class: Class, number: u64) {
    let mut user = User::new(class, &shard.run, number);
    let mut connection = None;
    let mut turns = 0;
    while !shard.stop.is_cancelled() && shard.turns_per_user.is_none_or(|most| turns < most) {
        turns += 1;
        // A closed loop has no schedule but the user's own: its turn is planned for the instant at
        // which the user is ready. That the user was woken late is the ticker's to notice.
        let planned = now();
        let asked = user.ask(planned.saturating_duration_since(shard.start));
        let request_id = format!("{}-{number}-{turns}", shard.run.id());
        let begun = Begun {
            name: asked.name,
            planned,
            user: number,
            request_id: request_id.clone(),
            session_id: asked.turn.session_id.clone(),
        };
        let ticket = shard.recorder.borrow_mut().begin(begun);
        let mut times = Times::default();
        let heard =
            turn::make(&shard, &mut connection, &asked, &request_id, planned, &mut times).await;
        let ended = now();
        // An answer is done with its last byte, also when it is then judged wrong; an exchange that
        // broke off is done when that was noticed.
        let done = if heard.is_ok() { times.last_byte.unwrap_or(ended) } else { ended };
        let judged = user.hear(&asked, heard);
        shard.recorder.borrow_mut().finish(ticket, done, &times, &judged);

        let mut wait = user.wait(done - planned);
        if judged.is_err_and(|failure| failure.kind == FailureKind::Connect) {
            wait = wait.max(RECONNECT);
        }
        if !wait.is_zero() {
            tokio::select! {
                biased;
                () = shard.stop.cancelled() => break,
                () = sleep_until(done + wait) => {}
            }
        }
    }
}
