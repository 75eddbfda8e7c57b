//! Waiting for a target that is still starting.

use crate::EngineError;
use crate::run::limits;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_plan::{Carrier, Plan};
use victor_wire::{
    Client, Endpoint, Head, Limits, Message, RequestTemplate, Sink, Target, Times, WireError,
};

/// Where servers say whether they take work, the more telling one first.
const HEALTH: [&str; 2] = ["/health/ready", "/health"];
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until the target accepts connections and, where it has `/health/ready` or `/health`, says
/// there that it is ready; at most for `most`. Returns how long that took. A health address that is
/// missing (404, 405, 501), locked (401, 403) or elsewhere (a redirect) has no say.
///
/// # Errors
/// [`EngineError::NotReady`] with what the last try met, or a host or certificate that cannot be
/// used.
pub async fn wait_for(plan: &Plan, most: Duration) -> Result<Duration, EngineError> {
    let endpoint = Endpoint::parse(&plan.target.host)?;
    let mut options = plan.target.transport.clone();
    options.carrier = Carrier::Http;
    let target = Target::new(endpoint, options)?;
    let began = now();
    let deadline = began + most;
    loop {
        let reason = match look(plan, &target, deadline).await {
            Ok(None) => return Ok(now() - began),
            Ok(Some(reason)) => reason,
            Err(error) => error.to_string(),
        };
        let next = now() + PAUSE;
        if next >= deadline {
            let host = plan.target.host.clone();
            return Err(EngineError::NotReady { host, waited: most, reason });
        }
        sleep_until(next).await;
    }
}

/// One try: `None` when the target is ready, else why it is not.
async fn look(
    plan: &Plan,
    target: &Target,
    deadline: Instant,
) -> Result<Option<String>, WireError> {
    let left = deadline.saturating_duration_since(now());
    let whole = limits(plan);
    let limits = Limits {
        connect: whole.connect.min(left),
        first_byte: whole.first_byte.min(left),
        total: whole.total.min(left),
        ..whole
    };
    let client = Client::new(target.clone(), target.resolve().await?);
    client.reach(&limits).await?;
    for path in HEALTH {
        let template = target.get(path, &[]);
        match status(&client, &template, &limits).await {
            Ok(200..=299) => return Ok(None),
            Ok(300..=399 | 401 | 403 | 404 | 405 | 501) => {}
            Ok(status) => return Ok(Some(format!("{path} answers with status {status}"))),
            // It is there and speaks something else; what that means is for the load to say.
            Err(WireError::Malformed(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

async fn status(
    client: &Client,
    template: &RequestTemplate,
    limits: &Limits,
) -> Result<u16, WireError> {
    let message = Message { template, request_id: "ready", body: b"" };
    let (mut channel, mut status, mut times) =
        (client.channel(), Status::default(), Times::default());
    client.exchange(&mut channel, message, limits, now(), &mut status, &mut times).await?;
    Ok(status.0)
}

/// Keeps nothing of a response but its status.
#[derive(Debug, Default)]
struct Status(u16);

impl Sink for Status {
    fn head(&mut self, head: &Head, _at: Instant) {
        self.0 = head.status;
    }

    fn data(&mut self, _data: &[u8], _at: Instant) {}
}
