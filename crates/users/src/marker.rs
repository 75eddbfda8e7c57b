//! Markers: words that tell whose conversation an answer belongs to.

use std::fmt;
use victor_plan::Wait;

/// What all users of a run share.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    id: String,
    seed: u64,
    wait: Option<Wait>,
}

impl Run {
    /// `id` must differ between runs, or their sessions meet on the server; it should be short and
    /// alphanumeric. `seed` decides every random choice.
    #[must_use]
    pub fn new(id: &str, seed: u64) -> Self {
        Self { id: id.to_owned(), seed, wait: None }
    }

    /// The same run with this wait for every user, whatever its class; `None` leaves each its own.
    #[must_use]
    pub fn with_wait(self, wait: Option<Wait>) -> Self {
        Self { wait, ..self }
    }

    pub(crate) fn wait(&self) -> Option<Wait> {
        self.wait
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The run's seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The marker of a user's conversation.
    #[must_use]
    pub fn marker(&self, user: u64, conversation: u64) -> Marker {
        Marker { run: self.id.clone(), user, conversation }
    }
}

/// A word such as `vmk0a1b2c3du12c0`: made for one conversation of one user of one run, and no
/// other. It is plain letters and digits, so that assistants repeat it unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    run: String,
    user: u64,
    conversation: u64,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vmk{}u{}c{}", self.run, self.user, self.conversation)
    }
}

impl Marker {
    /// Id of the session that this marker belongs to.
    #[must_use]
    pub fn session_id(&self) -> String {
        format!("vs-{}-{}-{}", self.run, self.user, self.conversation)
    }

    /// The first marker of the same run in `text` that belongs to another conversation.
    #[must_use]
    pub fn foreign_in(&self, text: &str) -> Option<Self> {
        let prefix = format!("vmk{}u", self.run);
        text.match_indices(&prefix).find_map(|(at, _)| {
            let (user, rest) = number(&text[at + prefix.len()..])?;
            let (conversation, _) = number(rest.strip_prefix('c')?)?;
            let found = Self { run: self.run.clone(), user, conversation };
            (found != *self).then_some(found)
        })
    }
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markers_of_other_conversations_are_foreign() {
        let run = Run::new("0a1b", 1);
        let mine = run.marker(12, 3);
        assert_eq!(mine.to_string(), "vmk0a1bu12c3");
        assert_eq!(mine.session_id(), "vs-0a1b-12-3");
        assert_eq!(mine.foreign_in("the word is vmk0a1bu12c3."), None);
        assert_eq!(mine.foreign_in("note vmk0a1bu12c3n7, vmk0a1bu1c3!"), Some(run.marker(1, 3)));
        assert_eq!(mine.foreign_in("vmk0a1bu12c30"), Some(run.marker(12, 30)));
        assert_eq!(
            mine.foreign_in("vmkffffu1c3 vmk0a1bu vmk0a1bux"),
            None,
            "another run's, or none"
        );
    }
}
