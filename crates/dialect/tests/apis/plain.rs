//! Answers in one piece.

use crate::{JSON, heard};
use victor_dialect::{Answer, Failure, Usage};
use victor_plan::Api;

fn plain(api: Api, body: &str) -> Result<Answer, Failure> {
    heard(api, JSON, &[body.as_bytes()]).0
}

#[test]
fn text_reasoning_tools_and_usage_are_read_from_every_shape() {
    let bodies = [
        (
            Api::OpenAi,
            r#"{"choices":[{"message":{"role":"assistant","content":"hi","reasoning_content":"hm",
            "tool_calls":[{"function":{"name":"read_file","arguments":"{\"path\":\"a\"}"}}]}}],
            "usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},
            "completion_tokens_details":{"reasoning_tokens":2}}}"#,
        ),
        (
            Api::OpenAiResponses,
            r#"{"error":null,"output":[{"type":"reasoning","summary":[{"text":"hm"}]},
            {"type":"message","content":[{"type":"output_text","text":"hi"}]},
            {"type":"function_call","name":"read_file","arguments":"{\"path\":\"a\"}"}],
            "usage":{"input_tokens":9,"output_tokens":5,"input_tokens_details":{"cached_tokens":4},
            "output_tokens_details":{"reasoning_tokens":2}}}"#,
        ),
        (
            Api::Anthropic,
            r#"{"type":"message","content":[{"type":"thinking","thinking":"hm"},
            {"type":"text","text":"hi"},{"type":"tool_use","name":"read_file","input":{"path":"a"}}],
            "usage":{"input_tokens":3,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,
            "output_tokens":5}}"#,
        ),
    ];
    for (api, body) in bodies {
        let answer = plain(api, body).expect("an answer");
        assert_eq!(answer.text, "hi", "{api}");
        assert_eq!(
            (answer.tools[0].name.as_str(), answer.tools[0].ran),
            ("read_file", true),
            "{api}"
        );
        let usage =
            Usage { prompt_tokens: 9, completion_tokens: 5, cached_tokens: 4, ..Usage::default() };
        let told = answer.usage.map(|told| Usage { reasoning_tokens: 0, ..told });
        assert_eq!(told, Some(usage), "{api}");
        assert!(answer.stream.is_none());
        assert_eq!(answer.bytes, 2 + 2 + 9 + 12, "{api}: text, reasoning, name and arguments");
    }
    let python =
        r#"{"role":"assistant","content":"hi","tool_calls":[{"name":"read"}],"status":"ok"}"#;
    assert!(plain(Api::VictorPython, python).expect("an answer").tools[0].ran);
}

#[test]
fn a_tool_that_is_asked_for_is_an_answer_and_broken_arguments_are_no_call() {
    let call = |arguments: &str| {
        let message = serde_json::json!({"content": null,
            "tool_calls": [{"function": {"name": "read_file", "arguments": arguments}}]});
        let body = serde_json::json!({"choices": [{"message": message}]}).to_string();
        plain(Api::OpenAi, &body).expect("an answer").tools[0].ran
    };
    assert!(call("{}"));
    assert!(!call("{\"path\":"));
}

#[test]
fn a_success_status_alone_is_no_success_in_any_shape() {
    let error = r#"{"error":{"message":"overloaded"}}"#;
    let shapes = [
        (Api::OpenAi, r#"{"choices":[{"message":{"content":" "}}]}"#, r#"{"choices":[]}"#),
        (Api::OpenAiResponses, r#"{"output":[{"type":"message","content":[]}]}"#, "{}"),
        (Api::Anthropic, r#"{"content":[]}"#, "{}"),
        (Api::VictorPython, r#"{"content":"","status":"ok"}"#, "{}"),
    ];
    for (api, empty, broken) in shapes {
        let kind = |body: &str| plain(api, body).expect_err(body).kind.to_string();
        assert_eq!(kind(error), "error_in_200", "{api}");
        assert_eq!(kind(empty), "empty_answer", "{api}");
        assert_eq!(kind(broken), "malformed_body", "{api}");
        assert_eq!(kind("[1]"), "malformed_body", "{api}");
    }
    let waits = r#"{"content":"","status":"awaiting_approval"}"#;
    assert!(plain(Api::VictorPython, waits).expect_err("waits").seen.contains("awaiting_approval"));
}
