//! The outermost layer of every request: stamp, id, ticket, guard, then the routes.

use crate::app::App;
use crate::routes;
use crate::truth::{JournaledBody, OpenTicket};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::sync::Arc;
use tower::ServiceExt as _;
use victor_clock::now;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The door of the server, shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    app: Arc<App>,
    router: Router,
}

impl Front {
    pub(crate) fn new(app: Arc<App>) -> Self {
        let router = routes::router(Arc::clone(&app));
        Self { app, router }
    }

    /// Answers one request whose head has just been read.
    pub(crate) async fn answer(
        self,
        request: Request<Incoming>,
    ) -> Result<Response<JournaledBody>, Infallible> {
        let received = now();
        let id = self.app.request_ids.take(request.headers().get(REQUEST_ID));
        let header = HeaderValue::from_str(&id);
        let bodyless = request.method() == Method::HEAD;
        let mut ticket = routes::is_chat(request.uri().path())
            .then(|| OpenTicket::new(&self.app.journal, id, received));

        let mut response = self.dispatch(request, ticket.as_ref()).await;

        if let Ok(header) = header {
            response.headers_mut().insert(REQUEST_ID, header);
        }
        if let Some(ticket) = &mut ticket {
            ticket.set_status(response.status());
        }
        let response = response.map(|body| JournaledBody::new(body, ticket));
        Ok(if bodyless { response.map(JournaledBody::without_bytes) } else { response })
    }

    async fn dispatch(
        &self,
        request: Request<Incoming>,
        ticket: Option<&OpenTicket>,
    ) -> Response<Body> {
        let checked = self.app.guard.check(request.version(), request.uri(), request.headers());
        if let Err(refusal) = checked {
            return refusal.into_response();
        }
        let mut request = request.map(Body::new);
        if let Some(ticket) = ticket.and_then(OpenTicket::ticket) {
            request.extensions_mut().insert(ticket);
        }
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
