//! The target: address, name, connection, TLS, and one turn.

use super::check::Check;
use std::time::Duration;
use victor_clock::now;
use victor_engine::{EngineError, Single};
use victor_plan::ClassShare;
use victor_plan::{
    Habits, Load, Mix, Plan, SpawnSchedule, StopRule, TargetAddress, Targets, TimeLimits,
};
use victor_types::FailureKind;
use victor_users::Class;
use victor_wire::{Endpoint, Scheme};

/// The check whose failure is one of usage.
pub(crate) const ADDRESS: &str = "address";
const CONNECTION: &str = "connection";
const CHAT: &str = "chat path";
/// A doctor's patience is shorter than a load's.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn examine(address: &TargetAddress) -> Vec<Check> {
    let endpoint = match Endpoint::parse(&address.host) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let fix = "write it like http://localhost:8000, in --host or VICTOR_API_HOST";
            return vec![Check::bad(ADDRESS, format!("{}: {error}", address.host), fix)];
        }
    };
    let mut checks = vec![Check::good(ADDRESS, address.host.clone())];
    let began = now();
    match endpoint.resolve().await {
        Ok(found) => {
            let found: Vec<String> = found.iter().map(|one| one.ip().to_string()).collect();
            let took = (now() - began).as_secs_f64() * 1e3;
            checks.push(Check::good("name", format!("{} in {took:.1} ms", found.join(", "))));
        }
        Err(error) => {
            let fix = "check the spelling of --host, and the resolver (/etc/resolv.conf)";
            checks.push(Check::bad("name", error.to_string(), fix));
            return checks;
        }
    }
    match plan(address) {
        Some(plan) => checks.extend(talk(&plan, endpoint.scheme()).await),
        None => unreachable!("the plan of one user is always possible"),
    }
    checks
}

/// Connects and makes one cheap turn.
async fn talk(plan: &Plan, scheme: Scheme) -> Vec<Check> {
    let began = now();
    let started = Single::start(plan, Class::StressTestUser, "doctor").await;
    let took = (now() - began).as_secs_f64() * 1e3;
    let mut user = match started {
        Ok(user) => user,
        Err(error) => return vec![unreached(&error)],
    };
    let tls = if scheme == Scheme::Https { " and TLS" } else { "" };
    let mut checks = vec![Check::good(CONNECTION, format!("TCP{tls} open in {took:.1} ms"))];
    let spoken = format!("API {}", user.api().name());
    let exchange = user.turn().await;
    let took = exchange.took.as_secs_f64() * 1e3;
    checks.push(match exchange.judged {
        Ok(_) => Check::good(CHAT, format!("{spoken}: a right answer in {took:.1} ms")),
        Err(failure) => {
            let found = format!("{spoken}: {}: {}", failure.kind.describe(), failure.seen);
            Check::bad(CHAT, found, advice(failure.kind))
        }
    });
    checks
}

fn unreached(error: &EngineError) -> Check {
    let fix = match error {
        EngineError::Tls(_) | EngineError::Speechless { .. } => {
            "see the message: a certificate needs --tls-ca or --insecure in `victor load`"
        }
        _ => "start the server (`victor serve`), or name another with --host or VICTOR_API_HOST",
    };
    let found = match error {
        EngineError::Unreachable { tried, reason, .. } => format!("tried {tried}: {reason}"),
        other => other.to_string(),
    };
    Check::bad(CONNECTION, found, fix)
}

/// What a failed turn means before a load.
fn advice(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::HttpStatus(404 | 405) => {
            "the server is there and has none of the chat paths known: POST /api/v1/chat, \
             /v1/chat/completions, /v1/messages, /v1/responses, /chat; a path in --host is put before \
             them, or it is a custom API"
        }
        FailureKind::HttpStatus(400 | 415 | 422) => {
            "the server expects other fields than {message, session_id, context}: another API, or it \
             wants a provider or model"
        }
        FailureKind::HttpStatus(401 | 403) => {
            "set VICTOR_API_KEY or --api-key to a key that the server knows"
        }
        FailureKind::HttpStatus(429 | 503) => {
            "the server is busy or limits the rate: other load is on it already"
        }
        FailureKind::HttpStatus(500..=599) => "the server fails at a plain turn: see its log",
        FailureKind::MalformedBody => "what answers is no assistant that speaks this API",
        FailureKind::Timeout(_) => "a single turn is too slow to be loaded: see the server's log",
        _ => "see the server's log; `victor load --single StressTestUser` shows the exchange",
    }
}

fn plan(address: &TargetAddress) -> Option<Plan> {
    let mix = Mix::try_new(vec![ClassShare::weighted("StressTestUser", 1)]).ok()?;
    let limits = TimeLimits::default();
    Some(Plan {
        target: address.clone(),
        mix,
        load: Load::Closed(SpawnSchedule::try_new(1, 1.0).ok()?),
        stop: StopRule::NEVER,
        slo: None,
        warm_up: None,
        habits: Habits::default(),
        limits: TimeLimits {
            first_byte: limits.first_byte.min(PATIENCE),
            total: limits.total.min(PATIENCE),
            ..limits
        },
        seed: 1,
        shards: 1,
        targets: Targets::default(),
    })
}
