//! The one name in a path, such as a session's id.

use crate::refusal::Refusal;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// The name that the path holds, decoded. Why not `Path` itself? Its refusal is plain text, and
/// every refusal of this server is JSON.
#[derive(Debug)]
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|_| Refusal::BrokenPath)
    }
}
