//! Answers in one piece.

use crate::heard::{called, not_empty};
use crate::{Answer, Failure, Usage, excerpt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use victor_types::FailureKind;

/// The body as `T`.
pub(crate) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| malformed(bytes, &error.to_string()))
}

/// A body that is not what the API promises.
pub(crate) fn malformed(bytes: &[u8], why: &str) -> Failure {
    let start = excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
    Failure::new(FailureKind::MalformedBody, format!("{why}: {start}"))
}

/// An error in a body whose status is a success.
pub(crate) fn error(error: &Value) -> Failure {
    Failure::new(FailureKind::ErrorIn200, excerpt(&error.to_string()))
}

/// What a vendor's answer is put together from.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    text: String,
    reasoning: usize,
    calls: Vec<(String, String)>,
}

impl Parts {
    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn reasoning(&mut self, text: &str) {
        self.reasoning += text.len();
    }

    pub(crate) fn call(&mut self, name: String, arguments: String) {
        self.calls.push((name, arguments));
    }

    pub(crate) fn into_answer(self, usage: Option<Usage>) -> Result<Answer, Failure> {
        let asks = !self.calls.is_empty();
        let called_bytes: usize =
            self.calls.iter().map(|(name, args)| name.len() + args.len()).sum();
        let bytes = (self.text.len() + self.reasoning + called_bytes) as u64;
        let tools = self.calls.into_iter().map(|(name, args)| called(name, &args)).collect();
        let answer = Answer { text: self.text, tools, usage, bytes, ..Answer::default() };
        not_empty(answer, asks)
    }
}
