//! Text that must fit a terminal, whatever a server put into it.

use unicode_width::UnicodeWidthChar;

/// Makes `text` harmless on a terminal: control characters (escape sequences, line ends) and marks
/// that turn the writing direction become visible escapes.
pub(crate) fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns_direction(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// `text` in at most `max` columns, shortened in the middle with `…`. Names differ at their end
/// more often than at their beginning, so the end gets the larger part.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(1);
    let head = take(text.chars(), room * 2 / 5);
    let tail = take(text.chars().rev(), room - width(&head));
    format!("{head}…{}", tail.chars().rev().collect::<String>())
}

/// As many of `chars` as fit `max` columns.
fn take(chars: impl Iterator<Item = char>, max: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= max
        })
        .collect()
}

/// Breaks `text` at spaces into lines of at most `max` columns; a longer word is cut.
pub(crate) fn wrap(text: &str, max: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        push_word(&mut lines, word, max.max(1));
    }
    lines
}

fn push_word(lines: &mut Vec<String>, word: &str, max: usize) {
    let used = lines.last().map_or(0, |line| width(line));
    let gap = usize::from(used > 0);
    if used + gap + width(word) > max && used > 0 {
        lines.push(String::new());
    } else if gap == 1 {
        lines.iter_mut().last().into_iter().for_each(|line| line.push(' '));
    }
    for c in word.chars() {
        if lines.last().is_some_and(|line| width(line) + c.width().unwrap_or(0) > max) {
            lines.push(String::new());
        }
        lines.iter_mut().last().into_iter().for_each(|line| line.push(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_in_the_middle() {
        assert_eq!(shorten("/api/v1/chat (simple)", 21), "/api/v1/chat (simple)");
        assert_eq!(shorten("/api/v1/chat (simple)", 12), "/api…simple)");
        assert_eq!(width(&shorten("名前の長いリクエスト", 9)), 9);
        assert_eq!(shorten("abc", 1), "…");
    }

    #[test]
    fn escape_sequences_and_direction_marks_are_shown_not_obeyed() {
        assert_eq!(
            clean("a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}"),
            "a\\u{1b}[2Jb\\r\\nc\\u{202e}d\\u{9b}"
        );
        assert_eq!(clean("plain — naïve 名"), "plain — naïve 名");
    }

    #[test]
    fn wrapping_never_exceeds_the_width() {
        let text = "a few words and averyveryverylongwordthatmustbecut 名前の長いリクエスト end";
        for max in 1..30 {
            let lines = wrap(text, max);
            let widest = lines.iter().map(|line| width(line)).max();
            assert!(widest <= Some(max.max(2)), "{max}: {lines:?}");
        }
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }
}
