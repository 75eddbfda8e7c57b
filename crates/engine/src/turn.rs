//! One turn on the wire.

use crate::shard::Shard;
use victor_clock::Instant;
use victor_dialect::{Answer, Failure};
use victor_users::Asked;
use victor_wire::{Channel, Message, Times};

/// Sends what was asked on the user's channel and hears the answer. `times` are filled in also when
/// that fails.
pub(crate) async fn make(
    shard: &Shard,
    channel: &mut Channel,
    asked: &Asked,
    request_id: &str,
    planned: Instant,
    times: &mut Times,
) -> Result<Answer, Failure> {
    let body = shard.dialect.encode(&asked.turn);
    let message = Message { template: &shard.template, request_id, body: &body };
    let mut decoder = shard.dialect.decoder();
    let exchange =
        shard.client.exchange(channel, message, &shard.limits, planned, &mut decoder, times);
    let exchanged = exchange.await;
    times.first_content = decoder.first_content();
    exchanged.map_err(|error| Failure::new(error.kind(), error.to_string()))?;
    decoder.finish()
}
