//! The API's description, as the running server gives it.

use crate::running::Running;
use std::collections::BTreeSet;

/// Methods that a path could have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[tokio::test]
async fn each_path_allows_the_methods_that_are_described_and_no_others() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let answer = client.get("/openapi.json").await;
    assert_eq!(answer.head.header("content-type"), Some("application/json"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let described: BTreeSet<&str> =
            methods.as_object().expect("methods").keys().map(String::as_str).collect();
        client.send("TRACE", path, "", b"").await;
        let answer = client.answer().await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()), "{path}");
        let allowed = answer.head.header("allow").expect("Allow").to_ascii_lowercase();
        let allowed: BTreeSet<&str> =
            allowed.split(',').map(str::trim).filter(|method| METHODS.contains(method)).collect();
        assert_eq!(allowed, described, "{path}");
    }
}

#[tokio::test]
async fn the_admin_path_is_described_where_it_is_served() {
    for served in [true, false] {
        let server = Running::start(|settings| settings.admin = served).await;
        let mut client = server.client().await;
        let document = client.get("/openapi.json").await.json();
        let path = &document["paths"]["/admin/faults"];
        assert_eq!((path["get"].is_object(), path["post"].is_object()), (served, served));
        let status = client.get("/admin/faults").await.head.status;
        assert_eq!(status, if served { 200 } else { 404 });
    }
}

#[tokio::test]
async fn the_limits_described_are_those_of_the_server() {
    let server = Running::start(|settings| {
        settings.max_message_bytes = 77;
        settings.max_history = 5;
        settings.api_keys = vec!["k".parse().expect("a key")];
    })
    .await;
    let mut client = server.client().await;
    let document = client.get("/openapi.json").await.json();
    let chat = &document["components"]["schemas"]["ChatRequest"]["properties"];
    assert_eq!(chat["message"]["maxLength"], 77);
    assert_eq!(chat["context"]["properties"]["history"]["maxItems"], 5);
    assert!(document["paths"]["/api/v1/chat"]["post"]["responses"]["401"].is_object());
    let page = client.get("/docs").await;
    assert_eq!(page.head.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("maxLength 77"));
    let policy = page.head.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}
