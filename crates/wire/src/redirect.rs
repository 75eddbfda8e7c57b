//! Where a redirect leads.

use crate::watch::Redirect;
use crate::{Endpoint, Message, RequestTemplate, Target, WireError};
use url::{Position, Url};
use victor_plan::Method;

/// One request of a chain of redirects.
#[derive(Debug)]
pub(crate) struct Hop<'a> {
    endpoint: Endpoint,
    template: RequestTemplate,
    request_id: &'a str,
    body: &'a [u8],
    count: u32,
}

impl<'a> Hop<'a> {
    /// The request that the turn began with.
    pub(crate) fn first(target: &Target, message: Message<'a>) -> Self {
        Self {
            endpoint: target.endpoint().clone(),
            template: message.template.clone(),
            request_id: message.request_id,
            body: message.body,
            count: 0,
        }
    }

    /// The request that `redirect` asks for. As in browsers and curl, 301, 302 and 303 turn a `POST`
    /// into a `GET`, 307 and 308 repeat it (RFC 9110, section 15.4). Keys are not shown to another
    /// host.
    pub(crate) fn next(self, target: &Target, redirect: &Redirect) -> Result<Self, WireError> {
        let refused = |reason: &str| WireError::Redirect {
            status: redirect.status,
            location: redirect.location.clone(),
            reason: reason.to_owned(),
        };
        let here = Url::parse(&self.endpoint.whole(self.template.path()));
        let there = here.and_then(|here| here.join(&redirect.location));
        let there = there.map_err(|_| refused("it is no address"))?;
        let base = &there[..Position::BeforePath];
        let endpoint =
            Endpoint::parse(base).map_err(|_| refused("it is no http or https address"))?;
        let method = match redirect.status {
            307 | 308 => self.template.method(),
            _ => Method::Get,
        };
        let mut headers = self.template.headers().to_vec();
        if endpoint != self.endpoint {
            headers.retain(|(name, _)| name != "authorization");
        }
        let path = &there[Position::BeforePath..Position::AfterQuery];
        let template = target.template(method, &endpoint, path, headers);
        Ok(Self { endpoint, template, count: self.count + 1, ..self })
    }

    pub(crate) fn message(&self) -> Message<'_> {
        Message { template: &self.template, request_id: self.request_id, body: self.body }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Redirects followed so far, this one included.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Whether it goes to the target itself, whose cookies it may carry.
    pub(crate) fn is_home(&self, target: &Target) -> bool {
        let (here, home) = (&self.endpoint, target.endpoint());
        (here.scheme(), here.name(), here.port()) == (home.scheme(), home.name(), home.port())
    }
}
