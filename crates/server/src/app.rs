//! What all requests share.

use crate::admission::{Admission, Turnstile};
use crate::bodies::Bodies;
use crate::cache::Answers;
use crate::compaction::{Asking, Policy};
use crate::connections::Connections;
use crate::error::ServeError;
use crate::faults::Faults;
use crate::guard::Guard;
use crate::intake::BodyLimits;
use crate::openapi::{Docs, Facts};
use crate::rate::{Client, RateLimiter};
use crate::refusal::Refusal;
use crate::request_id::RequestIds;
use crate::services::Services;
use crate::sessions::{Ledger, SessionLimits, Sessions};
use crate::settings::ServerSettings;
use crate::tools::{Tool, Toolbox};
use crate::truth::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use victor_clock::{Anchor, Instant, now};
use victor_model::{Delivery, Model};

/// Name of the provider and of the model that answer where the request names none.
pub(crate) const PROVIDER: &str = "sim";
pub(crate) const MODEL: &str = "victor-sim";

/// Limits of a chat request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChatLimits {
    /// Longest message in bytes.
    pub(crate) message: usize,
    /// Most messages in `context.history`.
    pub(crate) history: usize,
}

/// The state of one server.
#[derive(Debug)]
pub(crate) struct App {
    /// Owns the singletons below and the scopes of the sessions.
    pub(crate) services: Arc<Services>,
    pub(crate) model: Arc<Model>,
    pub(crate) delivery: Delivery,
    /// Whether streams end with their usage.
    pub(crate) usage: bool,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) toolbox: Arc<Toolbox>,
    pub(crate) ledger: Arc<Ledger>,
    /// When sessions are made smaller.
    pub(crate) policy: Policy,
    pub(crate) faults: Faults,
    pub(crate) journal: Arc<Journal>,
    pub(crate) guard: Guard,
    pub(crate) request_ids: RequestIds,
    pub(crate) body: BodyLimits,
    pub(crate) chat: ChatLimits,
    pub(crate) session: SessionLimits,
    pub(crate) admission: Arc<Admission>,
    /// The pace of the turns, where the model's capacity is limited.
    pub(crate) turnstile: Option<Turnstile>,
    pub(crate) rate: Option<RateLimiter>,
    pub(crate) answers: Option<Answers>,
    pub(crate) connections: Connections,
    pub(crate) started: Instant,
    pub(crate) docs: Docs,
    /// Whether `/admin` is served.
    pub(crate) admin: bool,
    /// Turns begun, which number the model's draws.
    turns: AtomicU64,
    /// Cancelled when the server begins to stop.
    pub(crate) stopping: CancellationToken,
    /// Cancelled when the time to finish is over.
    pub(crate) cut: CancellationToken,
    /// Connections and sockets, which are waited for at the end.
    pub(crate) tasks: TaskTracker,
    /// How long the client of a socket may be silent, even when it is asked for a sign of life.
    pub(crate) silence: Duration,
}

impl App {
    /// Opens the services and puts everything together.
    pub(crate) fn open(settings: &ServerSettings) -> Result<Self, ServeError> {
        let anchor = Anchor::take();
        let services = Arc::new(Services::open(settings, anchor)?);
        let model = services.get::<Model>()?;
        let delivery = model.delivery();
        let (hosts, keys) = (settings.allowed_hosts.clone(), settings.api_keys.clone());
        let keep_alive = settings.keep_alive.or(delivery.keep_alive);
        Ok(Self {
            delivery: Delivery { keep_alive, ..delivery },
            usage: settings.usage,
            model,
            sessions: Arc::new(Sessions::new(
                Arc::clone(&services),
                settings.max_sessions,
                settings.session_ttl,
            )),
            toolbox: services.get()?,
            ledger: services.get()?,
            policy: Policy::new(settings)?,
            faults: Faults::new(&settings.faults, settings.seed),
            journal: services.get()?,
            services,
            guard: Guard::new(settings.address.ip(), hosts, keys),
            request_ids: RequestIds::new(&anchor),
            body: BodyLimits {
                bytes: settings.max_body,
                time: settings.body_timeout,
                budget: Arc::new(Bodies::new(settings.body_budget)),
            },
            chat: ChatLimits { message: settings.max_message_bytes, history: settings.max_history },
            session: SessionLimits {
                messages: settings.max_history,
                bytes: settings.max_session_bytes,
            },
            admission: Arc::new(Admission::new(settings.turn_limits())),
            turnstile: settings.capacity.map(Turnstile::new),
            rate: settings.rate_limit.map(RateLimiter::new),
            answers: settings.cache_entries.map(Answers::new),
            connections: Connections::new(settings.max_connections),
            started: anchor.instant(),
            docs: Docs::new(&facts(settings)),
            admin: settings.admin,
            turns: AtomicU64::new(0),
            stopping: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
            silence: settings.head_timeout,
        })
    }

    /// The number of a turn that begins.
    pub(crate) fn next_turn(&self) -> u64 {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }

    /// How the model is asked for a summary: a call of its own, at the model's pace.
    pub(crate) fn asking(&self) -> Asking<'_> {
        Asking { turn: self.next_turn(), turnstile: self.turnstile.as_ref() }
    }

    /// Counts a request of `client`, or refuses it when it has had its share.
    pub(crate) fn let_through(&self, client: Client) -> Result<(), Refusal> {
        let Some(rate) = &self.rate else { return Ok(()) };
        rate.take(client, now()).map_err(|wait| Refusal::RateLimited {
            retry_after: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
        })
    }

    /// The refusal of a turn for which there is no room.
    pub(crate) fn sessions_full(&self) -> Refusal {
        Refusal::SessionsFull(self.sessions.most())
    }
}

/// What the server tells about itself.
fn facts(settings: &ServerSettings) -> Facts {
    Facts {
        message: settings.max_message_bytes,
        history: settings.max_history,
        body: settings.max_body,
        keys: !settings.api_keys.is_empty(),
        rate_limit: settings.rate_limit.is_some(),
        admin: settings.admin,
        tools: Tool::ALL.iter().map(|tool| tool.name()).collect(),
    }
}
