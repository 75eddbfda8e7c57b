//! The settings of plain requests become a [`Payload`].

use crate::resolve::Resolved;
use crate::settings as set;
use crate::{ConfigError, Problem};
use std::io::Read;
use std::path::Path;
use victor_plan::{Carrier, Payload};

/// The request of a burst, if one was asked for, with files found from `cwd`.
pub(crate) fn payload(resolved: &Resolved, cwd: &Path) -> Result<Option<Payload>, ConfigError> {
    let endpoint = resolved.optional(&set::ENDPOINT)?;
    let file = resolved.optional(&set::PAYLOAD)?;
    let method = resolved.required(&set::METHOD)?;
    if endpoint.is_none() && file.is_none() {
        return Ok(None);
    }
    if resolved.required(&crate::transport::TRANSPORT)? == Carrier::WebSocket {
        let problem = Problem::Conflict { other: "--transport ws" };
        return Err(resolved.refuse(&set::ENDPOINT, problem));
    }
    let body = match file {
        Some(_) if !method.has_body() => {
            let problem = Problem::Conflict { other: "--method GET" };
            return Err(resolved.refuse(&set::PAYLOAD, problem));
        }
        Some(file) => {
            let body = read(&file, cwd).and_then(|body| checked(&body).map(|()| body));
            body.map_err(|why| resolved.refuse(&set::PAYLOAD, Problem::Record { file, why }))?
        }
        None => Vec::new(),
    };
    let endpoint = endpoint.unwrap_or_else(|| "/api/v1/chat".to_owned());
    Ok(Some(Payload { endpoint, method, body }))
}

fn read(file: &str, cwd: &Path) -> Result<Vec<u8>, String> {
    let file = file.strip_prefix('@').unwrap_or(file);
    if file != "-" {
        return std::fs::read(cwd.join(file)).map_err(|error| error.to_string());
    }
    let mut body = Vec::new();
    std::io::stdin().lock().read_to_end(&mut body).map_err(|error| error.to_string())?;
    Ok(body)
}

/// The content type of the requests says that they are JSON.
fn checked(body: &[u8]) -> Result<(), String> {
    let read = serde_json::from_slice::<serde_json::Value>(body);
    read.map(drop).map_err(|error| format!("not valid JSON ({error}): mend it there"))
}
