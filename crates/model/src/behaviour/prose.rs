//! Plain talk about the user's words, of a drawn length.

use super::text::bare;
use crate::draw::Draws;
use crate::lengths::Lengths;
use crate::tokens::{count_tokens, tokens};

/// Openings; `{}` is what the message is about.
const OPENINGS: [&str; 6] = [
    "Good question about {}.",
    "Happy to help with {}.",
    "Let us look at {} step by step.",
    "There are a few things worth knowing about {}.",
    "In short, {} is best understood by a small example.",
    "Here is how I would think about {}.",
];

/// What follows; `{}` is what the message is about.
const SENTENCES: [&str; 16] = [
    "Start from the simplest case that works and change one thing at a time.",
    "The part that matters most for {} is knowing what must always hold.",
    "It helps to write down the inputs and the outputs before the steps between them.",
    "When something looks slow, measure it first and then decide what to change.",
    "Keep each piece small enough that its name says what it does.",
    "With {} most mistakes come from an assumption nobody wrote down.",
    "A short test that fails for the right reason is worth more than a long comment.",
    "If two parts need the same fact, give it one owner and let the other ask.",
    "Errors should say what was expected, what was found, and what to do next.",
    "You can try this on a small example and compare the result with what you expect.",
    "For {} the usual choice is fine until a measurement says otherwise.",
    "Read the first failing line before the last one; it often explains the rest.",
    "Think about what happens when the input is empty, very long, or arrives twice.",
    "Once that works, tidy the names and remove what is no longer needed.",
    "That trade is worth it when the data is read far more often than written.",
    "Tell me more about your case and I can be more specific.",
];

/// A paragraph whose length is drawn for the profile and whose words are drawn for `asked`.
///
/// Only the asked text counts, not the history: an answer that differs between two histories must
/// differ because of a fact in them, or a detector of mixed-up sessions would be tested on noise.
pub(super) fn spoken(asked: &str, seed: u64, lengths: Lengths) -> String {
    let mut draws = Draws::of_text(seed, asked);
    let length = lengths.draw(&mut draws).max(6);
    text(asked, length, &mut draws)
}

/// `length` tokens about `asked`.
pub(super) fn text(asked: &str, length: usize, draws: &mut Draws) -> String {
    let topic = topic(asked);
    let mut text = String::new();
    let mut written = 0;
    let mut bank: &[&str] = &OPENINGS;
    while written < length {
        let sentence = draws.pick(bank).copied().unwrap_or_default().replace("{}", &topic);
        written += count_tokens(&sentence);
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&sentence);
        bank = &SENTENCES;
    }
    cut(&text, length)
}

/// The first `length` tokens of `text`, ended with a full stop.
fn cut(text: &str, length: usize) -> String {
    if count_tokens(text) <= length {
        return text.to_owned();
    }
    let mut cut: String = tokens(text).take(length.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end_matches(|c: char| !c.is_alphanumeric()).len());
    cut.push('.');
    cut
}

/// The two longest words of the message, in their order; `that` when it has no words.
pub(super) fn topic(asked: &str) -> String {
    let words = || asked.split_whitespace().take(200).map(bare).enumerate();
    let fits = |word: &str| (4..=24).contains(&word.len()) && word.chars().all(char::is_alphabetic);
    let longest = |not: usize| {
        words()
            .filter(|(at, word)| *at != not && fits(word))
            .max_by_key(|(at, word)| (word.len(), usize::MAX - at))
    };
    let Some(first) = longest(usize::MAX) else { return "that".to_owned() };
    match longest(first.0) {
        Some(second) if second.0 > first.0 => format!("{} {}", first.1, second.1),
        Some(second) => format!("{} {}", second.1, first.1),
        None => first.1.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn lengths_follow_the_profile_and_the_topic_is_the_users() {
        for (profile, median) in [(Profile::Fast, 24), (Profile::Cloud, 60)] {
            let pace = profile.pace();
            let mut lengths: Vec<usize> = (0..1001)
                .map(|n| {
                    let text = spoken(&format!("Explain borrowing, case {n}"), 3, pace.lengths);
                    assert!(text.ends_with('.'), "{text}");
                    count_tokens(&text)
                })
                .collect();
            lengths.sort_unstable();
            assert!(lengths[500].abs_diff(median) <= 3, "{profile}: {}", lengths[500]);
            assert!(lengths[1000] <= pace.lengths.most());
        }
        let text = spoken("Please explain lifetimes to me", 3, Profile::Cloud.pace().lengths);
        assert!(text.contains("explain lifetimes"), "{text}");
        assert!(spoken("?", 3, Profile::Fast.pace().lengths).contains("that"));
    }
}
