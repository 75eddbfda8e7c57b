//! The closed catalogue of ways a turn can fail.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The part of an exchange that ran out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Opening the connection: looking the name up, TCP, and a proxy's tunnel.
    Connect,
    /// The TLS handshake on an open connection.
    Tls,
    /// From the request's last byte to the response's first.
    FirstByte,
    /// The whole turn.
    Total,
}

/// Why a turn failed. Every failed turn has exactly one kind: the first that applies, in the
/// order of an exchange (connection, status, body, then what the body says).
///
/// Written in reports as a short code ([`fmt::Display`]) such as `connect` or `http_status:503`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The host name has no address.
    Dns,
    /// The connection was refused or could not be opened.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// A phase took longer than its limit.
    Timeout(Phase),
    /// The response's status is not a success.
    HttpStatus(u16),
    /// The response is not what the dialect says: not HTTP, not JSON, a field missing.
    MalformedBody,
    /// The answer has no text.
    EmptyAnswer,
    /// A stream went silent for longer than the stall limit.
    StreamStalled,
    /// The connection ended before the answer was complete.
    Cut,
    /// A success status whose body or stream carries an error.
    ErrorIn200,
    /// The answer belongs to another session: it carries another user's marker.
    WrongSession,
    /// A fact told earlier in the same session is missing from the answer.
    LostContext,
    /// A tool was asked for and did not run.
    ToolNotRun,
    /// The answer does not hold what the user definition expects.
    Expectation,
    /// The user definition itself is wrong (a template that cannot be rendered).
    UserDefinition,
    /// The user hung up: the answer was not complete within its patience.
    Abandoned,
    /// The generator could not send the turn at all.
    GeneratorOverload,
}

impl FailureKind {
    /// One sentence for a person.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Dns => "the host name has no address".into(),
            Self::Connect => "the connection was refused or could not be opened".into(),
            Self::Tls => "the TLS handshake failed".into(),
            Self::Timeout(Phase::Connect) => "opening the connection took too long".into(),
            Self::Timeout(Phase::Tls) => "the TLS handshake took too long".into(),
            Self::Timeout(Phase::FirstByte) => "no first byte within the time limit".into(),
            Self::Timeout(Phase::Total) => "the turn took longer than its limit".into(),
            Self::HttpStatus(code) => format!("HTTP status {code}"),
            Self::MalformedBody => "the response body is not what the API promises".into(),
            Self::EmptyAnswer => "the answer is empty".into(),
            Self::StreamStalled => "the stream went silent before its end".into(),
            Self::Cut => "the connection ended before the answer was complete".into(),
            Self::ErrorIn200 => "an error inside a success status".into(),
            Self::WrongSession => "the answer belongs to another session".into(),
            Self::LostContext => "a fact told earlier in this session is missing".into(),
            Self::ToolNotRun => "the tool that was asked for did not run".into(),
            Self::Expectation => "the answer does not hold what was expected".into(),
            Self::UserDefinition => "the user definition is wrong".into(),
            Self::Abandoned => "the user's patience was over and it hung up".into(),
            Self::GeneratorOverload => "the generator could not send the turn".into(),
        }
    }

    /// Every kind once (statuses by the example 500), in catalogue order.
    pub const ALL: [Self; 20] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout(Phase::Connect),
        Self::Timeout(Phase::Tls),
        Self::Timeout(Phase::FirstByte),
        Self::Timeout(Phase::Total),
        Self::HttpStatus(500),
        Self::MalformedBody,
        Self::EmptyAnswer,
        Self::StreamStalled,
        Self::Cut,
        Self::ErrorIn200,
        Self::WrongSession,
        Self::LostContext,
        Self::ToolNotRun,
        Self::Expectation,
        Self::UserDefinition,
        Self::Abandoned,
        Self::GeneratorOverload,
    ];
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout(Phase::Connect) => "timeout_connect",
            Self::Timeout(Phase::Tls) => "timeout_tls",
            Self::Timeout(Phase::FirstByte) => "timeout_first_byte",
            Self::Timeout(Phase::Total) => "timeout_total",
            Self::HttpStatus(code) => return write!(f, "http_status:{code}"),
            Self::MalformedBody => "malformed_body",
            Self::EmptyAnswer => "empty_answer",
            Self::StreamStalled => "stream_stalled",
            Self::Cut => "cut",
            Self::ErrorIn200 => "error_in_200",
            Self::WrongSession => "wrong_session",
            Self::LostContext => "lost_context",
            Self::ToolNotRun => "tool_not_run",
            Self::Expectation => "expectation",
            Self::UserDefinition => "user_definition",
            Self::Abandoned => "abandoned",
            Self::GeneratorOverload => "generator_overload",
        };
        f.write_str(code)
    }
}

/// A failure code that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown failure code `{0}`")]
pub struct UnknownFailure(String);

impl FromStr for FailureKind {
    type Err = UnknownFailure;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        if let Some(status) = code.strip_prefix("http_status:") {
            return status.parse().map(Self::HttpStatus).map_err(|_| UnknownFailure(code.into()));
        }
        Self::ALL
            .into_iter()
            .find(|kind| !matches!(kind, Self::HttpStatus(_)) && kind.to_string() == code)
            .ok_or_else(|| UnknownFailure(code.into()))
    }
}

impl Serialize for FailureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FailureKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_itself() {
        for kind in FailureKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("http_status:abc".parse::<FailureKind>().is_err());
        assert!("nonsense".parse::<FailureKind>().is_err());
    }
}
