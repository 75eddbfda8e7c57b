//! Plain requests with a fixed body, in place of a user's turns.

use victor_clock::Instant;
use victor_dialect::{Answer, Dialect, Failure, excerpt};
use victor_plan::{Api, Plan, Secret};
use victor_types::FailureKind;
use victor_wire::{Head, RequestTemplate, Sink, Target};

/// Most of an answer that is kept to be judged; what is longer is no longer looked into.
const MOST: usize = 16 * 1024 * 1024;

/// The request of a burst, rendered once.
#[derive(Debug, Clone)]
pub(crate) struct Burst {
    pub(crate) template: RequestTemplate,
    pub(crate) body: Vec<u8>,
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
}

impl Burst {
    pub(crate) fn of(plan: &Plan, target: &Target) -> Option<Self> {
        let payload = plan.mix.payload()?;
        let api = plan.target.api.unwrap_or(Api::Victor);
        let headers = Dialect::new(api).headers(plan.target.api_key.as_ref().map(Secret::expose));
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Some(Self {
            template: target.request(payload.method, &payload.endpoint, &headers),
            body: payload.body.clone(),
            // Names of rows live as long as the program; this is one a run.
            name: payload.endpoint.clone().leak(),
            method: payload.method.name(),
        })
    }
}

/// Takes any answer: right is a status of success, unless the body is JSON with an `error` at its
/// top level.
#[derive(Debug, Default)]
pub(crate) struct AnyAnswer {
    head: Option<Head>,
    body: Vec<u8>,
}

impl AnyAnswer {
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.head.as_ref().and_then(|head| head.retry_after)
    }

    pub(crate) fn finish(self) -> Result<Answer, Failure> {
        let text = || String::from_utf8_lossy(&self.body);
        let status = self.head.as_ref().map_or(0, |head| head.status);
        if !(200..=299).contains(&status) {
            return Err(Failure::new(FailureKind::HttpStatus(status), excerpt(&text())));
        }
        let looks_like_json = self.body.trim_ascii_start().starts_with(b"{");
        if looks_like_json
            && let Ok(json) = serde_json::from_slice::<serde_json::Value>(&self.body)
            && let Some(error) = json.get("error").filter(|error| !error.is_null())
        {
            return Err(Failure::new(FailureKind::ErrorIn200, excerpt(&error.to_string())));
        }
        Ok(Answer { text: text().into_owned(), ..Answer::default() })
    }
}

impl Sink for AnyAnswer {
    fn head(&mut self, head: &Head, _at: Instant) {
        self.head = Some(head.clone());
        self.body.clear();
    }

    fn data(&mut self, data: &[u8], _at: Instant) {
        let room = MOST.saturating_sub(self.body.len());
        self.body.extend_from_slice(&data[..data.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &[u8]) -> Result<String, FailureKind> {
        let mut answer = AnyAnswer::default();
        let at = victor_clock::now();
        answer.head(&Head { status, ..Head::default() }, at);
        answer.data(body, at);
        answer.finish().map(|answer| answer.text).map_err(|failure| failure.kind)
    }

    #[test]
    fn a_success_is_a_status_of_success_without_an_error_in_its_json() {
        assert_eq!(judged(200, b"plain"), Ok("plain".to_owned()));
        assert_eq!(judged(204, b""), Ok(String::new()));
        assert_eq!(judged(200, b"{\"error\":null}"), Ok("{\"error\":null}".to_owned()));
        assert!(judged(200, b"{\"a\":{\"error\":1}}").is_ok(), "not at the top level");
        assert_eq!(judged(200, b" {\"error\":\"no\"}"), Err(FailureKind::ErrorIn200));
        assert_eq!(judged(200, b"{broken"), Ok("{broken".to_owned()));
        assert_eq!(judged(503, b"{}"), Err(FailureKind::HttpStatus(503)));
    }
}
