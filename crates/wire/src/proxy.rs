//! Proxies, spoken to in plain HTTP.

use crate::{Endpoint, Event, ResponseParser, WireError};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use victor_plan::Proxy;

/// Value of `Proxy-Authorization`, when the proxy wants one.
pub(crate) fn authorization(proxy: &Proxy) -> Option<String> {
    let credentials = proxy.credentials.as_ref()?;
    Some(format!("Basic {}", BASE64_STANDARD.encode(credentials.expose())))
}

/// Has `proxy`, to which `tcp` leads, connect to `endpoint` (RFC 9110, section 9.3.6).
pub(crate) async fn tunnel(
    mut tcp: TcpStream,
    proxy: &Proxy,
    endpoint: &Endpoint,
) -> Result<TcpStream, WireError> {
    let host = endpoint.host_and_port();
    let mut request = format!("CONNECT {host} HTTP/1.1\r\nhost: {host}\r\n");
    if let Some(authorization) = authorization(proxy) {
        request.extend(["proxy-authorization: ", &authorization, "\r\n"]);
    }
    request.push_str("\r\n");
    tcp.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut parser = ResponseParser::bodiless();
    let mut buffer = [0; 2048];
    loop {
        let length = tcp.read(&mut buffer).await.map_err(broken)?;
        if length == 0 {
            return Err(WireError::Proxy("closed the connection before it answered".to_owned()));
        }
        let mut input = &buffer[..length];
        match parser.next(&mut input) {
            Ok(None) => {}
            Ok(Some(Event::Head(head))) if (200..300).contains(&head.status) => {
                return if input.is_empty() { Ok(tcp) } else { Err(talkative()) };
            }
            Ok(Some(Event::Head(head))) => {
                return Err(WireError::Proxy(refusal(head.status, &host)));
            }
            Ok(Some(Event::Data(_) | Event::End)) => return Err(talkative()),
            Err(error) => return Err(WireError::Proxy(format!("does not speak HTTP ({error})"))),
        }
    }
}

fn refusal(status: u16, host: &str) -> String {
    match status {
        407 => "wants to know who asks (status 407): give --proxy-user, or VICTOR_PROXY_USER"
            .to_owned(),
        _ => format!("does not connect to {host}: it answered with status {status}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made to be passed to map_err")]
fn broken(error: io::Error) -> WireError {
    WireError::Proxy(format!("broke the connection off: {error}"))
}

fn talkative() -> WireError {
    WireError::Proxy("spoke before it was asked within the tunnel".to_owned())
}
