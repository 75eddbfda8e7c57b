//! What kind of assistant the model is: how much it says, and how it works on the way.

use crate::lengths::Lengths;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A kind of assistant. Without one the model answers as long as its profile says, in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Answers as long as those of a public chat service: the percentiles of the conversation
    /// trace of the Azure LLM inference data set of 2023 (Splitwise, ISCA '24; CC-BY-4.0), 19,366
    /// requests. They have two humps, about 100 and about 400 tokens, which no lognormal has.
    Chat,
    /// A coding agent: it calls tools for several rounds before it answers, thinks before each
    /// step, and streams several tokens a chunk. Rounds and tokens of a step follow `TraceLab`
    /// (University of Washington, 2026; CC-BY-4.0), 4,265 sessions with 357,161 steps: 8.3
    /// tool-driven steps for each of the user's, 1.2 calls a step with 2 at the 90th percentile,
    /// a median of 252 and a mean of 523 tokens a step. How a step's tokens divide into thought
    /// and text is not published; a third is taken for thought in the last step, all but the call
    /// in the others. That rounds are geometric is likewise assumed; their mean is not.
    CodingAgent,
}

/// How an answer goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// An empty first chunk is sent before any work, as services do that name the role in it.
    pub opening: bool,
    /// After so long without an event, a comment says that the stream is alive; none by default.
    pub keep_alive: Option<Duration>,
}

/// The numbers of one preset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// Tokens of a free answer.
    pub(crate) answer: Lengths,
    /// Tokens of thought before an answer.
    pub(crate) thought: Lengths,
    /// Tokens of thought before a call.
    pub(crate) call_thought: Lengths,
    /// Rounds of tool calls before the answer.
    pub(crate) rounds: Lengths,
    /// Share of rounds with two calls in place of one.
    pub(crate) two_calls: f64,
    /// Most tokens of a chunk; each reply has its own size from 1 to this.
    pub(crate) chunk: u32,
    pub(crate) delivery: Delivery,
}

const CHAT: Script = Script {
    answer: Lengths::Table(&[
        (0.0, 6.0),
        (0.10, 54.0),
        (0.25, 85.0),
        (0.50, 129.0),
        (0.75, 395.0),
        (0.90, 424.0),
        (0.95, 451.0),
        (0.99, 601.0),
        (1.0, 1000.0),
    ]),
    thought: Lengths::Fixed(0),
    call_thought: Lengths::Fixed(0),
    rounds: Lengths::Fixed(0),
    two_calls: 0.0,
    chunk: 1,
    delivery: Delivery { opening: false, keep_alive: None },
};

/// `sigma` of a lognormal whose mean is 523 / 252 of its median: `sqrt(2 ln(523 / 252))`.
const STEP_SPREAD: f64 = 1.208;

const CODING_AGENT: Script = Script {
    answer: Lengths::Lognormal { median: 168.0, sigma: STEP_SPREAD, longest: 5461 },
    thought: Lengths::Lognormal { median: 84.0, sigma: STEP_SPREAD, longest: 2731 },
    call_thought: Lengths::Lognormal { median: 240.0, sigma: STEP_SPREAD, longest: 8192 },
    rounds: Lengths::Geometric { mean: 8.3, longest: 60 },
    two_calls: 0.2,
    chunk: 8,
    // The interval that the HTML standard advises for server-sent events.
    delivery: Delivery { opening: true, keep_alive: Some(Duration::from_secs(15)) },
};

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 2] = [Self::Chat, Self::CodingAgent];

    /// The name written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::CodingAgent => "coding-agent",
        }
    }

    pub(crate) const fn script(self) -> &'static Script {
        match self {
            Self::Chat => &CHAT,
            Self::CodingAgent => &CODING_AGENT,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A preset name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown preset `{0}`: use `chat` or `coding-agent`")]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownPreset(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_a_wrong_one_lists_the_right_ones() {
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(preset));
        }
        let error = "agent".parse::<Preset>().expect_err("no such preset").to_string();
        assert_eq!(error, "unknown preset `agent`: use `chat` or `coding-agent`");
    }
}
