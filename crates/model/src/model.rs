//! The model: messages in, one step and its timing out.

use crate::behaviour;
use crate::draw::Draws;
use crate::message::{Message, ToolCall};
use crate::profile::Profile;
use crate::timing::Timing;
use crate::tokens::{count_tokens, tokens};
use std::borrow::Borrow;

/// What a [`Model`] is made from.
#[derive(Debug, Clone, Default)]
pub struct ModelSettings {
    /// Seed of every draw.
    pub seed: u64,
    /// Service times and answer lengths.
    pub profile: Profile,
    /// Names of the tools it may call; a wish that needs another tool is answered in words.
    pub tools: Vec<String>,
}

/// A simulated assistant. It sees only the messages handed to it, keeps nothing between calls, and
/// gives the same reply to the same messages under the same settings.
#[derive(Debug, Clone)]
pub struct Model {
    settings: ModelSettings,
}

/// The model's answer in words; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(String);

/// What the model does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It wants these tools run and to be asked again with their results.
    ToolCalls(Vec<ToolCall>),
    /// It answers.
    Answer(Answer),
}

/// Estimated tokens of one reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the messages handed in.
    pub prompt_tokens: u64,
    /// Tokens of the reply.
    pub completion_tokens: u64,
}

/// One reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What to do next.
    pub step: Step,
    /// Tokens read and written.
    pub usage: Usage,
    /// When each of the written tokens is ready.
    pub timing: Timing,
}

impl Answer {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Its tokens in order; joined they are [`Self::text`].
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        tokens(&self.0)
    }

    /// The text, owned.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl Model {
    /// A model of these settings.
    #[must_use]
    pub fn new(settings: ModelSettings) -> Self {
        Self { settings }
    }

    /// The service times and answer lengths in use.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.settings.profile
    }

    /// Replies to `messages`, oldest first. Any messages will do, also none. `turn` numbers the
    /// replies of a server: the same words take another time in another turn, as they do with a
    /// real model, but say the same.
    pub fn reply<M: Borrow<Message>>(&self, messages: &[M], turn: u64) -> Reply {
        let messages: Vec<&Message> = messages.iter().map(Borrow::borrow).collect();
        let mut draws = Draws::of_messages(self.settings.seed, &messages, turn);
        let step = self.step(&messages, &mut draws);
        let prompt = messages.iter().map(|message| message_tokens(message)).sum();
        let output = match &step {
            Step::Answer(answer) => answer.tokens().count(),
            Step::ToolCalls(calls) => calls.iter().map(call_tokens).sum(),
        };
        let pace = self.settings.profile.pace();
        Reply {
            step,
            usage: Usage { prompt_tokens: prompt as u64, completion_tokens: output as u64 },
            timing: Timing::draw(pace, prompt, output, &mut draws),
        }
    }

    fn step(&self, messages: &[&Message], draws: &mut Draws) -> Step {
        let calls = behaviour::tool_calls(messages, &self.settings.tools, draws);
        if !calls.is_empty() {
            return Step::ToolCalls(calls);
        }
        let pace = self.settings.profile.pace();
        Step::Answer(Answer(behaviour::answer(messages, self.settings.seed, pace)))
    }
}

/// Tokens of a message as the model reads it.
fn message_tokens(message: &Message) -> usize {
    count_tokens(&message.content) + message.tool_calls.iter().map(call_tokens).sum::<usize>()
}

fn call_tokens(call: &ToolCall) -> usize {
    count_tokens(&call.name) + count_tokens(&call.arguments.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn model(profile: Profile) -> Model {
        Model::new(ModelSettings { seed: 5, profile, tools: vec!["read_file".into()] })
    }

    fn text(reply: Reply) -> String {
        match reply.step {
            Step::Answer(answer) => answer.into_text(),
            Step::ToolCalls(calls) => panic!("asked for {calls:?}"),
        }
    }

    #[test]
    fn the_reply_follows_from_seed_and_messages_alone() {
        let messages = [Message::user("What is a mutex?")];
        let one = model(Profile::Fast);
        assert_eq!(one.reply(&messages, 1), one.clone().reply(&messages, 1));
        let other = Model::new(ModelSettings { seed: 6, ..Default::default() });
        assert_ne!(one.reply(&messages, 1), other.reply(&messages, 1));
        let elsewhere = [Message::user("Hi"), Message::user("What is a mutex?")];
        assert_ne!(one.reply(&messages, 1).timing, one.reply(&elsewhere, 1).timing);
        let (first, second) = (one.reply(&messages, 1), one.reply(&messages, 2));
        assert_ne!(first.timing, second.timing, "the same words take another time in another turn");
        assert_eq!(first.usage, second.usage, "but say the same");
    }

    #[test]
    fn usage_counts_what_was_read_and_written() {
        let reply =
            model(Profile::Fast).reply(&[Message::user("one two"), Message::user("three")], 1);
        assert_eq!(reply.usage.prompt_tokens, 3);
        let Step::Answer(answer) = &reply.step else { panic!("a plain turn") };
        assert_eq!(answer.tokens().collect::<String>(), answer.text());
        assert_eq!(reply.usage.completion_tokens, answer.tokens().count() as u64);
        assert_eq!(reply.timing.decode().count(), answer.tokens().count());
    }

    #[test]
    fn plain_turns_meet_the_targets_of_their_profile() {
        let totals = |profile, words: usize| {
            let model = model(profile);
            let filler = "word ".repeat(words);
            let mut totals: Vec<f64> = (0..1000)
                .map(|n| {
                    let ask = Message::user(format!("Question {n}: how do closures work?"));
                    let total = model.reply(&[Message::user(&filler), ask], 1).timing.total();
                    total.as_secs_f64() * 1e3
                })
                .collect();
            totals.sort_by(f64::total_cmp);
            (totals[499], totals[989])
        };
        let (p50, p99) = totals(Profile::Fast, 50);
        assert!((33.0..45.0).contains(&p50) && p99 < 120.0, "{p50} {p99}");
        let (p50, p99) = totals(Profile::Fast, 5000);
        assert!(p50 < 100.0 && p99 < 200.0, "{p50} {p99}");
        let (p50, p99) = totals(Profile::Cloud, 50);
        assert!((900.0..1300.0).contains(&p50) && p99 < 3500.0, "{p50} {p99}");
        assert_eq!(totals(Profile::Instant, 50), (0.0, 0.0));
    }

    #[test]
    fn no_messages_still_get_an_answer() {
        assert!(!text(model(Profile::Fast).reply::<Message>(&[], 1)).is_empty());
    }

    fn any_message() -> impl Strategy<Value = Message> {
        let phrase = prop_oneof![
            any::<String>(),
            "(Read|Count lines in|List|Find|Search for|Does) .{0,20}",
            "(my code word is|Message [0-9]{1,30}:|Recall message|include the tag) .{0,9}",
            "Summari[sz]e our conversation.{0,9}",
        ];
        let role = prop_oneof![Just(Role::User), Just(Role::Assistant), Just(Role::Tool)];
        (role, phrase).prop_map(|(role, content)| Message::text(role, content))
    }
    use crate::message::Role;

    proptest! {
        #[test]
        fn any_messages_get_a_reply_that_is_not_empty(
            messages in prop::collection::vec(any_message(), 0..8)
        ) {
            match model(Profile::Fast).reply(&messages, 1).step {
                Step::ToolCalls(calls) => prop_assert!(!calls.is_empty()),
                Step::Answer(answer) => prop_assert!(!answer.text().trim().is_empty()),
            }
        }
    }
}
