//! Failures with their evidence.

use crate::number::ms;
use serde::Serialize;
use victor_types::{Exemplar, FailureRow};

/// One way in which one request name failed.
#[derive(Debug, Serialize)]
pub(crate) struct FailureView {
    count: u64,
    kind: String,
    meaning: String,
    request: String,
    seen: String,
    exemplars: Vec<ExemplarView>,
}

/// One turn; `other` is the half it was mixed up with.
#[derive(Debug, Serialize)]
struct ExemplarView {
    request_id: String,
    session: Option<String>,
    at: String,
    latency: String,
    excerpt: String,
    expected: Option<String>,
    other: Option<victor_types::OtherHalf>,
}

impl FailureView {
    pub(crate) fn of(row: &FailureRow) -> Self {
        Self {
            count: row.count,
            kind: row.kind.to_string(),
            meaning: row.kind.describe(),
            request: format!("{} {}", row.key.method, row.key.name),
            seen: format!("{:.1} s to {:.1} s", row.first_seen.0, row.last_seen.0),
            exemplars: row.exemplars.iter().map(ExemplarView::of).collect(),
        }
    }
}

impl ExemplarView {
    fn of(exemplar: &Exemplar) -> Self {
        Self {
            request_id: exemplar.request_id.clone(),
            session: exemplar.session_id.clone(),
            at: format!("{:.2}", exemplar.at.0),
            latency: ms(exemplar.latency),
            excerpt: exemplar.excerpt.clone(),
            expected: exemplar.expected.clone(),
            other: exemplar.other.clone(),
        }
    }
}
