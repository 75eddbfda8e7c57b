//! One conversation, with a scope of its own.

use super::footprint::{block, shared};
use super::history::{History, SessionLimits, Standing};
use crate::compaction::Compacting;
use crate::services::{Cleaner, Services};
use crate::tools::Errands;
use std::collections::BTreeMap;
use std::mem::size_of;
use std::sync::Arc;
use tokio::sync::{Mutex as TurnLock, OwnedMutexGuard as TurnGuard};
use victor_container::{ResolveError, Scope};
use victor_model::Message;

/// What the creator of a session says about it, in order of the keys.
pub(crate) type Metadata = BTreeMap<String, String>;

/// What the container keeps for a session: the scope's state, the list of open scopes, and two
/// entries with their ends for each of its services. The example `sessions` compares the
/// sum with what a process really takes.
const SCOPE: usize = 768;

/// A conversation. It owns a scope, which owns the history; when the last who knows the session
/// lets go of it (the table, or a turn that outlives it there), the scope is ended elsewhere.
#[derive(Debug)]
pub(crate) struct Session {
    id: Arc<str>,
    /// What its creator said about it; `None` for a session that began with its first turn.
    metadata: Option<Metadata>,
    order: Arc<TurnLock<()>>,
    history: Arc<History>,
    /// `None` only while it is dropped.
    scope: Option<Scope>,
    cleaner: Cleaner,
}

impl Session {
    /// A session of `services`; one with metadata was asked for, and is kept before it has a turn.
    ///
    /// # Errors
    /// When the services have ended.
    pub(crate) fn open(
        services: &Services,
        id: Arc<str>,
        metadata: Option<Metadata>,
    ) -> Result<Self, ResolveError> {
        let scope = services.scope()?;
        let history = scope.get::<History>()?;
        history.frame(frame(&id, metadata.as_ref()));
        let (order, cleaner) = (Arc::default(), services.cleaner());
        Ok(Self { id, metadata, order, history, scope: Some(scope), cleaner })
    }

    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    pub(crate) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Waits for the turns before this one, in the order they came.
    pub(crate) async fn turn(&self) -> TurnGuard<()> {
        Arc::clone(&self.order).lock_owned().await
    }

    pub(crate) fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// The messages, oldest first.
    pub(crate) fn messages(&self) -> Vec<Arc<Message>> {
        self.history.messages()
    }

    /// How its history stands.
    pub(crate) fn standing(&self) -> Standing {
        self.history.standing()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// Adds the messages of one complete turn and forgets what is over the limits.
    pub(crate) fn commit(&self, turn: Vec<Arc<Message>>, limits: SessionLimits) {
        self.history.commit(turn, limits);
    }

    /// What its tools still do; `None` when the server has ended.
    pub(crate) fn errands(&self) -> Option<Arc<Errands>> {
        self.scope.as_ref()?.get().ok()
    }

    /// Who makes the history smaller, once; `None` when the server has ended.
    pub(crate) fn compacting(&self) -> Option<Arc<Compacting>> {
        self.scope.as_ref()?.get().ok()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            self.cleaner.end(scope);
        }
    }
}

/// Bytes a session takes beside its messages.
fn frame(id: &str, metadata: Option<&Metadata>) -> usize {
    /// The entries of the table and of its list of idle sessions.
    const ENTRIES: usize = 2 * (size_of::<Arc<str>>() + 4 * size_of::<usize>());
    let said = metadata.into_iter().flatten();
    let said = said.map(|(key, value)| 48 + block(key.capacity()) + block(value.capacity()));
    block(id.len() + 16)
        + block(shared::<Session>())
        + block(shared::<History>())
        + block(shared::<TurnLock<()>>())
        + ENTRIES
        + SCOPE
        + said.sum::<usize>()
}
