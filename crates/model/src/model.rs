//! The model: messages in, one step and its timing out.

use crate::behaviour;
use crate::draw::Draws;
use crate::message::{Message, ToolCall};
use crate::preset::{Delivery, Preset, Script};
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
    /// What kind of assistant it is.
    pub preset: Option<Preset>,
}

/// A simulated assistant. It sees only the messages handed to it, keeps nothing between calls, and
/// gives the same reply to the same messages under the same settings.
#[derive(Debug, Clone)]
pub struct Model {
    settings: ModelSettings,
}

/// The model's answer in words; never empty, unless it was [silenced](Reply::silenced).
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
    /// What it thinks before; its tokens come first in [`Self::timing`].
    pub reasoning: Option<Answer>,
    /// How many tokens go into one chunk of a stream; at least 1.
    pub chunk: usize,
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

impl Reply {
    /// The same reply, `factor` times as slow.
    #[must_use]
    pub fn slowed(self, factor: f64) -> Self {
        Self { timing: self.timing.scaled(factor), ..self }
    }

    /// The same reply with an answer of no words at all; one that asks for tools stays as it is.
    #[must_use]
    pub fn silenced(self) -> Self {
        if matches!(self.step, Step::ToolCalls(_)) {
            return self;
        }
        let usage = Usage { completion_tokens: 0, ..self.usage };
        let (step, timing) = (Step::Answer(Answer(String::new())), self.timing.first(0));
        Self { step, usage, timing, reasoning: None, ..self }
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

    /// How answers go over the wire.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.script().map(|script| script.delivery).unwrap_or_default()
    }

    /// Most rounds of tool calls before an answer.
    #[must_use]
    pub fn most_rounds(&self) -> usize {
        1 + self.script().map_or(0, |script| script.rounds.most())
    }

    fn script(&self) -> Option<&'static Script> {
        self.settings.preset.map(Preset::script)
    }

    /// Replies to `messages`, oldest first. Any messages will do, also none. `turn` numbers the
    /// replies of a server: the same words take another time in another turn, as they do with a
    /// real model, but say the same.
    pub fn reply<M: Borrow<Message>>(&self, messages: &[M], turn: u64) -> Reply {
        let messages: Vec<&Message> = messages.iter().map(Borrow::borrow).collect();
        let mut draws = Draws::of_messages(self.settings.seed, &messages, turn);
        let step = self.step(&messages, turn, &mut draws);
        let prompt = messages.iter().map(|message| message_tokens(message)).sum();
        let output = match &step {
            Step::Answer(answer) => answer.tokens().count(),
            Step::ToolCalls(calls) => calls.iter().map(call_tokens).sum(),
        };
        let reasoning = self.reasoning(&messages, &step, output, &mut draws);
        let output = output + reasoning.as_ref().map_or(0, |thought| thought.tokens().count());
        let chunk = self.script().map_or(1, |script| draws.up_to(script.chunk) as usize);
        let pace = self.settings.profile.pace();
        Reply {
            step,
            reasoning,
            chunk,
            usage: Usage { prompt_tokens: prompt as u64, completion_tokens: output as u64 },
            timing: Timing::draw(pace, prompt, output, &mut draws),
        }
    }

    fn step(&self, messages: &[&Message], turn: u64, draws: &mut Draws) -> Step {
        let ModelSettings { seed, profile, tools, .. } = &self.settings;
        if let Some(summary) = behaviour::summary(messages) {
            return Step::Answer(Answer(summary));
        }
        let Some(script) = self.script() else {
            let calls = behaviour::tool_calls(messages, tools, draws);
            if !calls.is_empty() {
                return Step::ToolCalls(calls);
            }
            let lengths = profile.pace().lengths;
            return Step::Answer(Answer(behaviour::answer(messages, *seed, lengths)));
        };
        // The number of rounds is drawn apart, so that it is the same in each round of a turn.
        let rounds = script.rounds.draw(&mut Draws::of_text(seed ^ turn.rotate_left(32), "rounds"));
        let calls = behaviour::agent_calls(messages, tools, script, rounds, draws);
        if !calls.is_empty() {
            return Step::ToolCalls(calls);
        }
        let messages = behaviour::asked_for(messages, tools, draws);
        Step::Answer(Answer(behaviour::answer(&messages, *seed, script.answer)))
    }

    fn reasoning(
        &self,
        messages: &[&Message],
        step: &Step,
        output: usize,
        draws: &mut Draws,
    ) -> Option<Answer> {
        let script = self.script()?;
        let length = match step {
            Step::Answer(_) => script.thought.draw(draws),
            Step::ToolCalls(_) => script.call_thought.draw(draws).saturating_sub(output),
        };
        (length > 0).then(|| Answer(behaviour::thought(messages, length, draws)))
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
        Model::new(ModelSettings {
            seed: 5,
            profile,
            tools: vec!["read_file".into()],
            preset: None,
        })
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

    fn agent() -> Model {
        let tools = ["read_file", "list_files", "count_lines", "search_text", "find_files"];
        let tools = tools.map(str::to_owned).to_vec();
        let preset = Some(Preset::CodingAgent);
        Model::new(ModelSettings { seed: 5, profile: Profile::Fast, tools, preset })
    }

    /// Takes a turn to its end: the replies, with a result for each call.
    fn agent_turn(message: &str, turn: u64) -> Vec<Reply> {
        let model = agent();
        let mut messages = vec![Message::user(message)];
        let mut replies = Vec::new();
        loop {
            let reply = model.reply(&messages, turn);
            replies.push(reply.clone());
            assert!(replies.len() <= model.most_rounds() + 1);
            let Step::ToolCalls(calls) = reply.step else { return replies };
            messages.push(Message::calling(calls.clone()));
            for call in calls {
                let result = match call.name.as_str() {
                    "count_lines" => r#"{"path":"a.rs","lines":7}"#,
                    _ => r#"{"files":["a.rs","b.rs"]}"#,
                };
                messages.push(Message::tool_result(call.id, result));
            }
        }
    }

    #[test]
    fn an_agent_works_for_the_published_number_of_rounds() {
        let turns: Vec<Vec<Reply>> =
            (0..1500).map(|turn| agent_turn("Where is the parser slow?", turn)).collect();
        let rounds: usize = turns.iter().map(|replies| replies.len() - 1).sum();
        let mean = rounds as f64 / 1500.0;
        assert!((mean - 8.3).abs() < 0.8, "{mean}");
        let steps: Vec<&Reply> = turns.iter().flatten().collect();
        let calls = steps.iter().map(|reply| match &reply.step {
            Step::ToolCalls(calls) => calls.len(),
            Step::Answer(_) => 0,
        });
        let calls = calls.sum::<usize>() as f64 / rounds as f64;
        assert!((calls - 1.2).abs() < 0.05, "{calls}");
        let mut tokens: Vec<u64> = steps.iter().map(|r| r.usage.completion_tokens).collect();
        tokens.sort_unstable();
        let median = tokens[tokens.len() / 2];
        assert!((215..290).contains(&median), "{median}");
        for reply in &steps {
            assert_eq!(reply.usage.completion_tokens, reply.timing.decode().count() as u64);
            assert!((1..=8).contains(&reply.chunk));
        }
    }

    #[test]
    fn an_agent_still_does_and_says_what_it_was_asked() {
        for turn in 0..20 {
            let replies = agent_turn("Count the lines in a.rs", turn);
            let Step::ToolCalls(calls) = &replies[0].step else { panic!("the wish comes first") };
            assert_eq!(calls[0].name, "count_lines");
            let last = replies.last().expect("an answer").clone();
            assert_eq!(text(last), "a.rs has 7 lines.");
        }
    }

    #[test]
    fn chat_answers_have_the_percentiles_of_the_trace() {
        let preset = Some(Preset::Chat);
        let model = Model::new(ModelSettings { preset, ..ModelSettings::default() });
        let mut tokens: Vec<u64> = (0..3001)
            .map(|n| {
                let ask = Message::user(format!("Explain lifetimes, case {n}"));
                model.reply(&[ask], n).usage.completion_tokens
            })
            .collect();
        tokens.sort_unstable();
        for (at, expected) in [(300, 54), (750, 85), (1500, 129), (2250, 395), (2700, 424)] {
            let seen = tokens[at] as f64;
            assert!((seen / f64::from(expected) - 1.0).abs() < 0.1, "{seen} {expected}");
        }
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
            "Summarise the conversation above in at most [0-9]{0,25}.{0,9}",
            "Summary of the earlier conversation:\n.{0,30}\n.{0,30}",
        ];
        let roles = [Role::System, Role::User, Role::Assistant, Role::Tool];
        let role = prop::sample::select(roles.to_vec());
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
