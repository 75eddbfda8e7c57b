//! An estimate of tokens: one word or one run of punctuation is one token.
//!
//! Blanks belong to the token after them, so the tokens of a text joined together are the text.
//! A real tokenizer splits long and rare words further; the estimate is within a factor of two of
//! it on English prose and is the same for everyone, which is what a load test needs.

/// How many tokens `text` has, by the estimate.
#[must_use]
pub fn count_tokens(text: &str) -> usize {
    let mut tokens = 0;
    let mut previous = Class::Blank;
    for &byte in text.as_bytes() {
        let class = class(byte);
        tokens += usize::from(class != previous && class != Class::Blank);
        previous = class;
    }
    tokens
}

/// The tokens of `text` in order; joined they are `text`. Blanks after the last token belong to it.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        let blank = run(bytes, start, Class::Blank);
        let kind = class(*bytes.get(start + blank)?);
        let mut end = start + blank + run(bytes, start + blank, kind);
        let tail = run(bytes, end, Class::Blank);
        if end + tail == bytes.len() {
            end += tail;
        }
        let token = text.get(start..end);
        start = end;
        token
    })
}

/// How many bytes from `at` on are of `kind`.
fn run(bytes: &[u8], at: usize, kind: Class) -> usize {
    bytes.iter().skip(at).take_while(|byte| class(**byte) == kind).count()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Word,
    Punctuation,
}

/// Bytes outside ASCII count as letters, so no token ends inside a character.
fn class(byte: u8) -> Class {
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => Class::Blank,
        b'_' => Class::Word,
        _ if byte.is_ascii_punctuation() => Class::Punctuation,
        _ => Class::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_punctuation_are_one_token_each() {
        let text = "  Don't panic, caf\u{e9}!! \n";
        let pieces: Vec<&str> = tokens(text).collect();
        assert_eq!(pieces, ["  Don", "'", "t", " panic", ",", " caf\u{e9}", "!! \n"]);
        assert_eq!(count_tokens(text), 7);
        assert_eq!(pieces.concat(), text);
        assert_eq!(count_tokens(" \n"), 0);
        assert_eq!(tokens(" \n").count(), 0);
    }
}
