//! What the server is started with.

use crate::admission::{Capacity, Limits};
use crate::error::ServeError;
use crate::faults::Fault;
use crate::guard::ApiKey;
use crate::rate::RateLimit;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;
use victor_context::{Strategy, Thresholds};
use victor_model::{Preset, Profile};

/// Settings of one server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Where to listen; port 0 takes a free one. Default `127.0.0.1:8000`.
    pub address: SocketAddr,
    /// Seed of the model and of the faults. Default 0.
    pub seed: u64,
    /// Service times and answer lengths of the model. Default [`Profile::Fast`].
    pub profile: Profile,
    /// What kind of assistant the model is. Default none: it answers as long as the profile says.
    pub preset: Option<Preset>,
    /// After so long without an event a stream says that it is alive. Default: as the preset says.
    pub keep_alive: Option<Duration>,
    /// Ends streams with a `usage` event. Default true.
    pub usage: bool,
    /// The directory the tools may read, and nothing outside it. Default `.`.
    pub workspace: PathBuf,
    /// Where to append one truth record a chat request. Default none.
    pub truth_log: Option<PathBuf>,
    /// Puts the instant of each token of a stream on record. Default false.
    pub truth_tokens: bool,
    /// Faults that are on from the start; of two of one kind the last. Default none.
    pub faults: Vec<Fault>,
    /// Serves `/admin/faults` to callers on this machine. Default false.
    pub admin: bool,
    /// How long an unused session is kept. Default one hour.
    pub session_ttl: Duration,
    /// Most live sessions; one more evicts the longest idle. Default 10,000.
    pub max_sessions: usize,
    /// Largest request body in bytes. Default 1 MiB.
    pub max_body: usize,
    /// Largest `message` in bytes. Default 256 KiB.
    pub max_message_bytes: usize,
    /// Most messages kept in a session, and most accepted in `context.history`. Default 4,000.
    pub max_history: usize,
    /// Most bytes of text kept in a session; the oldest turns go first. Default 4 MiB.
    pub max_session_bytes: usize,
    /// Estimated tokens that fit into the model's context window. Default 128,000.
    pub context_window: u64,
    /// How full the window may get, and what compaction leaves. Default [`Thresholds::default`].
    pub context_thresholds: Thresholds,
    /// How sessions that come near the window's end are made smaller; `None` leaves them as they
    /// are. Default [`Strategy::Hybrid`].
    pub compaction: Option<Strategy>,
    /// Most bytes of all request bodies that are being read at one time. Default 64 MiB.
    pub body_budget: usize,
    /// Fewest bytes a second that a client must read of what is waiting for it, on average over
    /// [`Self::write_timeout`]. Default 256.
    pub min_read_rate: u64,
    /// Keys that open the API; with none it is open. Default none.
    pub api_keys: Vec<ApiKey>,
    /// Host names accepted in the `Host` header beside loopback names and the bound address.
    /// Default none.
    pub allowed_hosts: Vec<String>,
    /// Permits an address that is not loopback without keys. Default false.
    pub allow_open: bool,
    /// How long requests in flight may take to end when the server stops. Default 10 s.
    pub drain: Duration,
    /// Closes a connection on which no complete request head arrived for this long; also the
    /// longest a connection stays open unused. Default 75 s.
    pub head_timeout: Duration,
    /// Longest time a request body may take to arrive. Default 30 s.
    pub body_timeout: Duration,
    /// Longest time one tool may run. Default 5 s.
    pub tool_timeout: Duration,
    /// Most turns at once. Default 150.
    pub max_concurrent: NonZeroUsize,
    /// Most turns that wait for a slot; one more is refused on arrival. Default twice
    /// [`Self::max_concurrent`].
    pub queue: Option<usize>,
    /// Longest time a turn waits for a slot. Default 5 s.
    pub queue_wait: Duration,
    /// Turns a second the model can take. Default as many as the machine can.
    pub capacity: Option<Capacity>,
    /// Most requests of one client. Default no limit.
    pub rate_limit: Option<RateLimit>,
    /// Most answers kept for turns without a session. Default none: the cache is off.
    pub cache_entries: Option<usize>,
    /// Closes a connection whose client has read nothing for this long while there is something to
    /// read. Default 30 s.
    pub write_timeout: Duration,
    /// Most open connections; one more is closed when it is accepted. Default 20,000.
    pub max_connections: usize,
    /// Names of the programs that the tool `run_command` may run; with none it refuses all.
    /// Default none.
    pub allowed_commands: Vec<String>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8000)),
            seed: 0,
            profile: Profile::Fast,
            preset: None,
            keep_alive: None,
            usage: true,
            workspace: PathBuf::from("."),
            truth_log: None,
            truth_tokens: false,
            faults: Vec::new(),
            admin: false,
            session_ttl: Duration::from_secs(3600),
            max_sessions: 10_000,
            max_body: 1 << 20,
            max_message_bytes: 256 << 10,
            max_history: 4000,
            max_session_bytes: 4 << 20,
            context_window: 128_000,
            context_thresholds: Thresholds::default(),
            compaction: Some(Strategy::Hybrid),
            body_budget: 64 << 20,
            min_read_rate: 256,
            api_keys: Vec::new(),
            allowed_hosts: Vec::new(),
            allow_open: false,
            drain: Duration::from_secs(10),
            head_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            tool_timeout: Duration::from_secs(5),
            max_concurrent: const { NonZeroUsize::new(150).expect("150 is not 0") },
            queue: None,
            queue_wait: Duration::from_secs(5),
            capacity: None,
            rate_limit: None,
            cache_entries: None,
            write_timeout: Duration::from_secs(30),
            max_connections: 20_000,
            allowed_commands: Vec::new(),
        }
    }
}

impl ServerSettings {
    /// How many turns run and wait.
    pub(crate) fn turn_limits(&self) -> Limits {
        let slots = self.max_concurrent.get();
        let places = self.queue.unwrap_or(slots.saturating_mul(2));
        Limits { slots, places, wait: self.queue_wait }
    }

    /// Refuses settings that contradict themselves or would open the machine unasked.
    pub(crate) fn validate(&self) -> Result<(), ServeError> {
        if let Some(name) = self.allowed_commands.iter().find(|name| !is_program_name(name)) {
            return Err(ServeError::Command { name: name.clone() });
        }
        let open = self.api_keys.is_empty() && !self.address.ip().is_loopback();
        if open && !self.allow_open {
            return Err(ServeError::Open { host: self.address.ip() });
        }
        Ok(())
    }
}

/// True for a name that is looked for in `PATH`, and nowhere else.
fn is_program_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && !name.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_server_must_be_asked_for() {
        let open =
            ServerSettings { address: ([0, 0, 0, 0], 8000).into(), ..ServerSettings::default() };
        let error = open.validate().expect_err("refused").to_string();
        assert!(error.contains("--host 0.0.0.0") && error.contains("--allow-open"), "{error}");
        assert!(ServerSettings { allow_open: true, ..open.clone() }.validate().is_ok());
        let keys = vec!["secret".parse().expect("a key")];
        assert!(ServerSettings { api_keys: keys, ..open }.validate().is_ok());
        assert!(ServerSettings::default().validate().is_ok());
    }

    #[test]
    fn commands_are_names_and_not_paths() {
        let allowing = |name: &str| ServerSettings {
            allowed_commands: vec![name.to_owned()],
            ..ServerSettings::default()
        };
        assert!(allowing("ls").validate().is_ok());
        for name in ["", "./ls", "/bin/ls", "-x"] {
            let error = allowing(name).validate().expect_err(name).to_string();
            assert!(error.contains("--allow-command"), "{error}");
        }
    }
}
