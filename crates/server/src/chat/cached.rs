//! Turns that may be answered from the cache.
//!
//! Only whole answers to turns without a session: a session's turn depends on what went before, and
//! a stream from the cache would arrive in one piece. An answer that needed tools is not kept, since
//! the files it was made from may change.

use super::request::Order;
use super::turn::Finished;
use crate::app::App;
use crate::cache::{Answered, Question};
use crate::faults::Ending;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

const HEADER: HeaderName = HeaderName::from_static("x-victor-cache");

/// What the cache says of a turn.
#[derive(Debug)]
pub(crate) enum Cached {
    /// It is off, or the turn is not one it could answer.
    Never,
    /// It had the answer.
    Hit(Answered),
    /// It did not have the answer and wants it.
    Miss(Question),
}

impl Cached {
    /// Looks for an answer to `order`.
    pub(crate) fn look_up(app: &App, order: &Order) -> Self {
        let Some(answers) = app.answers.as_ref().filter(|_| order.session_id.is_none()) else {
            return Self::Never;
        };
        let names = (order.provider.as_deref(), order.model.as_deref());
        let question = Question::new(&order.messages, names.0, names.1);
        answers.find(&question).map_or(Self::Miss(question), Self::Hit)
    }

    /// Keeps what was `finished` where it was wanted.
    pub(crate) fn keep(&mut self, app: &App, finished: &Finished) {
        let whole = finished.ending == Ending::Whole && !finished.text.is_empty();
        if !whole || !finished.tool_calls.is_empty() {
            return;
        }
        let Self::Miss(question) = self else { return };
        if let Some(answers) = &app.answers {
            answers.keep(question.take(), &finished.text, finished.usage);
        }
    }

    /// Marks a response.
    pub(crate) fn mark(&self, response: &mut Response) {
        let mark = match self {
            Self::Never => return,
            Self::Hit(_) => "hit",
            Self::Miss(_) => "miss",
        };
        response.headers_mut().insert(HEADER, HeaderValue::from_static(mark));
    }
}
