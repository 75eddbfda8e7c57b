//! Starting, health, models, metrics.

use crate::running::Running;
use serde_json::json;
use victor_server::{Server, ServerSettings, serve};

#[tokio::test]
async fn health_models_and_tools_are_described() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for path in ["/health", "/health/live", "/api/v1/health"] {
        assert_eq!(client.get(path).await.json()["status"], "ok", "{path}");
    }
    assert_eq!(client.get("/health/ready").await.json()["status"], "ready");
    let models = client.get("/api/v1/models").await.json();
    assert_eq!(models["models"][0]["id"], models["default"]["model"]);
    let tools = client.get("/api/v1/tools").await.json();
    let names: Vec<&str> = tools["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    let all = [
        "read_file",
        "list_files",
        "count_lines",
        "file_exists",
        "search_text",
        "find_files",
        "git_status",
        "git_log",
        "git_diff",
        "run_command",
    ];
    assert_eq!(names, all);
    assert_eq!(tools["tools"][4]["parameters"]["required"], json!(["query"]));
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "x\n");
    let mut client = server.client().await;
    client.chat("Count lines in a.txt and read ../x.txt", Some("a")).await;
    client.chat("Hi", Some("b")).await;
    client.post("/api/v1/chat", &json!({})).await;
    let answer = client.get("/metrics").await;
    let kind = answer.head.header("content-type").expect("a type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.text();
    for line in [
        r#"victor_turns_total{outcome="complete"} 2"#,
        r#"victor_turns_total{outcome="refused"} 1"#,
        "victor_turns_in_flight 0",
        "victor_sessions_live 2",
        "victor_turn_duration_seconds_count 3",
        r#"victor_tool_calls_total{tool="count_lines",status="ok"} 1"#,
        r#"victor_tool_calls_total{tool="read_file",status="refused"} 1"#,
        "victor_truth_records_lost_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn what_hinders_the_start_is_named_with_its_flag() {
    let server = Running::start(|_| {}).await;
    let settings = ServerSettings { address: server.address, ..ServerSettings::default() };
    let error = serve(settings, async {}).await.expect_err("taken").to_string();
    let owner = format!("(pid {})", std::process::id());
    assert!(error.contains("--port") && error.contains(&owner), "{error}");

    let free = ServerSettings { address: ([127, 0, 0, 1], 0).into(), ..ServerSettings::default() };
    let workspace = server.place.path().join("none");
    let settings = ServerSettings { workspace, ..free.clone() };
    let error = Server::bind(settings).await.expect_err("missing").to_string();
    assert!(error.contains("--workspace"), "{error}");

    let truth_log = Some(server.place.path().join("none/truth.jsonl"));
    let settings = ServerSettings { truth_log, ..free };
    let error = Server::bind(settings).await.expect_err("missing").to_string();
    assert!(error.contains("--truth-log"), "{error}");
}
