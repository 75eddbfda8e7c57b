//! What is sent.

use serde_json::{Value, json};
use victor_dialect::{Answer, Conversation, Dialect, Turn};
use victor_plan::Api;

fn sent(dialect: &Dialect, turn: &Turn, conversation: &Conversation) -> Value {
    serde_json::from_slice(&dialect.encode(turn, conversation)).expect("JSON")
}

fn turn(message: &str) -> Turn {
    Turn { message: message.into(), session_id: Some("s".into()), ..Turn::default() }
}

#[test]
fn servers_without_sessions_are_told_the_conversation_again() {
    let told = json!([{"role": "user", "content": "one"}, {"role": "assistant", "content": "1"},
        {"role": "user", "content": "two"}]);
    for (api, field) in [
        (Api::OpenAi, "messages"),
        (Api::OpenAiResponses, "input"),
        (Api::Anthropic, "messages"),
        (Api::VictorPython, "messages"),
    ] {
        let dialect = Dialect::new(api);
        let mut conversation = Conversation::default();
        let mut answer = Answer { text: "1".into(), ..Answer::default() };
        dialect.settle(&turn("one"), &mut conversation, &mut answer);
        assert_eq!(
            answer.session_id.as_deref(),
            Some("s"),
            "{api}: it was the client that said whose"
        );
        let body = sent(&dialect, &turn("two"), &conversation);
        assert_eq!(body[field], told, "{api}");
        assert!(body.get("session_id").is_none() && body.get("stream").is_none(), "{api}");
    }
    let dialect = Dialect::victor();
    let (mut conversation, mut answer) = (Conversation::default(), Answer::default());
    dialect.settle(&turn("one"), &mut conversation, &mut answer);
    assert_eq!(
        (answer.session_id, conversation),
        (None, Conversation::default()),
        "the server's to say"
    );
}

#[test]
fn each_api_asks_for_streams_tools_and_models_in_its_own_words() {
    let turn = Turn { tools: true, ..turn("hi") };
    let body = |api| {
        let dialect = Dialect::new(api).with_stream(true).with_model(None, Some("m".into()));
        (dialect.chat_path().to_owned(), sent(&dialect, &turn, &Conversation::default()))
    };
    let (path, openai) = body(Api::OpenAi);
    assert_eq!(
        (path.as_str(), &openai["stream_options"]["include_usage"]),
        ("/v1/chat/completions", &json!(true))
    );
    assert_eq!(openai["tools"][0]["function"]["name"], "read_file");
    let (path, responses) = body(Api::OpenAiResponses);
    assert_eq!(
        (path.as_str(), &responses["tools"][0]["name"]),
        ("/v1/responses", &json!("read_file"))
    );
    let (path, anthropic) = body(Api::Anthropic);
    assert_eq!(
        (path.as_str(), &anthropic["tools"][0]["input_schema"]["type"]),
        ("/v1/messages", &json!("object"))
    );
    assert!(anthropic["max_tokens"].as_u64() > Some(0), "the API requires it");
    for body in [openai, responses, anthropic] {
        assert_eq!((&body["model"], &body["stream"]), (&json!("m"), &json!(true)));
    }
    let (path, python) = body(Api::VictorPython);
    assert_eq!(
        (path.as_str(), python.as_object().map(serde_json::Map::len)),
        ("/chat/stream", Some(1))
    );
    let (path, victor) = body(Api::Victor);
    assert_eq!((path.as_str(), &victor["session_id"]), ("/api/v1/chat", &json!("s")));
}

#[test]
fn keys_go_where_each_api_looks_for_them() {
    let names = |api: Api| -> Vec<String> {
        let headers = Dialect::new(api).headers(Some("k"));
        headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
    };
    assert_eq!(names(Api::OpenAi), ["authorization: Bearer k"]);
    assert_eq!(names(Api::Anthropic), ["anthropic-version: 2023-06-01", "x-api-key: k"]);
    assert!(Dialect::new(Api::OpenAi).headers(None).is_empty());
}
