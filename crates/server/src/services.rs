//! The services of a server and their lifetimes.
//!
//! What the whole server has is a singleton, what a session has belongs to its scope, and what is
//! made for one use is transient. A turn asks nobody for the singletons: they are looked up once,
//! when the server starts, so that a turn without a session never meets the container.

use crate::compaction::Compacting;
use crate::error::ServeError;
use crate::metrics::Metrics;
use crate::sessions::{History, Ledger};
use crate::settings::ServerSettings;
use crate::tools::{Errands, Tool, Toolbox, Workspace};
use crate::truth::{Journal, TruthLog};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use victor_clock::Anchor;
use victor_container::{BoxError, Census, Container, Lifetime, ResolveError, Resolver, Scope};
use victor_model::{Model, ModelSettings};

/// The container of a server, and the end of its scopes.
#[derive(Debug)]
pub(crate) struct Services {
    container: Container,
    cleaner: Cleaner,
    /// Scopes to end, until [`Self::clean`] takes them.
    ended: Mutex<Option<UnboundedReceiver<Scope>>>,
}

/// Takes scopes whose session is over. They end in a task of their own, so that whoever lets go of
/// a session, perhaps with a lock in hand, neither waits nor runs their end.
#[derive(Debug, Clone)]
pub(crate) struct Cleaner(UnboundedSender<Scope>);

impl Cleaner {
    /// Ends `scope` soon; at once when nobody cleans any more.
    pub(crate) fn end(&self, scope: Scope) {
        // What cannot be sent is dropped, which ends it.
        drop(self.0.send(scope));
    }
}

impl Services {
    fn new(container: Container) -> Self {
        let (sender, ended) = unbounded_channel();
        Self { container, cleaner: Cleaner(sender), ended: Mutex::new(Some(ended)) }
    }

    /// Registers everything and makes the singletons, in the order in which they need each other.
    pub(crate) fn open(settings: &ServerSettings, anchor: Anchor) -> Result<Self, ServeError> {
        let workspace = Workspace::open(&settings.workspace)
            .map_err(|source| ServeError::Workspace { path: settings.workspace.clone(), source })?;
        let open = |path: &std::path::PathBuf| {
            TruthLog::open(path)
                .map_err(|source| ServeError::TruthLog { path: path.clone(), source })
        };
        let log = settings.truth_log.as_ref().map(open).transpose()?.map(Arc::new);
        let container = Container::new();
        let registered = register(&container, settings, Arc::new(workspace), (log, anchor));
        registered.map_err(ServeError::Services)?;
        Ok(Self::new(container))
    }

    /// A singleton.
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Result<Arc<T>, ServeError> {
        self.container.get().map_err(|error| ServeError::Services(error.into()))
    }

    /// A scope for a session.
    pub(crate) fn scope(&self) -> Result<Scope, ResolveError> {
        self.container.scope()
    }

    pub(crate) fn cleaner(&self) -> Cleaner {
        self.cleaner.clone()
    }

    /// What is alive.
    pub(crate) fn census(&self) -> Census {
        self.container.census()
    }

    /// Ends scopes as their sessions end, side by side, until `stop` and the last of them.
    pub(crate) async fn clean(self: Arc<Self>, stop: CancellationToken) {
        let Some(mut ended) = crate::lock::lock(&self.ended).take() else { return };
        let mut ending = JoinSet::new();
        loop {
            tokio::select! {
                Some(scope) = ended.recv() => {
                    let mut end = Box::pin(end(scope));
                    tokio::select! {
                        biased;
                        () = &mut end => {}
                        // It has to wait for something: the next need not.
                        () = std::future::ready(()) => drop(ending.spawn(end)),
                    }
                }
                Some(_) = ending.join_next() => {}
                () = stop.cancelled() => break,
            }
        }
        ended.close();
        while let Some(scope) = ended.recv().await {
            ending.spawn(end(scope));
        }
        while ending.join_next().await.is_some() {}
    }

    /// Ends what is left: the scopes, the newest first, then the singletons.
    pub(crate) async fn dispose(&self) {
        if let Err(errors) = self.container.dispose_async().await {
            tracing::warn!(%errors, "services did not end well");
        }
    }
}

async fn end(scope: Scope) {
    if let Err(errors) = scope.dispose_async().await {
        tracing::warn!(%errors, "a session did not end well");
    }
}

fn register(
    container: &Container,
    settings: &ServerSettings,
    workspace: Arc<Workspace>,
    (log, anchor): (Option<Arc<TruthLog>>, Anchor),
) -> Result<(), BoxError> {
    use Lifetime::{Scoped, Singleton, Transient};
    container.register(Singleton, |_: &Resolver<'_>| Ok(Arc::new(Ledger::default())))?;
    let every_token = settings.truth_tokens;
    container.register_disposable(Singleton, move |_: &Resolver<'_>| {
        let journal = Journal::new(log.clone(), anchor, Metrics::new());
        Ok(Arc::new(journal.with_tokens(every_token)))
    })?;
    let model = ModelSettings {
        seed: settings.seed,
        profile: settings.profile,
        tools: Tool::ALL.iter().map(|tool| tool.name().to_owned()).collect(),
        preset: settings.preset,
    };
    container
        .register(Singleton, move |_: &Resolver<'_>| Ok(Arc::new(Model::new(model.clone()))))?;
    let (time, allowed) = (settings.tool_timeout, settings.allowed_commands.clone());
    container.register_disposable(Singleton, move |_: &Resolver<'_>| {
        Ok(Arc::new(Toolbox::new(Arc::clone(&workspace), time, allowed.clone())))
    })?;
    container.register_disposable(Scoped, |services: &Resolver<'_>| {
        Ok(Arc::new(History::new(services.get()?)))
    })?;
    container
        .register_async_disposable(Scoped, |_: &Resolver<'_>| Ok(Arc::new(Errands::default())))?;
    container.register(Transient, |services: &Resolver<'_>| {
        Ok(Arc::new({
            let books = (services.get()?, services.get()?);
            Compacting::new(services.get()?, services.get()?, books)
        }))
    })?;
    container.freeze();
    // The first made is the last to end: records are kept until nothing can make any.
    let (_, _) = (container.get::<Ledger>()?, container.get::<Journal>()?);
    let (_, _) = (container.get::<Model>()?, container.get::<Toolbox>()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Session;

    /// Writes its number down when it is let go of, and whether tools could still begin.
    struct Probe {
        number: usize,
        history: Arc<History>,
        toolbox: Arc<Toolbox>,
        seen: Arc<Mutex<Vec<(usize, bool, bool)>>>,
    }

    impl Drop for Probe {
        fn drop(&mut self) {
            let state = (self.number, self.history.is_over(), self.toolbox.is_open());
            crate::lock::lock(&self.seen).push(state);
        }
    }

    #[tokio::test]
    async fn the_end_is_in_reverse_scopes_before_singletons() {
        let services = Services::open(&ServerSettings::default(), Anchor::take()).expect("open");
        let seen: Arc<Mutex<Vec<_>>> = Arc::default();
        let toolbox = services.get::<Toolbox>().expect("a toolbox");
        let mut scopes = Vec::new();
        for number in 0..3 {
            let scope = services.scope().expect("a scope");
            let history = scope.get::<History>().expect("a history");
            let (toolbox, seen) = (Arc::clone(&toolbox), Arc::clone(&seen));
            let probe = Probe { number, history, toolbox, seen };
            scope.provide(Arc::new(probe)).expect("given");
            scopes.push(scope);
        }
        assert_eq!((services.census().singletons, services.census().scopes), (4, 3));
        services.dispose().await;
        // The newest scope first; what came after a history goes before it; tools end last.
        let expected = [(2, false, true), (1, false, true), (0, false, true)];
        assert_eq!(*crate::lock::lock(&seen), expected);
        assert!(!toolbox.is_open());
        let census = services.census();
        assert_eq!((census.singletons, census.scopes, census.scoped), (0, 0, 0));
        assert!(Session::open(&services, "late".into(), None).is_err());
    }

    #[tokio::test]
    async fn scopes_handed_over_end_before_the_cleaner_does() {
        let services = Services::open(&ServerSettings::default(), Anchor::take()).expect("open");
        let services = Arc::new(services);
        let stop = CancellationToken::new();
        let cleaning = tokio::spawn(Arc::clone(&services).clean(stop.clone()));
        let sessions: Vec<Session> = (0..50)
            .map(|n| Session::open(&services, format!("s{n}").into(), None).expect("open"))
            .collect();
        assert_eq!((services.census().scopes, services.census().scoped), (50, 50));
        drop(sessions);
        stop.cancel();
        cleaning.await.expect("it ended");
        let census = services.census();
        assert_eq!((census.scopes, census.scoped, census.scopes_ended), (0, 0, 50));
    }
}
