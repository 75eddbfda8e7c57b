//! Who may come in.

use crate::running::Running;

const CHAT: &str = "/api/v1/chat";
const BODY: &[u8] = br#"{"message":"hi"}"#;

#[tokio::test]
async fn keys_are_asked_for_everywhere_but_on_health() {
    let server = Running::start(|settings| {
        settings.api_keys = vec!["k1:ci".parse().expect("a key"), "k2".parse().expect("a key")];
    })
    .await;
    let mut client = server.client().await;
    let cases = [
        ("", 401),
        ("Authorization: Bearer k1\r\n", 200),
        ("Authorization: bearer k2\r\n", 200),
        ("Authorization: Bearer k3\r\n", 401),
        ("Authorization: Bearer k1:ci\r\n", 401),
        ("Authorization: Basic k1\r\n", 401),
    ];
    for (header, status) in cases {
        client.send("POST", CHAT, header, BODY).await;
        let answer = client.answer().await;
        assert_eq!(answer.head.status, status, "{header}");
        if status == 401 {
            assert_eq!(answer.head.header("www-authenticate"), Some("Bearer"));
        }
    }
    for path in ["/health", "/health/live", "/health/ready", "/api/v1/health"] {
        assert_eq!(client.get(path).await.head.status, 200, "{path}");
    }
    assert_eq!(client.get("/metrics").await.refusal(), (401, "no_key".to_owned()));
}

#[tokio::test]
async fn a_rebound_host_name_is_refused() {
    let server =
        Running::start(|settings| settings.allowed_hosts = vec!["chat.example".into()]).await;
    let mut client = server.client().await;
    let bound = server.address.to_string();
    for (host, status) in [
        ("localhost:8000", 200),
        (bound.as_str(), 200),
        ("chat.example", 200),
        ("evil.example:8000", 403),
        ("localhost.evil.example", 403),
    ] {
        client.send("POST", CHAT, &format!("Host: {host}\r\n"), BODY).await;
        assert_eq!(client.answer().await.head.status, status, "{host}");
    }
    client.send("GET", "http://evil.example/health", "", b"").await;
    assert_eq!(client.answer().await.refusal(), (403, "foreign_host".to_owned()));
    client.write(b"GET /health HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.answer().await.refusal(), (400, "no_host".to_owned()));
}
