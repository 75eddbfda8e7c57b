//! Stand-ins for the vendors' servers: their shapes over real sockets, with a memory of what the
//! messages of the request itself tell, and no other.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::pretend::Pretend;

/// How a stand-in writes its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Every event on its own, a little apart.
    Token,
    /// Everything with one write.
    Whole,
}

/// A server that speaks one API, by its name in `--api`, and wants the key `k`.
pub(crate) fn vendor(api: &'static str, pace: Pace) -> Pretend {
    Pretend::listen(move |stream| {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        while let Some(asked) = Asked::read(&mut reader) {
            asked.answer(api, pace, reader.get_mut())?;
        }
        None
    })
}

struct Asked {
    line: String,
    head: String,
    body: Value,
}

/// What the assistant says.
struct Said {
    text: String,
    calls_tool: bool,
}

impl Asked {
    fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let (mut line, mut head, mut length) = (String::new(), String::new(), 0);
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        loop {
            let mut field = String::new();
            reader.read_line(&mut field).ok().filter(|read| *read > 0)?;
            if field.trim().is_empty() {
                break;
            }
            if let Some(value) = field.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            head += &field;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Some(Self { line: line.trim().to_owned(), head, body })
    }

    fn answer(&self, api: &str, pace: Pace, out: &mut TcpStream) -> Option<()> {
        let (path, stream_path) = match api {
            "openai" => ("/v1/chat/completions", ""),
            "openai-responses" => ("/v1/responses", ""),
            "anthropic" => ("/v1/messages", ""),
            _ => ("/chat", "/chat/stream"),
        };
        let asked = self.line.split(' ').nth(1)?;
        let streams = asked == stream_path || self.body["stream"] == true;
        let known = if api == "anthropic" {
            self.head.contains("x-api-key: k")
                && self.head.contains("anthropic-version: 2023-06-01")
        } else {
            self.head.contains("authorization: Bearer k")
        };
        let (status, body) = match (asked, self.line.starts_with("POST")) {
            ("/v1/models", false) => ("200 OK", json!({"data": [{"id": "stand-in"}]})),
            (asked, true) if asked == path || asked == stream_path => match self.said(api) {
                _ if !known => ("401 Unauthorized", json!({"error": "no key"})),
                None => ("422 Unprocessable Entity", json!({"detail": "no messages"})),
                Some(said) if streams => return stream(&events(api, &said), pace, out),
                Some(said) => ("200 OK", plain(api, &said)),
            },
            (asked, false) if asked == path => ("405 Method Not Allowed", json!({})),
            _ => ("404 Not Found", json!({"detail": "Not Found"})),
        };
        let body = body.to_string();
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
        write!(out, "{head}content-length: {}\r\n\r\n{body}", body.len()).ok()
    }

    /// The answer: the code word when it is asked for and the messages tell it.
    fn said(&self, api: &str) -> Option<Said> {
        if api != "victor-python" && self.body["model"] != "stand-in" {
            return None;
        }
        let list = if api == "openai-responses" { "input" } else { "messages" };
        let messages: Vec<&str> =
            self.body[list].as_array()?.iter().filter_map(|one| one["content"].as_str()).collect();
        let (last, before) = messages.split_last()?;
        let word =
            before.iter().flat_map(|text| text.split([' ', '.'])).find(|w| w.starts_with("vmk"));
        let text = match word.filter(|_| last.contains("code word?")) {
            Some(word) => format!("Your code word is {word} , as you told me some time ago ."),
            None => "I have heard it and will keep it in mind for later on .".to_owned(),
        };
        Some(Said { text, calls_tool: self.body["tools"].is_array() })
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_inclusive(' ').map(ToOwned::to_owned)
}

fn plain(api: &str, said: &Said) -> Value {
    let (text, arguments) = (&said.text, r#"{"path":"README.md"}"#);
    match api {
        "openai" => {
            let calls = said
                .calls_tool
                .then(|| json!([{"function": {"name": "read_file", "arguments": arguments}}]));
            json!({"choices": [{"message": {"content": text, "tool_calls": calls}}],
                "usage": {"prompt_tokens": 20, "completion_tokens": 14}})
        }
        "openai-responses" => {
            let mut output = vec![json!({"type": "message",
                "content": [{"type": "output_text", "text": text}]})];
            if said.calls_tool {
                output.push(
                    json!({"type": "function_call", "name": "read_file", "arguments": arguments}),
                );
            }
            json!({"error": null, "output": output,
                "usage": {"input_tokens": 20, "output_tokens": 14}})
        }
        "anthropic" => {
            let mut content = vec![json!({"type": "text", "text": text})];
            if said.calls_tool {
                content.push(json!({"type": "tool_use", "name": "read_file",
                    "input": {"path": "README.md"}}));
            }
            json!({"content": content, "usage": {"input_tokens": 20, "output_tokens": 14}})
        }
        _ => json!({"role": "assistant", "content": text, "status": "ok",
            "tool_calls": [{"name": "read"}]}),
    }
}

/// The events of a stream: metadata, reasoning, text, a tool call, usage, the end.
fn events(api: &str, said: &Said) -> Vec<String> {
    let data = |value: Value| format!("data: {value}\n\n");
    let named = |value: Value| {
        format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap_or_default())
    };
    let mut events = vec![": keep-alive\n\n".to_owned()];
    let text = words(&said.text);
    match api {
        "openai" => {
            let delta = |delta: Value| data(json!({"choices": [{"index": 0, "delta": delta}]}));
            events.push(delta(json!({"role": "assistant", "content": ""})));
            events.push(delta(json!({"reasoning_content": "Let me think ."})));
            events.extend(text.map(|word| delta(json!({"content": word}))));
            if said.calls_tool {
                let call =
                    |part: Value| delta(json!({"tool_calls": [{"index": 0, "function": part}]}));
                events.push(call(json!({"name": "read_file", "arguments": "{\"path\":"})));
                events.push(call(json!({"arguments": "\"README.md\"}"})));
            }
            events.push(data(json!({"choices": [],
                "usage": {"prompt_tokens": 20, "completion_tokens": 18}})));
            events.push("data: [DONE]\n\n".to_owned());
        }
        "openai-responses" => {
            events.push(named(json!({"type": "response.created", "response": {}})));
            events.push(named(
                json!({"type": "response.reasoning_summary_text.delta", "delta": "Hm"}),
            ));
            let piece = |word| named(json!({"type": "response.output_text.delta", "delta": word}));
            events.extend(text.map(piece));
            if said.calls_tool {
                events.push(named(json!({"type": "response.output_item.added", "output_index": 1,
                    "item": {"type": "function_call", "name": "read_file"}})));
                events.push(named(json!({"type": "response.function_call_arguments.delta",
                    "output_index": 1, "delta": "{}"})));
            }
            events.push(named(json!({"type": "response.completed",
                "response": {"usage": {"input_tokens": 20, "output_tokens": 18}}})));
        }
        "anthropic" => {
            events.push(named(json!({"type": "message_start",
                "message": {"usage": {"input_tokens": 20, "output_tokens": 1}}})));
            let delta = |delta: Value| {
                named(json!({"type": "content_block_delta", "index": 0, "delta": delta}))
            };
            events.push(named(json!({"type": "ping"})));
            events.push(delta(json!({"type": "thinking_delta", "thinking": "Let me see"})));
            events.extend(text.map(|word| delta(json!({"type": "text_delta", "text": word}))));
            if said.calls_tool {
                events.push(named(json!({"type": "content_block_start", "index": 2,
                    "content_block": {"type": "tool_use", "name": "read_file", "input": {}}})));
                events.push(named(json!({"type": "content_block_delta", "index": 2,
                    "delta": {"type": "input_json_delta", "partial_json": "{\"path\":\"a\"}"}})));
            }
            events.push(named(json!({"type": "message_delta", "usage": {"output_tokens": 18}})));
            events.push(named(json!({"type": "message_stop"})));
        }
        _ => {
            events.push(data(json!({"type": "request", "request_id": "r"})));
            events.extend(text.map(|word| data(json!({"type": "content", "content": word}))));
            events.push(data(json!({"type": "tool_call", "tool_call": {"name": "read"}})));
            events.push("data: [DONE]\n\n".to_owned());
        }
    }
    events
}

/// Writes a chunked response, as HTTP/1.1 servers stream.
fn stream(events: &[String], pace: Pace, out: &mut TcpStream) -> Option<()> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut whole = head.to_owned();
    for event in events {
        write!(whole, "{:x}\r\n{event}\r\n", event.len()).ok()?;
        if pace == Pace::Token {
            out.write_all(whole.as_bytes()).ok()?;
            whole.clear();
            pause();
        }
    }
    out.write_all((whole + "0\r\n\r\n").as_bytes()).ok()
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own serves each connection")]
fn pause() {
    thread::sleep(Duration::from_millis(2));
}
