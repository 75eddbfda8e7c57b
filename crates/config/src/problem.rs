//! What can be wrong with the text of a value; each message ends in the fix.

use victor_plan::{RunTimeError, SloError};

/// Why a value was refused. The message names the fix; where the value came from is said by
/// [`ConfigError`](crate::ConfigError).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not a whole number of the range.
    #[error("`{text}` is not possible: give a whole number from {low} to {high}")]
    Whole {
        /// What was given.
        text: String,
        /// Smallest value allowed.
        low: u64,
        /// Largest value allowed.
        high: u64,
    },
    /// Not a number of the range.
    #[error("`{text}` is not possible: give a number from {low} to {high}")]
    Number {
        /// What was given.
        text: String,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// A share written as a percentage, or beyond 1.
    #[error("`{text}` is not a share: give a number above 0, at most 1 (5 % is 0.05), or false")]
    NotShare {
        /// What was given.
        text: String,
    },
    /// A limit that is no positive number.
    #[error("`{text}` is not a limit: give a number above 0, or false to switch it off")]
    NotLimit {
        /// What was given.
        text: String,
    },
    /// Not a length of time.
    #[error(transparent)]
    NotTime(#[from] RunTimeError),
    /// A run without length.
    #[error(
        "a run of 0 seconds does nothing: give at least 1s, or leave it out to run until Ctrl-C"
    )]
    NoTime,
    /// A length of time beyond what is possible.
    #[error("`{text}` is too long: give at most 8760h, a year")]
    LongTime {
        /// What was given.
        text: String,
    },
    /// Not an API.
    #[error(
        "`{text}` is not an API: give auto, victor, victor-python, openai, openai-responses or \
         anthropic"
    )]
    NotApi {
        /// What was given.
        text: String,
    },
    /// Not a list of objectives.
    #[error(transparent)]
    NotSlo(#[from] SloError),
    /// Not a spacing of arrivals.
    #[error(
        "`{text}` is not a spacing: give constant, poisson, gamma:CV such as gamma:2, or trace:FILE"
    )]
    NotSpacing {
        /// What was given.
        text: String,
    },
    /// Not a wait.
    #[error(
        "`{text}` is not a wait: give none, constant:2, between:1,3, constant_pacing:5, \
         constant_throughput:0.5 or poisson:0.5"
    )]
    NotWait {
        /// What was given.
        text: String,
    },
    /// Not stages.
    #[error("{why}")]
    Stages {
        /// What is wrong, and the fix.
        why: String,
    },
    /// Not a shape.
    #[error("`{text}` is not a shape: give step, step:8, spike, spike:4, double-wave or soak")]
    NotShape {
        /// What was given.
        text: String,
    },
    /// Not a short length of time.
    #[error("`{text}` is not a length of time: write 500ms, 5s or 1m30s")]
    NotShortTime {
        /// What was given.
        text: String,
    },
    /// Not a span of times.
    #[error("`{text}` is not a span: write the shortest and the longest pause, such as 100ms..2s")]
    NotSpan {
        /// What was given.
        text: String,
    },
    /// Not a limit with a time.
    #[error("`{text}` is not a limit for a time: write it like 500ms:10s")]
    NotLimitFor {
        /// What was given.
        text: String,
    },
    /// Two settings that cannot both hold.
    #[error("it cannot be combined with {other}: leave one of them out")]
    Conflict {
        /// The other, as it is spelt.
        other: &'static str,
    },
    /// A record of arrivals that cannot be used.
    #[error("cannot use {file}: {why}")]
    Record {
        /// The file as it was named.
        file: String,
        /// Why not, and the fix.
        why: String,
    },
    /// Not a path.
    #[error("`{text}` is no path: begin it with / and percent-encode blanks, such as /api/v1/chat")]
    NotEndpoint {
        /// What was given.
        text: String,
    },
    /// Not a method.
    #[error("`{text}` is not a method: give GET, POST, PUT, PATCH or DELETE")]
    NotMethod {
        /// What was given.
        text: String,
    },
    /// A number of plain requests at once, without the request.
    #[error(
        "it counts plain requests at once: name them with --payload or --endpoint, or give --users"
    )]
    NoPayload,
    /// Nothing that carries turns.
    #[error("`{text}` carries no turns: give http or ws")]
    NotCarrier {
        /// What was given.
        text: String,
    },
    /// A `WebSocket` is opened with HTTP/1.1 here.
    #[error(
        "a WebSocket is opened with HTTP/1.1: leave --http-version 2 and shared connections out"
    )]
    SocketNeedsOne,
    /// Not a version of HTTP.
    #[error("`{text}` is not a version of HTTP spoken here: give auto, 1 or 2")]
    NotHttpVersion {
        /// What was given.
        text: String,
    },
    /// Not a use of connections.
    #[error(
        "`{text}` is no use of connections: give per-user, per-request, or shared:N as shared:4"
    )]
    NotReuse {
        /// What was given.
        text: String,
    },
    /// HTTP/1.1 cannot carry several turns at once.
    #[error("shared connections need HTTP/2: leave --http-version 1 out, or give per-user")]
    SharedNeedsTwo,
    /// Not a proxy; not repeated, it may hold a password.
    #[error("the proxy is not one that can be used: write it like http://localhost:3128, or env")]
    NotProxy,
    /// A password in the address of the proxy; not repeated.
    #[error(
        "the proxy's address holds a user name or password: write it without, and give them in \
         VICTOR_PROXY_USER"
    )]
    ProxyCredentials,
    /// Not addresses of this machine.
    #[error("`{text}` is no list of addresses: give IP addresses such as 127.0.0.2,127.0.0.3")]
    NotAddresses {
        /// What was given.
        text: String,
    },
    /// Neither on nor off.
    #[error("`{text}` is neither true nor false: write true or false")]
    NotSwitch {
        /// What was given.
        text: String,
    },
    /// Not a level of the log.
    #[error("`{text}` is not a log level: give DEBUG, INFO, WARNING, ERROR or CRITICAL")]
    NotLevel {
        /// What was given.
        text: String,
    },
    /// A host that does not begin with a scheme.
    #[error("`{text}` does not begin with http:// or https://: write {fix}")]
    HostScheme {
        /// What was given.
        text: String,
        /// An address that would do.
        fix: String,
    },
    /// A host with a user name or password in it; not repeated, it may be secret.
    #[error(
        "the address holds a user name or password: write it without (such as \
         http://localhost:8000) and give the key in VICTOR_API_KEY"
    )]
    HostCredentials,
    /// A host with a query or fragment; not repeated, it may be secret.
    #[error("the address ends in a query or fragment: end it before the `?` or `#`")]
    HostQuery,
    /// A host that is no address.
    #[error("`{text}` is not an address ({why}): write it like http://localhost:8000")]
    HostBroken {
        /// What was given.
        text: String,
        /// What the parser said.
        why: String,
    },
    /// A key that no HTTP header can carry; not repeated.
    #[error(
        "the key has characters that no HTTP header can carry: give it in plain ASCII without spaces"
    )]
    KeyCharacters,
    /// A line break or the like, which no setting can hold; not repeated.
    #[error("the value has a line break or another control character: remove it")]
    Control,
    /// Empty text where something is needed.
    #[error("the value is empty: give one, or leave the setting out")]
    Empty,
    /// A user class nobody knows.
    #[error("`{name}` is not a user class: {hint}")]
    UnknownClass {
        /// What was given.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// The same class twice.
    #[error("`{name}` is named twice: name each class once, with a weight ({name}=2)")]
    ClassTwice {
        /// The class.
        name: String,
    },
    /// A weight that is none.
    #[error("`{text}` is not a weight: write {name}=N with a whole number from 0 to 10000")]
    Weight {
        /// The class.
        name: String,
        /// What was given as its weight.
        text: String,
    },
    /// A number of users that is none.
    #[error("`{text}` is not a number of users: write {name}:N with a whole number above 0")]
    Count {
        /// The class.
        name: String,
        /// What was given as its number.
        text: String,
    },
    /// Every class weighs 0.
    #[error("no user class has a weight above 0: give one a weight of at least 1")]
    NoClass,
}
