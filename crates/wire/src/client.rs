//! One thread's way to the target, and one user's.

use crate::connection::Connection;
use crate::cookies::Cookies;
use crate::dial::{Dialer, Spoken};
use crate::http2::{self, Http2};
use crate::redirect::Hop;
use crate::stream::Stream;
use crate::watch::{Seen, Watch};
use crate::{Endpoint, Limits, Message, Sink, Target, Times, WireError};
use std::cell::Cell;
use std::net::SocketAddr;
use tokio::sync::Mutex;
use tokio::time::timeout_at;
use victor_clock::{Instant, now};
use victor_plan::ConnectionReuse;
use victor_types::Phase;

/// What the users of one thread share: the target's addresses, the order of source addresses, and
/// HTTP/2 connections if they are to be shared.
#[derive(Debug)]
pub struct Client {
    target: Target,
    dialer: Dialer,
    shared: Vec<Mutex<Option<Http2>>>,
    /// Counts channels, to deal shared connections out in turn.
    channels: Cell<usize>,
}

/// One user's way to the target: its connection, once it has one, and its cookies.
#[derive(Debug)]
pub struct Channel {
    way: Option<Way>,
    cookies: Cookies,
    number: usize,
}

#[derive(Debug)]
enum Way {
    One(Box<Connection>),
    Two(Http2),
}

impl Way {
    /// True for an open connection of HTTP/1.1 that can take the next request.
    fn is_usable_http1(&mut self) -> bool {
        match self {
            Self::One(open) => open.is_usable(),
            Self::Two(_) => false,
        }
    }
}

/// A request with its limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) message: Message<'a>,
    /// The value of the `Cookie` header.
    pub(crate) cookie: &'a str,
    pub(crate) limits: &'a Limits,
    pub(crate) began: Instant,
}

impl Client {
    /// A client of `target`, at the addresses that [`Target::resolve`] has found.
    #[must_use]
    pub fn new(target: Target, addresses: Vec<SocketAddr>) -> Self {
        let shared = match target.options().reuse {
            ConnectionReuse::Shared(count) => (0..count.max(1)).map(|_| Mutex::default()).collect(),
            ConnectionReuse::PerUser | ConnectionReuse::PerRequest => Vec::new(),
        };
        Self { target, dialer: Dialer::new(addresses), shared, channels: Cell::new(0) }
    }

    /// A way for one more user. Nothing is opened yet.
    #[must_use]
    pub fn channel(&self) -> Channel {
        let number = self.channels.get();
        self.channels.set(number.wrapping_add(1));
        Channel { way: None, cookies: Cookies::default(), number }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Opens a connection of its own to the target.
    pub(crate) async fn dial(
        &self,
        limits: &Limits,
        began: Instant,
        times: &mut Times,
    ) -> Result<(Stream, Spoken), WireError> {
        self.dialer.open(&self.target, self.target.endpoint(), limits, began, times).await
    }

    /// Opens one connection as a turn would, and closes it again.
    ///
    /// # Errors
    /// See [`WireError`].
    pub async fn reach(&self, limits: &Limits) -> Result<(), WireError> {
        self.dial(limits, now(), &mut Times::default()).await.map(drop)
    }

    /// Sends `message` on the user's connection, opening one if need be, and hands the response to
    /// `sink`. The times are in `times` also when that fails. `began` is the instant from which the
    /// total limit counts. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`WireError`].
    pub async fn exchange(
        &self,
        channel: &mut Channel,
        message: Message<'_>,
        limits: &Limits,
        began: Instant,
        sink: &mut impl Sink,
        times: &mut Times,
    ) -> Result<(), WireError> {
        let options = self.target.options();
        let mut watch = Watch::new(sink, options, options.redirects);
        let Channel { way, cookies, number } = channel;
        let ask = Ask { message, cookie: cookies.header(), limits, began };
        if let Some(Way::One(mut open)) = way.take_if(Way::is_usable_http1) {
            let request = message.template.render(message.request_id, ask.cookie, message.body);
            open.exchange(&request, limits, began, &mut watch, times).await?;
            *way = Some(Way::One(open));
        } else {
            // Boxed, so that the users of open HTTP/1.1 connections do not carry its size.
            Box::pin(self.exchange_anew(way, *number, &ask, &mut watch, times)).await?;
        }
        let Seen { cookies: set, redirect } = watch.finish()?;
        set.iter().for_each(|value| cookies.set(value));
        let Some(redirect) = redirect else { return Ok(()) };
        let first = Hop::first(&self.target, message);
        Box::pin(self.follow(
            channel,
            first.next(&self.target, &redirect)?,
            limits,
            began,
            sink,
            times,
        ))
        .await
    }

    /// Exchanges on a connection other than an open one of HTTP/1.1.
    async fn exchange_anew(
        &self,
        way: &mut Option<Way>,
        number: usize,
        ask: &Ask<'_>,
        sink: &mut impl Sink,
        times: &mut Times,
    ) -> Result<(), WireError> {
        let end = ask.began + ask.limits.total;
        if !self.shared.is_empty() {
            let slot = &self.shared[number % self.shared.len()];
            let waiting = timeout_at(end, self.shared_connection(slot, ask, times));
            let shared = waiting.await.map_err(|_| WireError::Timeout(Phase::Total))??;
            return http2::exchange(shared.ready(end).await?, ask, sink, times).await;
        }
        if let Some(Way::Two(open)) = way {
            match open.ready(end).await {
                Ok(ready) => return http2::exchange(ready, ask, sink, times).await,
                Err(timeout @ WireError::Timeout(_)) => return Err(timeout),
                // The server has said goodbye since; nothing was sent yet.
                Err(_) => *way = None,
            }
        }
        let opened = self.open(self.target.endpoint(), ask, times).await?;
        let keeps = self.target.options().reuse == ConnectionReuse::PerUser;
        if let (Way::Two(open), true) = (&opened, keeps) {
            // A failed stream does not spoil the connection.
            *way = Some(Way::Two(open.clone()));
        }
        let kept = exchange_on(opened, ask, sink, times).await?;
        if keeps {
            *way = Some(kept);
        }
        Ok(())
    }

    /// The connection in `slot`, opened by the first who needs it. The others wait for that.
    async fn shared_connection(
        &self,
        slot: &Mutex<Option<Http2>>,
        ask: &Ask<'_>,
        times: &mut Times,
    ) -> Result<Http2, WireError> {
        let mut slot = slot.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| open.is_alive()) {
            return Ok(open.clone());
        }
        let (stream, _) = self.dial(ask.limits, ask.began, times).await?;
        let opened = Http2::begin(stream).await?;
        *slot = Some(opened.clone());
        Ok(opened)
    }

    async fn open(
        &self,
        endpoint: &Endpoint,
        ask: &Ask<'_>,
        times: &mut Times,
    ) -> Result<Way, WireError> {
        let opening = self.dialer.open(&self.target, endpoint, ask.limits, ask.began, times);
        match opening.await? {
            (stream, Spoken::Http1) => Ok(Way::One(Box::new(Connection::new(stream)))),
            (stream, Spoken::Http2) => Http2::begin(stream).await.map(Way::Two),
        }
    }

    /// Follows a redirect on a connection of its own, and those it leads to.
    async fn follow(
        &self,
        channel: &mut Channel,
        mut hop: Hop<'_>,
        limits: &Limits,
        began: Instant,
        sink: &mut impl Sink,
        times: &mut Times,
    ) -> Result<(), WireError> {
        let options = self.target.options();
        loop {
            let cookie = if hop.is_home(&self.target) { channel.cookies.header() } else { "" };
            let ask = Ask { message: hop.message(), cookie, limits, began };
            let mut watch = Watch::new(sink, options, options.redirects - hop.count());
            times.first_byte = None;
            let opened = self.open(hop.endpoint(), &ask, times).await?;
            exchange_on(opened, &ask, &mut watch, times).await?;
            let Seen { cookies: set, redirect } = watch.finish()?;
            if hop.is_home(&self.target) {
                set.iter().for_each(|value| channel.cookies.set(value));
            }
            let Some(redirect) = redirect else { return Ok(()) };
            hop = hop.next(&self.target, &redirect)?;
        }
    }
}

/// One exchange on a connection that was just opened, and the connection if it can be used again.
async fn exchange_on(
    mut opened: Way,
    ask: &Ask<'_>,
    sink: &mut impl Sink,
    times: &mut Times,
) -> Result<Way, WireError> {
    let Ask { message, cookie, limits, began } = *ask;
    match &mut opened {
        Way::One(connection) => {
            let request = message.template.render(message.request_id, cookie, message.body);
            connection.exchange(&request, limits, began, sink, times).await?;
        }
        Way::Two(connection) => {
            let ready = connection.ready(began + limits.total).await?;
            http2::exchange(ready, ask, sink, times).await?;
        }
    }
    Ok(opened)
}
