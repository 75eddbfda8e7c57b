//! An API with the choices that hold for a run.

use crate::conversation::Message;
use crate::custom::Custom;
use crate::heard::Heard;
use crate::{
    Answer, Conversation, Decoder, Failure, Turn, anthropic, openai, responses, victor,
    victor_python,
};
use std::sync::Arc;
use victor_plan::Api;

/// An API, with the choices that hold for every turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialect {
    shape: Shape,
    provider: Option<String>,
    model: Option<String>,
    stream: bool,
}

/// How an API looks on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Known(Api),
    Custom(Arc<Custom>),
}

/// A turn with all that its request needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) turn: &'a Turn,
    pub(crate) conversation: &'a Conversation,
    pub(crate) provider: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
    pub(crate) stream: bool,
}

impl<'a> Request<'a> {
    pub(crate) fn messages(&self) -> Vec<Message<'a>> {
        self.conversation.messages(self.turn)
    }
}

impl Dialect {
    /// An API by name; plain answers, the server's default provider and model.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self { shape: Shape::Known(api), provider: None, model: None, stream: false }
    }

    /// The API of `victor serve`.
    #[must_use]
    pub fn victor() -> Self {
        Self::new(Api::Victor)
    }

    /// An API of one's own.
    #[must_use]
    pub fn custom(custom: Custom) -> Self {
        Self { shape: Shape::Custom(Arc::new(custom)), ..Self::victor() }
    }

    /// Asks for a provider and a model; `None` is the server's default.
    #[must_use]
    pub fn with_model(self, provider: Option<String>, model: Option<String>) -> Self {
        Self { provider, model, ..self }
    }

    /// Asks for streamed answers.
    #[must_use]
    pub fn with_stream(self, stream: bool) -> Self {
        Self { stream, ..self }
    }

    /// Where turns are posted.
    #[must_use]
    pub fn chat_path(&self) -> &str {
        match &self.shape {
            Shape::Known(Api::VictorPython) if self.stream => victor_python::STREAM_PATH,
            Shape::Known(api) => path_of(*api),
            Shape::Custom(custom) => custom.path(),
        }
    }

    /// Headers of every request; `key` is the API key.
    #[must_use]
    pub fn headers(&self, key: Option<&str>) -> Vec<(String, String)> {
        let bearer = key.map(|key| ("authorization".to_owned(), format!("Bearer {key}")));
        match &self.shape {
            Shape::Known(Api::Anthropic) => {
                let version = ("anthropic-version".to_owned(), anthropic::VERSION.to_owned());
                let key = key.map(|key| ("x-api-key".to_owned(), key.to_owned()));
                [version].into_iter().chain(key).collect()
            }
            Shape::Known(_) => bearer.into_iter().collect(),
            Shape::Custom(custom) => bearer.into_iter().chain(custom.headers().to_vec()).collect(),
        }
    }

    /// True when the server keeps sessions; otherwise the client carries them.
    #[must_use]
    pub fn keeps_sessions(&self) -> bool {
        match &self.shape {
            Shape::Known(api) => *api == Api::Victor,
            Shape::Custom(custom) => custom.keeps_sessions(),
        }
    }

    /// Where the WebSocket is opened that takes turns; only `victor` has one.
    #[must_use]
    pub fn socket_path(&self) -> &'static str {
        victor::SOCKET_PATH
    }

    /// The text that asks for a turn on a WebSocket, in the words of `victor`.
    #[must_use]
    pub fn frame(&self, turn: &Turn, conversation: &Conversation, request_id: &str) -> String {
        victor::frame(&self.request(turn, conversation), request_id)
    }

    /// A decoder for the answer on a WebSocket, which ends with the frame `done` or `error`.
    #[must_use]
    pub fn socket_decoder(&self) -> Decoder {
        Decoder::of_socket(self.shape.clone())
    }

    fn request<'a>(&'a self, turn: &'a Turn, conversation: &'a Conversation) -> Request<'a> {
        Request {
            turn,
            conversation,
            provider: self.provider.as_deref(),
            model: self.model.as_deref(),
            stream: self.stream,
        }
    }

    /// The request body of a turn. `conversation` is what was said so far, for servers that keep no
    /// sessions.
    #[must_use]
    pub fn encode(&self, turn: &Turn, conversation: &Conversation) -> Vec<u8> {
        let request = self.request(turn, conversation);
        match &self.shape {
            Shape::Known(Api::Victor) => victor::encode(&request),
            Shape::Known(Api::VictorPython) => victor_python::encode(&request),
            Shape::Known(Api::OpenAi) => openai::encode(&request),
            Shape::Known(Api::OpenAiResponses) => responses::encode(&request),
            Shape::Known(Api::Anthropic) => anthropic::encode(&request),
            Shape::Custom(custom) => custom.encode(&request),
        }
    }

    /// A decoder for the response of one turn.
    #[must_use]
    pub fn decoder(&self) -> Decoder {
        Decoder::new(self.shape.clone(), self.stream)
    }

    /// Takes the answer of a turn into the conversation, where that is the client's to carry, and
    /// says whose it is.
    pub fn settle(&self, turn: &Turn, conversation: &mut Conversation, answer: &mut Answer) {
        if !self.keeps_sessions() {
            conversation.keep(turn, answer);
            answer.session_id.clone_from(&turn.session_id);
        } else if let Shape::Custom(custom) = &self.shape
            && !custom.names_sessions()
        {
            answer.session_id.clone_from(&turn.session_id);
        }
    }
}

/// Where an API's plain turns are posted.
#[must_use]
pub fn path_of(api: Api) -> &'static str {
    match api {
        Api::Victor => victor::PATH,
        Api::VictorPython => victor_python::PATH,
        Api::OpenAi => openai::PATH,
        Api::OpenAiResponses => responses::PATH,
        Api::Anthropic => anthropic::PATH,
    }
}

impl Shape {
    pub(crate) fn plain(&self, bytes: &[u8]) -> Result<Answer, Failure> {
        match self {
            Self::Known(Api::Victor) => victor::plain(bytes),
            Self::Known(Api::VictorPython) => victor_python::plain(bytes),
            Self::Known(Api::OpenAi) => openai::plain(bytes),
            Self::Known(Api::OpenAiResponses) => responses::plain(bytes),
            Self::Known(Api::Anthropic) => anthropic::plain(bytes),
            Self::Custom(custom) => custom.plain(bytes),
        }
    }

    pub(crate) fn hear(&self, data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
        match self {
            Self::Known(Api::Victor) => victor::hear(data, heard),
            Self::Known(Api::VictorPython) => victor_python::hear(data, heard),
            Self::Known(Api::OpenAi) => openai::hear(data, heard),
            Self::Known(Api::OpenAiResponses) => responses::hear(data, heard),
            Self::Known(Api::Anthropic) => anthropic::hear(data, heard),
            Self::Custom(custom) => custom.hear(data, heard),
        }
    }

    /// What ends a stream; `None` when the end of its response does.
    pub(crate) fn end(&self) -> Option<&str> {
        match self {
            Self::Known(Api::Victor) => Some(victor::END),
            Self::Known(Api::VictorPython) => Some(victor_python::END),
            Self::Known(Api::OpenAi) => Some(openai::END),
            Self::Known(Api::OpenAiResponses) => Some(responses::END),
            Self::Known(Api::Anthropic) => Some(anthropic::END),
            Self::Custom(custom) => custom.end(),
        }
    }
}
