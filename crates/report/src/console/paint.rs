//! Colour, which is never the only carrier of a meaning.

use victor_types::{Outcome, Severity};

/// What a piece of text means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Something that holds.
    Good,
    /// Something broken.
    Bad,
    /// Something uncertain.
    Doubt,
    /// Something that counts for nothing.
    Faint,
}

impl From<Outcome> for Ink {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Good,
            Outcome::Fail => Self::Bad,
            Outcome::Inconclusive | Outcome::Invalid => Self::Doubt,
            Outcome::NotApplicable => Self::Faint,
        }
    }
}

impl From<Severity> for Ink {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Plain,
            Severity::Doubt => Self::Doubt,
            Severity::Invalidating => Self::Bad,
        }
    }
}

/// Puts ink on text, or leaves it alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brush {
    colour: bool,
}

impl Brush {
    pub(crate) fn new(colour: bool) -> Self {
        Self { colour }
    }

    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => return text.to_owned(),
            Ink::Strong => 1,
            Ink::Good => 32,
            Ink::Bad => 31,
            Ink::Doubt => 33,
            Ink::Faint => 2,
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
