//! One method of one path, as the document tells it.

use super::Facts;
use serde_json::{Map, Value, json};

/// A method of a path.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Value>,
    body: Option<&'static str>,
    answers: Vec<(u16, Value)>,
    refusals: Vec<u16>,
    open: bool,
    watching: bool,
}

/// A body in JSON, of the schema called `name`.
pub(super) fn json_body(name: &str) -> Value {
    json!({ "application/json": { "schema": schema(name) } })
}

/// A reference to the schema called `name`.
pub(super) fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

impl Operation {
    /// A method without parameters or body, for which a key is needed where keys are set.
    pub(super) fn new(
        method: &'static str,
        path: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            tag,
            summary,
            description: "",
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: vec![400, 403],
            open: false,
            watching: false,
        }
    }

    pub(super) fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// A parameter `place` (`path` or `query`) of the given schema.
    pub(super) fn parameter(
        mut self,
        place: &str,
        name: &str,
        about: &str,
        schema: &Value,
    ) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": place,
            "required": place == "path",
            "description": about,
            "schema": schema,
        }));
        self
    }

    /// A body in JSON of the schema called `name`, with the refusals that bodies have.
    pub(super) fn body(self, name: &'static str) -> Self {
        Self { body: Some(name), ..self }.refuses(&[408, 413, 415, 422])
    }

    /// An answer; an empty `content` is none.
    pub(super) fn answer(mut self, status: u16, about: &str, content: &Value) -> Self {
        let mut answer = json!({
            "description": about,
            "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
        });
        if content.as_object().is_some_and(|content| !content.is_empty()) {
            answer["content"] = content.clone();
        }
        self.answers.push((status, answer));
        self
    }

    /// Refusals beside those that every request may have.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// No key is needed.
    pub(super) fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// A rate limit does not count it.
    pub(super) fn watching(self) -> Self {
        Self { watching: true, ..self }
    }

    /// The operation object.
    pub(super) fn object(&self, facts: &Facts) -> Value {
        let mut responses: Map<String, Value> =
            self.answers.iter().map(|(status, body)| (status.to_string(), body.clone())).collect();
        let key = (facts.keys && !self.open).then_some(401);
        let rate = (facts.rate_limit && !self.watching).then_some(429);
        // A path may be too long for the parser, which answers without a body.
        for status in self.refusals.iter().copied().chain(key).chain(rate).chain([414, 431]) {
            let name = format!("#/components/responses/Refused{status}");
            responses.insert(status.to_string(), json!({ "$ref": name }));
        }
        let mut object = json!({
            "tags": [self.tag],
            "operationId": self.id(),
            "summary": self.summary,
            "responses": responses,
        });
        if !self.description.is_empty() {
            object["description"] = self.description.into();
        }
        if !self.parameters.is_empty() {
            object["parameters"] = self.parameters.clone().into();
        }
        if let Some(body) = self.body {
            object["requestBody"] = json!({ "required": true, "content": json_body(body) });
        }
        if self.open {
            object["security"] = json!([]);
        }
        object
    }

    /// Such as `post_api_v1_chat`.
    fn id(&self) -> String {
        let path = self.path.replace(['/', '.', '{', '}'], "_");
        let words: Vec<&str> = path.split('_').filter(|word| !word.is_empty()).collect();
        format!("{}_{}", self.method, words.join("_"))
    }
}
