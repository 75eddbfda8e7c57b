//! What messages weigh: characters, bytes and estimated tokens.

use crate::kind::ContentKind;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use victor_model::Message;

/// A number of estimated tokens.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Tokens(pub u64);

impl Tokens {
    /// The difference, and none when `other` is more.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Tokens {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0)
    }
}

/// Tokens that every message costs beside its text: role and separators.
const TOKENS_A_MESSAGE: u64 = 4;

/// What some messages weigh together. Weights add up, so a conversation's can be carried along
/// with it instead of being taken anew for every turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Messages.
    pub messages: u64,
    /// Characters of their text and of the names and arguments of their tool calls.
    pub characters: u64,
    /// Bytes of the same in UTF-8.
    pub bytes: u64,
    /// Estimated tokens: by [`ContentKind`], and 4 a message. A character of three bytes or more
    /// (Chinese, Japanese, Korean, emoji) is a token of its own.
    pub tokens: Tokens,
}

impl Weight {
    /// What `message` weighs. Names and arguments of tool calls count as JSON; ids do not count.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let mut text = Count::of(message.content.as_bytes());
        let mut tokens = TOKENS_A_MESSAGE + text.tokens(ContentKind::of(&message.content));
        for call in &message.tool_calls {
            let mut counted = Count::of(call.name.as_bytes());
            // Counting cannot fail, and a JSON value can always be written.
            let _ = serde_json::to_writer(&mut counted, &call.arguments);
            tokens += counted.tokens(ContentKind::Json);
            text.add(counted);
        }
        Self {
            messages: 1,
            characters: text.narrow + text.wide,
            bytes: text.bytes,
            tokens: Tokens(tokens),
        }
    }

    /// What `messages` weigh together.
    pub fn of_all<M: Borrow<Message>>(messages: &[M]) -> Self {
        messages.iter().map(|message| Self::of(message.borrow())).sum()
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            messages: self.messages + other.messages,
            characters: self.characters + other.characters,
            bytes: self.bytes + other.bytes,
            tokens: self.tokens + other.tokens,
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Weight {
    type Output = Self;

    /// What is left; nothing where `other` is more.
    fn sub(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_sub(other.messages),
            characters: self.characters.saturating_sub(other.characters),
            bytes: self.bytes.saturating_sub(other.bytes),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Characters of a text, those of one or two bytes apart from the wider ones.
#[derive(Clone, Copy, Default)]
struct Count {
    narrow: u64,
    wide: u64,
    bytes: u64,
}

impl Count {
    fn of(bytes: &[u8]) -> Self {
        // In 32-bit sums over pieces that cannot overflow them, the compiler uses wide registers.
        let (mut leads, mut wide) = (0, 0);
        for piece in bytes.chunks(1 << 16) {
            let lead = |byte: &u8| u32::from(byte & 0xc0 != 0x80);
            leads += u64::from(piece.iter().map(lead).sum::<u32>());
            wide += u64::from(piece.iter().map(|byte| u32::from(*byte >= 0xe0)).sum::<u32>());
        }
        Self { narrow: leads - wide, wide, bytes: bytes.len() as u64 }
    }

    fn add(&mut self, other: Self) {
        self.narrow += other.narrow;
        self.wide += other.wide;
        self.bytes += other.bytes;
    }

    /// Rounded up: a text that is not empty has a token.
    fn tokens(self, kind: ContentKind) -> u64 {
        (self.narrow * 10).div_ceil(u64::from(kind.tenths())) + self.wide
    }
}

impl std::io::Write for Count {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        self.add(Self::of(piece));
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The longest beginning of `text` of at most so many tokens and bytes, as text of `kind`.
pub(crate) fn head(text: &str, kind: ContentKind, tokens: Tokens, bytes: u64) -> &str {
    let mut count = Count::default();
    for (at, character) in text.char_indices() {
        let length = character.len_utf8() as u64;
        count.bytes += length;
        *(if length > 2 { &mut count.wide } else { &mut count.narrow }) += 1;
        if count.bytes > bytes || count.tokens(kind) > tokens.0 {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use victor_model::ToolCall;

    fn tokens(message: &Message) -> u64 {
        Weight::of(message).tokens.0
    }

    #[test]
    fn each_kind_has_its_factor_and_each_message_four_more() {
        assert_eq!(tokens(&Message::user("")), 4);
        assert_eq!(tokens(&Message::user("a")), 5);
        assert_eq!(tokens(&Message::user("a".repeat(400))), 104);
        assert_eq!(tokens(&Message::user(format!("```{}```", "a".repeat(294)))), 104);
        assert_eq!(tokens(&Message::user(format!("a ```{}```", "a".repeat(342)))), 104);
        assert_eq!(tokens(&Message::user(format!("[{}]", "1".repeat(278)))), 104);
    }

    #[test]
    fn characters_are_not_bytes_and_wide_ones_are_tokens() {
        let weight = Weight::of(&Message::user("caf\u{e9}"));
        assert_eq!((weight.characters, weight.bytes, weight.tokens), (4, 5, Tokens(5)));
        let weight = Weight::of(&Message::user("\u{4f60}\u{597d}\u{1f600}"));
        assert_eq!((weight.characters, weight.bytes, weight.tokens), (3, 10, Tokens(7)));
    }

    #[test]
    fn tool_calls_are_weighed_too() {
        let call = |arguments| ToolCall { id: "x".into(), name: "ls".into(), arguments };
        let calling = Message::calling(vec![call(json!({"path": "src"})), call(json!({}))]);
        let weight = Weight::of(&calling);
        assert_eq!((weight.characters, weight.tokens), (18 + 2, Tokens(4 + 6 + 2)));
    }

    #[test]
    fn weights_add_up() {
        let all = [Message::user("one"), Message::assistant("two \u{4f60}")];
        let sum = Weight::of(&all[0]) + Weight::of(&all[1]);
        assert_eq!(Weight::of_all(&all), sum);
        assert_eq!(sum - Weight::of(&all[0]), Weight::of(&all[1]));
        assert_eq!(Weight::of(&all[0]) - sum, Weight::default());
    }

    #[test]
    fn a_head_fits_in_tokens_and_bytes() {
        assert_eq!(head("abcdefghi", ContentKind::Prose, Tokens(2), 100), "abcdefgh");
        assert_eq!(head("abcdefghi", ContentKind::Prose, Tokens(9), 3), "abc");
        assert_eq!(head("\u{4f60}\u{597d}", ContentKind::Prose, Tokens(1), 100), "\u{4f60}");
        assert_eq!(head("\u{e9}\u{e9}", ContentKind::Prose, Tokens(9), 3), "\u{e9}");
        assert_eq!(head("", ContentKind::Prose, Tokens(0), 0), "");
    }
}
