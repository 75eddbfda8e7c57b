//! What a text is made of, for the estimate of its tokens.

/// What a text is made of. Code and JSON have more punctuation than prose, hence more tokens for
/// the same number of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// One fenced block (` ``` `) and nothing around it: 3.0 characters a token.
    Code,
    /// Begins with `{` or `[`: 2.8 characters a token.
    Json,
    /// Neither of the others: 4.0 characters a token.
    Prose,
    /// Text with a fenced block somewhere in it: 3.5 characters a token.
    Mixed,
}

const FENCE: &str = "```";

impl ContentKind {
    /// The kind of `text`, by its fences and its first character.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let trimmed = text.trim();
        if trimmed.starts_with(['{', '[']) {
            return Self::Json;
        }
        let Some(inner) = trimmed.strip_prefix(FENCE).and_then(|rest| rest.strip_suffix(FENCE))
        else {
            return if trimmed.contains(FENCE) { Self::Mixed } else { Self::Prose };
        };
        if inner.contains(FENCE) { Self::Mixed } else { Self::Code }
    }

    /// How many characters make a token.
    #[must_use]
    pub fn characters_per_token(self) -> f64 {
        f64::from(self.tenths()) / 10.0
    }

    /// Characters a token in tenths, so that the estimate is computed in whole numbers.
    pub(crate) const fn tenths(self) -> u32 {
        match self {
            Self::Code => 30,
            Self::Json => 28,
            Self::Prose => 40,
            Self::Mixed => 35,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_and_braces_tell_the_kind() {
        assert_eq!(ContentKind::of("How do closures work?"), ContentKind::Prose);
        assert_eq!(ContentKind::of("\n```rust\nfn main() {}\n```\n"), ContentKind::Code);
        assert_eq!(ContentKind::of("Try:\n```\nls\n```"), ContentKind::Mixed);
        assert_eq!(ContentKind::of("```\na\n``` or ```\nb\n```"), ContentKind::Mixed);
        assert_eq!(ContentKind::of(" {\"a\": \"```\"}"), ContentKind::Json);
        assert_eq!(ContentKind::of("[1, 2]"), ContentKind::Json);
        assert_eq!(ContentKind::of(""), ContentKind::Prose);
        assert_eq!(ContentKind::of("```"), ContentKind::Mixed);
    }

    #[test]
    fn denser_kinds_have_fewer_characters_a_token() {
        let kinds = [ContentKind::Json, ContentKind::Code, ContentKind::Mixed, ContentKind::Prose];
        assert_eq!(kinds.map(ContentKind::characters_per_token), [2.8, 3.0, 3.5, 4.0]);
    }
}
