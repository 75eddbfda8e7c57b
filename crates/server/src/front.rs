//! The outermost layer of every request: stamp, id, ticket, guard, then the routes.

use crate::app::App;
use crate::connection::check_head;
use crate::faults::admin;
use crate::guard::is_health;
use crate::intake::discard;
use crate::rate::Client;
use crate::refusal::{Refusal, RefusalCode};
use crate::routes;
use crate::truth::{JournaledBody, OpenTicket};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::IpAddr;
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
        peer: IpAddr,
    ) -> Result<Response<JournaledBody>, Infallible> {
        let received = now();
        let id = self.app.request_ids.take(request.headers().get(REQUEST_ID));
        let header = HeaderValue::from_str(&id);
        let bodyless = request.method() == Method::HEAD;
        let mut ticket = routes::is_chat(request.uri().path())
            .then(|| OpenTicket::new(&self.app.journal, id, received));

        let mut response = self.dispatch(request, peer, ticket.as_ref()).await;
        if let Some(RefusalCode(code)) = response.extensions().get() {
            self.app.journal.metrics().refused(code);
        }

        if let Ok(header) = header {
            response.headers_mut().insert(REQUEST_ID, header);
        }
        if let Some(ticket) = &mut ticket {
            ticket.set_status(response.status());
        }
        let response = response.map(|body| JournaledBody::new(body, ticket));
        Ok(if bodyless { response.map(JournaledBody::without_bytes) } else { response })
    }

    /// What can be decided from the head alone, the cheapest first: nothing is read or kept for a
    /// request that is refused here.
    fn admit(&self, request: &Request<Body>, peer: IpAddr) -> Result<(), Refusal> {
        check_head(request.method(), request.uri(), request.headers())?;
        let path = request.uri().path();
        let key = self.app.guard.check(request.version(), request.uri(), request.headers())?;
        if !is_watching(path) {
            self.app.let_through(Client::new(key, peer))?;
        }
        if request.method() == Method::POST && routes::is_chat(path) {
            self.app.admission.knock()?;
        }
        if path.starts_with(admin::PREFIX) && !peer.to_canonical().is_loopback() {
            return Err(Refusal::NotLocal);
        }
        Ok(())
    }

    async fn dispatch(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        ticket: Option<&OpenTicket>,
    ) -> Response<Body> {
        let mut request = request.map(Body::new);
        if let Err(refusal) = self.admit(&request, peer) {
            discard(request).await;
            return refusal.into_response();
        }
        let ticket = ticket.and_then(OpenTicket::ticket);
        self.app.faults.stand_still(ticket.as_deref()).await;
        if let Some(ticket) = ticket {
            request.extensions_mut().insert(ticket);
        }
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Requests that watch the server are not counted against a client's rate.
fn is_watching(path: &str) -> bool {
    is_health(path) || path == "/metrics" || path == routes::DIAGNOSTICS
}
