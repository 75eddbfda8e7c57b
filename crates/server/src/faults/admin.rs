//! `GET` and `POST /admin/faults`: faults while the server runs.

use super::fault::Fault;
use super::kind::Kind;
use crate::app::App;
use crate::refusal::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use victor_clock::now;

/// Where the routes of this kind begin; the front lets only callers of this machine in.
pub(crate) const PREFIX: &str = "/admin/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    clear: Vec<String>,
}

/// The faults that are on, with how many turns each has touched since the server started.
pub(crate) async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    let at = now();
    let set = app.faults.set();
    let metrics = app.journal.metrics();
    let rows = set.iter().flat_map(|set| set.iter()).map(|armed| {
        let name = armed.fault.kind().name();
        json!({
            "fault": armed.fault.to_string(),
            "name": name,
            "on_for_s": (at - armed.since).as_secs_f64(),
            "turns": metrics.faults(name),
        })
    });
    Json(json!({ "faults": rows.collect::<Vec<_>>() }))
}

/// Body: `{"set": ["stall=2s@5%"], "clear": ["cut"]}`. All of it is done, or none.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    request: Request<Body>,
) -> Result<Json<Value>, Refusal> {
    let (set, clear) = read(&app.body.read(request).await?)?;
    app.faults.change(&set, &clear);
    Ok(show(State(app)).await)
}

/// The faults to set and the kinds to clear.
pub(crate) fn read(body: &[u8]) -> Result<(Vec<Fault>, Vec<Kind>), Refusal> {
    let change: Change = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Refusal::Field(format!("send lists of texts as `set` and `clear`: {error}"))
        } else {
            Refusal::BrokenJson(error.to_string())
        }
    })?;
    let set = change.set.iter().map(|text| text.parse::<Fault>());
    let set = set
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Refusal::Field(format!("field `set`: {error}")))?;
    let clear = change.clear.iter().map(|name| {
        let unknown = || Refusal::Field(format!("field `clear`: there is no fault `{name}`"));
        Kind::named(name).ok_or_else(unknown)
    });
    let clear = clear.collect::<Result<Vec<_>, _>>()?;
    Ok((set, clear))
}
