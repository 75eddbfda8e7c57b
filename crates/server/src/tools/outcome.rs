//! How a tool call ended.

use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;
use victor_model::ToolCall;

/// Why a tool did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ToolError {
    /// It asked for something outside the workspace.
    #[error("{0}")]
    Refused(String),
    /// It could not do what it was asked.
    #[error("{0}")]
    Failed(String),
    /// Its arguments are wrong; the text names the one.
    #[error("{0}")]
    Argument(String),
}

/// One tool call as clients see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ToolReport {
    id: String,
    name: String,
    arguments: Value,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    duration_ms: f64,
}

impl ToolReport {
    pub(crate) fn new(call: ToolCall, outcome: Result<Value, ToolError>, took: Duration) -> Self {
        let status = status(&outcome);
        let (result, error) = match outcome {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let ToolCall { id, name, arguments } = call;
        let duration_ms = took.as_secs_f64() * 1e3;
        Self { id, name, arguments, status, result, error, duration_ms }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The result as the model reads it.
    pub(crate) fn content(&self) -> String {
        match (&self.result, &self.error) {
            (Some(result), _) => result.to_string(),
            (None, error) => json!({ "error": error }).to_string(),
        }
    }
}

/// The word clients see for an outcome.
pub(crate) fn status(outcome: &Result<Value, ToolError>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(ToolError::Refused(_)) => "refused",
        Err(ToolError::Failed(_) | ToolError::Argument(_)) => "failed",
    }
}
