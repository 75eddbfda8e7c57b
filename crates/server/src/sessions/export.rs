//! A session as a file to keep.

use super::Session;
use super::routes::described;
use crate::app::App;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::fmt::Write as _;
use victor_model::{Message, Role};

/// What the file is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// As `GET /api/v1/sessions/{id}` tells it.
    #[default]
    Json,
    /// To be read by people.
    Markdown,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExportQuery {
    #[serde(default)]
    pub(super) format: Format,
}

/// The download. Ids hold no character that would need quoting in a file name.
pub(super) fn file(app: &App, session: &Session, format: Format) -> Response {
    let (kind, ending, text) = match format {
        Format::Json => ("application/json", "json", format!("{:#}\n", described(app, session))),
        Format::Markdown => ("text/markdown; charset=utf-8", "md", markdown(session)),
    };
    let name = session.id().replace(':', "_");
    let disposition = format!("attachment; filename=\"session-{name}.{ending}\"");
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())];
    (headers, text).into_response()
}

fn markdown(session: &Session) -> String {
    let turns = session.standing().turns;
    let mut text = format!("# Session {}\n\n{turns} turns\n", session.id());
    for (key, value) in session.metadata().into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- {key}: {value}");
    }
    if session.metadata().is_some_and(|metadata| !metadata.is_empty()) {
        text.push('\n');
    }
    for message in session.messages() {
        tell(&mut text, &message);
    }
    text
}

fn tell(text: &mut String, message: &Message) {
    let who = match message.role {
        Role::System => "System",
        Role::User => "User",
        Role::Assistant => "Assistant",
        Role::Tool => "Tool",
    };
    let _ = write!(text, "\n## {who}\n");
    for call in &message.tool_calls {
        let _ = write!(
            text,
            "\nCalls `{}` with:\n\n{}\n",
            call.name,
            fenced(&call.arguments.to_string())
        );
    }
    if message.role == Role::Tool {
        let _ = write!(text, "\n{}\n", fenced(&message.content));
    } else if !message.content.is_empty() {
        let _ = write!(text, "\n{}\n", message.content);
    }
}

/// `content` between fences longer than any run of backticks in it.
fn fenced(content: &str) -> String {
    let longest = content.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{content}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("x"), "```\nx\n```");
        assert_eq!(fenced("a```b````"), "`````\na```b````\n`````");
    }
}
