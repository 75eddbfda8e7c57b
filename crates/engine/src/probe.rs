//! What a target speaks, found out with a few requests that cost it nothing.
//!
//! No request here makes a model work: a `GET` of a chat path is answered 405 where there is one,
//! and where that says nothing, a `POST` of `{}` is refused for its body, not for its path.

use crate::EngineError;
use std::net::SocketAddr;
use std::time::Duration;
use victor_clock::{Instant, now};
use victor_dialect::{Dialect, path_of};
use victor_plan::{Api, Carrier, Plan, Secret};
use victor_wire::{
    Channel, Client, Endpoint, Head, Limits, Message, RequestTemplate, Sink, Target, Times,
};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest list of models read.
const MAX_BODY: usize = 1 << 20;

/// Whether an API is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    Absent,
    /// Something is there that answers anything.
    Unclear,
    /// The exchange failed; more of them would too.
    Unknown,
}

/// The API to speak, and the model to ask for: those of the plan, else what the target offers. Where
/// nothing can be found out the API is `victor`, and the first turns tell what is wrong.
///
/// # Errors
/// When the API that the plan names is not there, or has no WebSocket where one is wanted.
pub async fn settle(
    plan: &Plan,
    target: &Target,
    addresses: &[SocketAddr],
) -> Result<(Api, Option<String>), EngineError> {
    if target.options().carrier == Carrier::WebSocket {
        let api = plan.target.api.unwrap_or(Api::Victor);
        let spoken = api == Api::Victor;
        let model = plan.target.model.clone();
        return if spoken { Ok((api, model)) } else { Err(EngineError::NoSocket(api)) };
    }
    let mut probe = Probe::new(plan, target, addresses);
    let api = match plan.target.api {
        Some(api) => probe.confirm(api).await?,
        None => probe.find().await.unwrap_or(Api::Victor),
    };
    let named = plan.target.model.clone();
    let wants = matches!(api, Api::OpenAi | Api::OpenAiResponses | Api::Anthropic);
    let model = if named.is_none() && wants { probe.first_model(api).await } else { named };
    Ok((api, model))
}

/// The APIs on whose paths the target answers; for telling why turns were refused.
///
/// # Errors
/// When the address is wrong or has none.
pub async fn speaks(plan: &Plan) -> Result<Vec<Api>, EngineError> {
    let endpoint = Endpoint::parse(&plan.target.host)?;
    let target = Target::new(endpoint, plan.target.transport.clone())?;
    let resolved = target.resolve().await;
    let addresses = resolved.map_err(|error| EngineError::unresolved(&plan.target.host, &error))?;
    Ok(Probe::new(plan, &target, &addresses).all().await)
}

/// The request of a turn to `path`, without its body.
#[must_use]
pub fn template(plan: &Plan, target: &Target, dialect: &Dialect, path: &str) -> RequestTemplate {
    let headers = dialect.headers(plan.target.api_key.as_ref().map(Secret::expose));
    target.post_json(below(target.endpoint(), path), &borrowed(&headers))
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Addresses of the vendors' APIs are often given with their `/v1`, which is then not said twice.
fn below<'a>(endpoint: &Endpoint, path: &'a str) -> &'a str {
    if endpoint.path("").ends_with("/v1") { path.strip_prefix("/v1").unwrap_or(path) } else { path }
}

struct Probe<'a> {
    plan: &'a Plan,
    target: &'a Target,
    client: Client,
    channel: Channel,
    asked: u32,
}

impl<'a> Probe<'a> {
    fn new(plan: &'a Plan, target: &'a Target, addresses: &[SocketAddr]) -> Self {
        let client = Client::new(target.clone(), addresses.to_vec());
        let channel = client.channel();
        Self { plan, target, client, channel, asked: 0 }
    }

    /// The API that was named, unless its path is missing while another's is not.
    async fn confirm(&mut self, api: Api) -> Result<Api, EngineError> {
        let absent = match self.get(api).await {
            Presence::Absent | Presence::Unclear => self.post(api).await == Presence::Absent,
            Presence::There | Presence::Unknown => false,
        };
        let others = if absent { self.all().await } else { Vec::new() };
        let Some(&first) = others.first() else { return Ok(api) };
        let names: Vec<&str> = others.iter().map(|other| other.name()).collect();
        Err(EngineError::WrongApi {
            api,
            host: self.plan.target.host.clone(),
            path: path_of(api),
            others: names.join(", "),
            first,
        })
    }

    /// The first API that is there.
    async fn find(&mut self) -> Option<Api> {
        let mut unclear = false;
        for api in Api::ALL {
            match self.get(api).await {
                Presence::There => return Some(api),
                Presence::Unclear if self.post(api).await == Presence::There => return Some(api),
                Presence::Unclear => unclear = true,
                Presence::Absent => {}
                Presence::Unknown => return None,
            }
        }
        if unclear {
            return None;
        }
        // Some servers say 404 to a method that they do not know.
        for api in Api::ALL {
            match self.post(api).await {
                Presence::There => return Some(api),
                Presence::Unknown => return None,
                Presence::Absent | Presence::Unclear => {}
            }
        }
        None
    }

    async fn all(&mut self) -> Vec<Api> {
        let mut there = Vec::new();
        for api in Api::ALL {
            if self.get(api).await == Presence::There || self.post(api).await == Presence::There {
                there.push(api);
            }
        }
        there
    }

    async fn get(&mut self, api: Api) -> Presence {
        let (path, headers) = self.request(api);
        let template = self.target.get(path, &borrowed(&headers));
        match self.ask(&template, b"").await.map(|reply| reply.status) {
            None => Presence::Unknown,
            Some(405) => Presence::There,
            Some(404 | 410) => Presence::Absent,
            Some(_) => Presence::Unclear,
        }
    }

    async fn post(&mut self, api: Api) -> Presence {
        let (path, headers) = self.request(api);
        let template = self.target.post_json(path, &borrowed(&headers));
        match self.ask(&template, b"{}").await.map(|reply| reply.status) {
            None => Presence::Unknown,
            Some(404 | 405 | 410 | 501) => Presence::Absent,
            Some(_) => Presence::There,
        }
    }

    /// The first model that the target lists.
    async fn first_model(&mut self, api: Api) -> Option<String> {
        let (_, headers) = self.request(api);
        let path = below(self.target.endpoint(), "/v1/models");
        let template = self.target.get(path, &borrowed(&headers));
        let reply = self.ask(&template, b"").await.filter(|reply| reply.status == 200)?;
        let listed: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
        listed.pointer("/data/0/id")?.as_str().map(ToOwned::to_owned)
    }

    fn request(&self, api: Api) -> (&'static str, Vec<(String, String)>) {
        let key = self.plan.target.api_key.as_ref().map(Secret::expose);
        (below(self.target.endpoint(), path_of(api)), Dialect::new(api).headers(key))
    }

    async fn ask(&mut self, template: &RequestTemplate, body: &[u8]) -> Option<Reply> {
        self.asked += 1;
        let request_id = format!("probe-{}", self.asked);
        let message = Message { template, request_id: &request_id, body };
        let limits =
            Limits { connect: PATIENCE, first_byte: PATIENCE, stall: PATIENCE, total: PATIENCE };
        let (mut reply, mut times) = (Reply::default(), Times::default());
        let exchange = self.client.exchange(
            &mut self.channel,
            message,
            &limits,
            now(),
            &mut reply,
            &mut times,
        );
        exchange.await.is_ok().then_some(reply).filter(|reply| reply.status != 0)
    }
}

#[derive(Default)]
struct Reply {
    status: u16,
    body: Vec<u8>,
}

impl Sink for Reply {
    fn head(&mut self, head: &Head, _at: Instant) {
        self.status = head.status;
    }

    fn data(&mut self, data: &[u8], _at: Instant) {
        let room = MAX_BODY.saturating_sub(self.body.len());
        self.body.extend_from_slice(&data[..data.len().min(room)]);
    }
}
