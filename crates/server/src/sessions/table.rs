//! All live sessions, with their expiry and eviction.

use super::session::{Metadata, Session};
use crate::lock::lock;
use crate::services::Services;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use victor_clock::{Instant, now};
use victor_model::Message;

/// The table of sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    services: Arc<Services>,
    table: Mutex<Table>,
    most: usize,
    ttl: Duration,
}

#[derive(Debug, Default)]
struct Table {
    slots: HashMap<Arc<str>, Slot>,
    /// Sessions no turn is using, longest idle first.
    idle: BTreeMap<IdleSince, Arc<str>>,
    releases: u64,
}

/// When a session became idle; the number tells apart those of one instant.
type IdleSince = (Instant, u64);

#[derive(Debug)]
struct Slot {
    session: Arc<Session>,
    users: usize,
    idle: Option<IdleSince>,
}

/// Why a session was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There is one of this name.
    Exists,
    /// All there is room for are in use.
    Full,
}

/// A part of the list of sessions.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    /// How many sessions are live in all.
    count: usize,
    sessions: Vec<SessionSummary>,
    /// The `after` of the next part; null when this is the last.
    next: Option<String>,
}

/// One row of the list of sessions.
#[derive(Debug, Serialize)]
pub(crate) struct SessionSummary {
    session_id: String,
    turns: u64,
    messages: usize,
    tokens: u64,
    bytes: u64,
    compactions: u64,
    in_use: bool,
}

impl Sessions {
    /// Room for `most` sessions, each kept for `ttl` after its last use.
    pub(crate) fn new(services: Arc<Services>, most: usize, ttl: Duration) -> Self {
        Self { services, table: Mutex::default(), most, ttl }
    }

    /// Continues or creates session `id`. `None` when there is room for none: all are in use.
    pub(crate) fn acquire(self: &Arc<Self>, id: &str) -> Option<Lease> {
        let mut table = lock(&self.table);
        if !table.slots.contains_key(id) {
            if table.slots.len() >= self.most && !table.evict_longest_idle() {
                return None;
            }
            let id: Arc<str> = id.into();
            let session = Session::open(&self.services, Arc::clone(&id), None).ok()?;
            let session = Arc::new(session);
            table.slots.insert(id, Slot { session, users: 0, idle: None });
        }
        let slot = table.slots.get_mut(id)?;
        slot.users += 1;
        let session = Arc::clone(&slot.session);
        if let Some(since) = slot.idle.take() {
            table.idle.remove(&since);
        }
        Some(Lease { sessions: Arc::clone(self), session })
    }

    /// Makes session `id`, which is kept for its time to live even without a turn.
    pub(crate) fn create(&self, id: &str, metadata: Metadata) -> Result<Arc<Session>, Denied> {
        let mut table = lock(&self.table);
        if table.slots.contains_key(id) {
            return Err(Denied::Exists);
        }
        if table.slots.len() >= self.most && !table.evict_longest_idle() {
            return Err(Denied::Full);
        }
        let id: Arc<str> = id.into();
        let session = Session::open(&self.services, Arc::clone(&id), Some(metadata));
        let session = Arc::new(session.map_err(|_| Denied::Full)?);
        let since = table.idle_now(Arc::clone(&id));
        let slot = Slot { session: Arc::clone(&session), users: 0, idle: Some(since) };
        table.slots.insert(id, slot);
        Ok(session)
    }

    /// Session `id`, without using it.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Session>> {
        lock(&self.table).slots.get(id).map(|slot| Arc::clone(&slot.session))
    }

    /// Forgets session `id`; false when there is none. A turn in flight still gets its answer.
    pub(crate) fn delete(&self, id: &str) -> bool {
        let mut table = lock(&self.table);
        let removed = table.slots.remove(id);
        if let Some(since) = removed.as_ref().and_then(|slot| slot.idle) {
            table.idle.remove(&since);
        }
        removed.is_some()
    }

    /// How many sessions there is room for.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// How many sessions are live.
    pub(crate) fn len(&self) -> usize {
        lock(&self.table).slots.len()
    }

    /// At most `limit` sessions in order of their ids, those after `after`.
    pub(crate) fn list(&self, limit: usize, after: Option<&str>) -> Page {
        let (count, mut rows): (usize, Vec<(Arc<Session>, bool)>) = {
            let table = lock(&self.table);
            let later = table
                .slots
                .values()
                .filter(|slot| after.is_none_or(|after| slot.session.id().as_ref() > after))
                .map(|slot| (Arc::clone(&slot.session), slot.users > 0));
            (table.slots.len(), later.collect())
        };
        rows.sort_unstable_by(|a, b| a.0.id().cmp(b.0.id()));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let sessions: Vec<SessionSummary> =
            rows.iter().map(|(session, in_use)| SessionSummary::of(session, *in_use)).collect();
        let next = sessions.last().filter(|_| more).map(|last| last.session_id.clone());
        Page { count, sessions, next }
    }

    /// The id and messages of a live session other than `id` that has messages, chosen by `bits`.
    pub(crate) fn another(&self, id: &str, bits: u64) -> Option<(Arc<str>, Vec<Arc<Message>>)> {
        let table = lock(&self.table);
        let start = usize::try_from(bits % (table.slots.len() as u64).max(1)).ok()?;
        let around = table.slots.values().skip(start).chain(table.slots.values().take(start));
        let other = around
            .map(|slot| &slot.session)
            .find(|session| session.id().as_ref() != id && !session.is_empty())?;
        Some((Arc::clone(other.id()), other.messages()))
    }

    /// Forgets the sessions that were idle for their time to live at `instant`.
    pub(crate) fn expire(&self, instant: Instant) {
        let mut table = lock(&self.table);
        while let Some((since, _)) = table.idle.first_key_value() {
            if instant.saturating_duration_since(since.0) < self.ttl {
                break;
            }
            table.evict_longest_idle();
        }
        // A table that once was large would stay so.
        let room = table.slots.len().max(1 << 10) * 2;
        if table.slots.capacity() > 2 * room {
            table.slots.shrink_to(room);
        }
    }

    /// How often [`Self::expire`] should be called.
    pub(crate) fn sweep_interval(&self) -> Duration {
        (self.ttl / 4).clamp(Duration::from_millis(100), Duration::from_secs(30))
    }

    fn release(&self, session: &Arc<Session>) {
        let mut table = lock(&self.table);
        let table = &mut *table;
        let Some(slot) = table.slots.get_mut(session.id()) else { return };
        // The session may have been deleted and made anew meanwhile.
        if !Arc::ptr_eq(&slot.session, session) {
            return;
        }
        slot.users -= 1;
        if slot.users > 0 {
            return;
        }
        if session.is_empty() && session.metadata().is_none() {
            table.slots.remove(session.id());
            return;
        }
        let since = table.idle_now(Arc::clone(session.id()));
        if let Some(slot) = table.slots.get_mut(session.id()) {
            slot.idle = Some(since);
        }
    }
}

impl SessionSummary {
    fn of(session: &Session, in_use: bool) -> Self {
        let standing = session.standing();
        Self {
            session_id: session.id().as_ref().to_owned(),
            turns: standing.turns,
            messages: standing.messages,
            tokens: standing.weight.tokens.0,
            bytes: standing.heap,
            compactions: standing.compactions,
            in_use,
        }
    }
}

impl Table {
    /// Queues session `id` for its expiry.
    fn idle_now(&mut self, id: Arc<str>) -> IdleSince {
        self.releases += 1;
        let since = (now(), self.releases);
        self.idle.insert(since, id);
        since
    }

    /// False when every session is in use.
    fn evict_longest_idle(&mut self) -> bool {
        let Some((_, id)) = self.idle.pop_first() else { return false };
        self.slots.remove(&id);
        true
    }
}

/// A session in use: it is neither evicted nor expired until this is dropped. A session that was
/// made for a turn that never completed goes with it.
#[derive(Debug)]
pub(crate) struct Lease {
    sessions: Arc<Sessions>,
    session: Arc<Session>,
}

impl Lease {
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.sessions.release(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::SessionLimits;
    use super::*;
    use crate::settings::ServerSettings;

    const LIMITS: SessionLimits = SessionLimits { messages: 100, bytes: 10_000 };

    fn sessions(most: usize) -> Arc<Sessions> {
        let services = Services::open(&ServerSettings::default(), victor_clock::Anchor::take());
        let services = Arc::new(services.expect("a workspace"));
        Arc::new(Sessions::new(services, most, Duration::from_secs(60)))
    }

    fn talk(sessions: &Arc<Sessions>, id: &str) {
        let lease = sessions.acquire(id).expect("room");
        lease.session().commit(vec![Arc::new(Message::user(id))], LIMITS);
    }

    fn ids(sessions: &Sessions) -> Vec<String> {
        sessions.list(100, None).sessions.iter().map(|row| row.session_id.clone()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_expire_after_their_time_to_live_unless_in_use() {
        let sessions = sessions(10);
        talk(&sessions, "a");
        talk(&sessions, "b");
        victor_clock::sleep(Duration::from_secs(30)).await;
        talk(&sessions, "b");
        let lease = sessions.acquire("c").expect("room");
        victor_clock::sleep(Duration::from_secs(40)).await;
        sessions.expire(now());
        assert_eq!(ids(&sessions), ["b", "c"]);
        drop(lease);
        victor_clock::sleep(Duration::from_secs(60)).await;
        sessions.expire(now());
        assert_eq!(sessions.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_is_evicted_and_one_in_use_never() {
        let sessions = sessions(2);
        talk(&sessions, "a");
        talk(&sessions, "b");
        talk(&sessions, "a");
        talk(&sessions, "c");
        assert_eq!(ids(&sessions), ["a", "c"]);
        let held = [sessions.acquire("a"), sessions.acquire("c")];
        assert!(sessions.acquire("d").is_none());
        drop(held);
        assert!(sessions.acquire("d").is_some());
    }

    #[tokio::test]
    async fn a_session_without_a_complete_turn_leaves_no_trace() {
        let sessions = sessions(2);
        drop(sessions.acquire("a"));
        assert_eq!(sessions.len(), 0);
        talk(&sessions, "a");
        let lease = sessions.acquire("a");
        assert!(sessions.delete("a") && !sessions.delete("a"));
        talk(&sessions, "a");
        drop(lease);
        assert_eq!(ids(&sessions), ["a"]);
    }

    #[tokio::test]
    async fn another_session_is_never_this_one_or_an_empty_one() {
        let sessions = sessions(10);
        talk(&sessions, "a");
        let _empty = sessions.acquire("e");
        assert!(sessions.another("a", 7).is_none());
        talk(&sessions, "b");
        for bits in 0..20 {
            assert_eq!(&*sessions.another("a", bits).expect("b").0, "b");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_was_asked_for_is_kept_before_its_first_turn() {
        let sessions = sessions(2);
        assert!(sessions.create("a", Metadata::new()).is_ok());
        assert_eq!(sessions.create("a", Metadata::new()).err(), Some(Denied::Exists));
        drop(sessions.acquire("a"));
        assert_eq!(ids(&sessions), ["a"]);
        let held = [sessions.acquire("a"), sessions.acquire("b")];
        assert_eq!(sessions.create("c", Metadata::new()).err(), Some(Denied::Full));
        drop(held);
        victor_clock::sleep(Duration::from_secs(60)).await;
        sessions.expire(now());
        assert_eq!(sessions.len(), 0);
    }

    #[tokio::test]
    async fn a_list_is_read_in_parts() {
        let sessions = sessions(10);
        for id in ["c", "a", "e", "b", "d"] {
            talk(&sessions, id);
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = sessions.list(2, after.as_deref());
            assert_eq!(page.count, 5);
            seen.extend(page.sessions.iter().map(|row| row.session_id.clone()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    }
}
