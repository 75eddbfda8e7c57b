//! One turn on the wire.

use crate::burst::{AnyAnswer, Burst};
use crate::shard::Shard;
use victor_clock::{Duration, Instant};
use victor_dialect::{Answer, Conversation, Decoder, Failure};
use victor_plan::{Carrier, ConnectionReuse};
use victor_users::Asked;
use victor_wire::{Channel, Message, Times, WebSocket, WireError};

/// What a server says beside its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints {
    /// `Retry-After`.
    pub(crate) retry_after: Option<Duration>,
}

/// A user's way to the target.
#[derive(Debug)]
pub(crate) enum Line {
    Http(Channel),
    /// Opened at the first turn, and again when it is over.
    Socket(Option<Box<WebSocket>>),
}

impl Line {
    pub(crate) fn new(shard: &Shard) -> Self {
        match shard.transport.carrier {
            Carrier::Http => Self::Http(shard.client.channel()),
            Carrier::WebSocket => Self::Socket(None),
        }
    }
}

/// What is to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) asked: &'a Asked,
    /// What was said before, where the server does not keep it.
    pub(crate) conversation: &'a Conversation,
    pub(crate) request_id: &'a str,
}

/// Sends what was asked on the user's line and hears the answer. `times` are filled in also when
/// that fails.
pub(crate) async fn make(
    shard: &Shard,
    line: &mut Line,
    question: Question<'_>,
    planned: Instant,
    times: &mut Times,
    hints: &mut Hints,
) -> Result<Answer, Failure> {
    let Question { asked, conversation, request_id } = question;
    if let (Some(burst), Line::Http(channel)) = (&shard.burst, &mut *line) {
        let Burst { template, body, .. } = burst;
        let message = Message { template, request_id, body };
        let mut any = AnyAnswer::default();
        let exchange =
            shard.client.exchange(channel, message, &shard.limits, planned, &mut any, times);
        let exchanged = exchange.await;
        hints.retry_after = any.retry_after().map(Duration::from_secs);
        return exchanged.map_err(|error| failure(shard, &error)).and_then(|()| any.finish());
    }
    let (decoder, exchanged) = match line {
        Line::Http(channel) => {
            let body = shard.dialect.encode(&asked.turn, conversation);
            let message = Message { template: &shard.template, request_id, body: &body };
            let mut decoder = shard.dialect.decoder();
            let exchange = shard.client.exchange(
                channel,
                message,
                &shard.limits,
                planned,
                &mut decoder,
                times,
            );
            let exchanged = exchange.await;
            (decoder, exchanged)
        }
        Line::Socket(socket) => {
            let mut decoder = shard.dialect.socket_decoder();
            let text = shard.dialect.frame(&asked.turn, conversation, request_id);
            let talk = talk(shard, socket, text, planned, &mut decoder, times);
            let exchanged = Box::pin(talk).await;
            (decoder, exchanged)
        }
    };
    times.first_content = decoder.first_content();
    hints.retry_after = decoder.retry_after().map(Duration::from_secs);
    match exchanged {
        // What the answer itself says about its end weighs more than how the connection ended.
        Err(error) if !decoder.has_ended() => Err(failure(shard, &error)),
        _ => decoder.finish(),
    }
}

fn failure(shard: &Shard, error: &WireError) -> Failure {
    shard.shortage.count(error);
    Failure::new(error.kind(), error.to_string())
}

/// One turn on a WebSocket, which is kept when the answer came to its end.
async fn talk(
    shard: &Shard,
    kept: &mut Option<Box<WebSocket>>,
    text: String,
    planned: Instant,
    decoder: &mut Decoder,
    times: &mut Times,
) -> Result<(), WireError> {
    let limits = &shard.limits;
    let mut socket = match kept.take() {
        Some(open) => open,
        None => {
            let opening = shard.client.web_socket(&shard.template, limits, planned, times);
            Box::new(opening.await?)
        }
    };
    // What opening cost is in the times of the connection; the answer's count from the question.
    times.sent = None;
    times.first_byte = None;
    socket.send(text, planned + limits.total, times).await?;
    loop {
        let Some((text, at)) = socket.next(limits, planned, times).await? else {
            return Err(WireError::Cut { received: times.received });
        };
        if decoder.text(&text, at) {
            break;
        }
    }
    if shard.transport.reuse != ConnectionReuse::PerRequest {
        *kept = Some(socket);
    }
    Ok(())
}
