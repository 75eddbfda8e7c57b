//! Binding, accepting, and stopping without cutting anyone off.

use crate::app::App;
use crate::connection::{Accepted, Closing, serve as serve_connection};
use crate::error::ServeError;
use crate::front::Front;
use crate::port_owner::port_owner;
use crate::settings::ServerSettings;
use crate::wire::Patience;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use victor_clock::{now, sleep};

/// Connections the kernel may hold before they are accepted, so that a burst of users is not
/// refused; the kernel caps it at `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// How long accepting pauses when the process is out of file descriptors.
const BREATH: Duration = Duration::from_millis(20);

/// A server that listens and does not answer yet; clients that connect wait for [`Self::run`].
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    drain: Duration,
    head_timeout: Duration,
    write_timeout: Duration,
    min_read_rate: u64,
}

impl Server {
    /// Checks the settings, opens the workspace and the truth log, and listens.
    ///
    /// # Errors
    /// When the settings contradict themselves, a file or directory cannot be used, or the address
    /// is taken; each error names the flag to change.
    pub async fn bind(settings: ServerSettings) -> Result<Self, ServeError> {
        settings.validate()?;
        let listener = listen(settings.address)?;
        let app = Arc::new(App::open(&settings)?);
        let bound = listener.local_addr();
        let address =
            bound.map_err(|source| ServeError::Bind { address: settings.address, source })?;
        let ServerSettings { drain, head_timeout, write_timeout, min_read_rate, .. } = settings;
        Ok(Self { listener, address, app, drain, head_timeout, write_timeout, min_read_rate })
    }

    /// The address listened on, with the port that was really taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready. Then readiness turns 503, turns that wait or arrive are
    /// refused, idle connections close, and requests in flight get the drain time to finish; while
    /// they do, new connections are still accepted for one request each, so that a balancer sees
    /// why. What is not finished in time is cut.
    pub async fn run(self, shutdown: impl Future) {
        let Self { listener, app, drain, head_timeout, write_timeout, min_read_rate, .. } = self;
        let (stopping, cut) = (app.stopping.clone(), app.cut.clone());
        let patience = Patience { limit: write_timeout, rate: min_read_rate };
        let closing = Closing { head_timeout, patience, stopping, cut };
        let sweeper = tokio::spawn(sweep(Arc::clone(&app)));
        let services = Arc::clone(&app.services);
        let cleaned = CancellationToken::new();
        let cleaner = tokio::spawn(Arc::clone(&services).clean(cleaned.clone()));
        let hall = Hall { listener, front: Front::new(Arc::clone(&app)), app, closing };
        let (tasks, late) = (hall.app.tasks.clone(), TaskTracker::new());
        tokio::select! {
            biased;
            _ = shutdown => {}
            () = hall.accept(&tasks) => {}
        }
        let Hall { app, closing, .. } = &hall;
        app.stopping.cancel();
        app.admission.close();
        tasks.close();
        tokio::select! {
            biased;
            () = tasks.wait() => {}
            () = sleep(drain) => {
                tracing::warn!(connections = tasks.len(), "cut after the drain time; see --drain");
            }
            () = hall.accept(&late) => {}
        }
        sweeper.abort();
        closing.cut.cancel();
        late.close();
        drop(hall);
        tasks.wait().await;
        late.wait().await;
        cleaned.cancel();
        // It ends by itself; only a panic in it could be lost here, and that has been told.
        let _ = cleaner.await;
        services.dispose().await;
    }
}

/// Where connections come in.
#[derive(Debug)]
struct Hall {
    listener: TcpListener,
    front: Front,
    app: Arc<App>,
    closing: Closing,
}

impl Hall {
    /// Accepts connections for ever; each becomes one of `tasks`.
    async fn accept(&self, tasks: &TaskTracker) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let Some(counted) = self.app.connections.count() else { continue };
                    let accepted = Accepted { stream, peer: peer.ip(), counted };
                    let (front, closing) = (self.front.clone(), self.closing.clone());
                    tasks.spawn(serve_connection(accepted, front, closing));
                }
                Err(error) => rest(&error).await,
            }
        }
    }
}

/// Binds and runs a server in one step.
///
/// # Errors
/// See [`Server::bind`].
pub async fn serve(settings: ServerSettings, shutdown: impl Future) -> Result<(), ServeError> {
    Server::bind(settings).await?.run(shutdown).await;
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let listened = socket.and_then(|socket| {
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    });
    listened.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            ServeError::PortInUse { address, owner: port_owner(address) }
        } else {
            ServeError::Bind { address, source }
        }
    })
}

/// A failed accept is either one client's affair or a shortage that passes when others leave.
async fn rest(error: &io::Error) {
    let client = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !client.contains(&error.kind()) {
        tracing::warn!(%error, "a connection could not be accepted; raise the limit of open files");
        sleep(BREATH).await;
    }
}

/// Forgets sessions whose time has come, for as long as the server runs.
async fn sweep(app: Arc<App>) {
    loop {
        sleep(app.sessions.sweep_interval()).await;
        app.sessions.expire(now());
    }
}
