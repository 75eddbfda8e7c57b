//! What a target speaks.

use std::fmt;

/// An assistant's API by name. How each looks on the wire is known to `victor-dialect` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// `victor serve`: `POST /api/v1/chat`, sessions kept by the server.
    Victor,
    /// The Python server of the same name: `POST /chat` and `POST /chat/stream`.
    VictorPython,
    /// Chat completions: `POST /v1/chat/completions`.
    OpenAi,
    /// Responses: `POST /v1/responses`.
    OpenAiResponses,
    /// Messages: `POST /v1/messages`.
    Anthropic,
}

impl Api {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Self; 5] =
        [Self::Victor, Self::OpenAi, Self::VictorPython, Self::Anthropic, Self::OpenAiResponses];

    /// Its name in `--api`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Victor => "victor",
            Self::VictorPython => "victor-python",
            Self::OpenAi => "openai",
            Self::OpenAiResponses => "openai-responses",
            Self::Anthropic => "anthropic",
        }
    }

    /// The API of this exact name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.name() == name)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_api() {
        for api in Api::ALL {
            assert_eq!(Api::by_name(api.name()), Some(api));
        }
        assert_eq!(Api::by_name("OpenAI"), None);
    }
}
