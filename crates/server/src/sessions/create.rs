//! The body of a request for a new session.

use super::Metadata;
use crate::refusal::Refusal;
use crate::request_id::{LONGEST_ID, is_id};
use serde_json::Value;

/// Most entries of a session's metadata, and the longest key and value in characters: what a session
/// costs before it has a turn.
pub(crate) const ENTRIES: usize = 16;
pub(crate) const LONGEST_KEY: usize = 64;
pub(crate) const LONGEST_VALUE: usize = 512;

/// A session that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewSession {
    /// The id wanted; `None` leaves it to the server.
    pub(super) id: Option<String>,
    pub(crate) metadata: Metadata,
}

impl NewSession {
    /// Reads a body; fields that are not known are ignored, as in a chat request.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| Refusal::BrokenJson(error.to_string()))?;
        let Value::Object(mut body) = body else {
            return Err(Refusal::Field("the body must be a JSON object".into()));
        };
        let id = match body.remove("session_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if is_id(&id, "._:-") => Some(id),
            Some(_) => {
                return Err(Refusal::Field(format!(
                    "field `session_id` must be 1 to {LONGEST_ID} characters of \
                     A-Z a-z 0-9 . _ : -"
                )));
            }
        };
        let metadata = match body.remove("metadata") {
            None | Some(Value::Null) => Metadata::new(),
            Some(Value::Object(entries)) if entries.len() <= ENTRIES => {
                entries.into_iter().map(entry).collect::<Result<_, _>>()?
            }
            Some(_) => {
                return Err(Refusal::Field(format!(
                    "field `metadata` must be an object of at most {ENTRIES} strings"
                )));
            }
        };
        Ok(Self { id, metadata })
    }
}

fn entry((key, value): (String, Value)) -> Result<(String, String), Refusal> {
    match value {
        Value::String(text)
            if (1..=LONGEST_KEY).contains(&key.chars().count())
                && text.chars().count() <= LONGEST_VALUE =>
        {
            Ok((key, text))
        }
        _ => Err(Refusal::Field(format!(
            "field `metadata` must have keys of 1 to {LONGEST_KEY} characters and strings of \
             at most {LONGEST_VALUE}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_metadata_may_be_left_out_and_each_wrong_one_is_named() {
        let read = |text: &str| NewSession::read(text.as_bytes());
        let nothing = NewSession { id: None, metadata: Metadata::new() };
        assert_eq!(read(r#"{"session_id":null,"other":1}"#), Ok(nothing));
        let full = read(r#"{"session_id":"a:1","metadata":{"who":"ci"}}"#).expect("good");
        assert_eq!(full.id.as_deref(), Some("a:1"));
        assert_eq!(full.metadata["who"], "ci");
        let long = format!(r#"{{"metadata":{{"k":"{}"}}}}"#, "x".repeat(LONGEST_VALUE + 1));
        for (body, part) in [
            ("[]", "JSON object"),
            (r#"{"session_id":"a b"}"#, "`session_id`"),
            (r#"{"session_id":7}"#, "`session_id`"),
            (r#"{"metadata":[]}"#, "`metadata`"),
            (r#"{"metadata":{"k":1}}"#, "`metadata`"),
            (r#"{"metadata":{"":"v"}}"#, "`metadata`"),
            (long.as_str(), "`metadata`"),
        ] {
            let error = read(body).expect_err(body).to_string();
            assert!(error.contains(part), "{body}: {error}");
        }
        assert!(matches!(read("{"), Err(Refusal::BrokenJson(_))));
    }
}
