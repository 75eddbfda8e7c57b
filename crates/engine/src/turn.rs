//! One turn on the wire.

use crate::shard::Shard;
use victor_clock::{Duration, Instant};
use victor_dialect::{Answer, Failure};
use victor_users::Asked;
use victor_wire::{Connection, Times, WireError};

/// What a server says beside its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints {
    /// `Retry-After`.
    pub(crate) retry_after: Option<Duration>,
}

/// Sends what was asked on the user's connection (opening one if need be) and hears the answer.
/// `times` are filled in also when that fails.
pub(crate) async fn make(
    shard: &Shard,
    connection: &mut Option<Connection>,
    asked: &Asked,
    request_id: &str,
    planned: Instant,
    times: &mut Times,
    hints: &mut Hints,
) -> Result<Answer, Failure> {
    let request = shard.template.render(request_id, &shard.dialect.encode(&asked.turn));
    let mut open = match connection.take().filter(Connection::is_usable) {
        Some(open) => open,
        None => {
            let within = shard.limits.connect.min(shard.limits.total);
            Connection::open(&shard.addresses, within).await.map_err(|error| {
                shard.shortage.count(&error);
                failure(&error)
            })?
        }
    };
    let mut decoder = shard.dialect.decoder();
    let exchanged = open.exchange(&request, &shard.limits, planned, &mut decoder, times).await;
    exchanged.map_err(|error| failure(&error))?;
    hints.retry_after = decoder.retry_after().map(Duration::from_secs);
    *connection = Some(open);
    decoder.finish()
}

fn failure(error: &WireError) -> Failure {
    Failure::new(error.kind(), error.to_string())
}
