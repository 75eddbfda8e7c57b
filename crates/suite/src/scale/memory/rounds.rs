//! Sessions opened and ended on purpose.

use super::sessions::right;
use crate::scale::case::{Context, TestError};
use crate::scale::probe::{Door, Mode, Probe, why};
use std::rc::Rc;
use tokio::task::JoinSet;
use victor_types::Verdict;

/// Clients that open and end sessions side by side.
const AT_ONCE: u64 = 10;

/// Sessions that were opened.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Their ids.
    pub(super) ids: Vec<String>,
    /// Turns that were right.
    pub(super) right: u64,
    /// Turns that were not, and how the last of them failed.
    pub(super) wrong: u64,
    pub(super) failure: Option<String>,
}

/// Opens `sessions` sessions with users from `first` on: each tells its code word and asks for it.
pub(super) async fn open(
    context: &Context<'_>,
    door: &Rc<Door>,
    first: u64,
    sessions: u64,
) -> Result<Opened, TestError> {
    context.go_on()?;
    let mut workers = JoinSet::new();
    for worker in 0..AT_ONCE {
        let door = Rc::clone(door);
        let users = (first..first + sessions).filter(move |user| user % AT_ONCE == worker);
        workers.spawn_local(async move {
            let mut opened = Opened::default();
            for user in users {
                let mut probe = Probe::new(&door, user);
                opened.hear(&probe.tell().await.answer.map(|_| ()).map_err(|it| why(&it)));
                let recalled = probe.recall("Once more.", Mode::Plain).await;
                opened.hear(&recalled.answer.map(|_| ()).map_err(|it| why(&it)));
                opened.ids.push(probe.session_id());
            }
            opened
        });
    }
    let mut all = Opened::default();
    while let Some(part) = workers.join_next().await {
        let part = part.unwrap_or_default();
        all.ids.extend(part.ids);
        (all.right, all.wrong) = (all.right + part.right, all.wrong + part.wrong);
        all.failure = part.failure.or(all.failure);
    }
    Ok(all)
}

impl Opened {
    fn hear(&mut self, answer: &Result<(), String>) {
        match answer {
            Ok(()) => self.right += 1,
            Err(failure) => {
                self.wrong += 1;
                self.failure = Some(failure.clone());
            }
        }
    }
}

/// What shows that the target is no assistant: turns that must recall something and do not. The
/// stateless turns of a load cannot show it, whatever they are answered.
pub(in crate::scale) async fn no_assistant(
    context: &Context<'_>,
    door: &Rc<Door>,
) -> Result<Option<Verdict>, TestError> {
    let opened = open(context, door, 0, 10).await?;
    end(door, opened.ids.clone()).await;
    Ok((opened.wrong > 0).then(|| Verdict { name: "recalls".to_owned(), ..right(&opened) }))
}

/// Deletes sessions; how many the target says it did.
pub(super) async fn end(door: &Rc<Door>, ids: Vec<String>) -> u64 {
    let mut workers = JoinSet::new();
    let size = ids.len().div_ceil(usize::try_from(AT_ONCE).unwrap_or(1)).max(1);
    for part in ids.chunks(size) {
        let (door, part) = (Rc::clone(door), part.to_vec());
        workers.spawn_local(async move {
            let mut ended = 0;
            for id in part {
                let status = door.delete(&format!("/api/v1/sessions/{id}")).await;
                ended += u64::from(status.is_some_and(|status| (200..300).contains(&status)));
            }
            ended
        });
    }
    let mut ended = 0;
    while let Some(part) = workers.join_next().await {
        ended += part.unwrap_or(0);
    }
    ended
}
