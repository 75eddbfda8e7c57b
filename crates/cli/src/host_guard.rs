//! Asks before load is put on a host that is neither this machine nor a private one.

use crate::talk::{self, Failure};
use std::io::{self, BufRead, IsTerminal};
use std::net::{IpAddr, SocketAddr};
use victor_wire::Endpoint;

/// Passes for loopback and private addresses, with `yes`, or when the person at the terminal agrees.
/// A name that cannot be looked up passes too: connecting to it will say why.
pub(crate) async fn check(host: &str, yes: bool) -> Result<(), Failure> {
    let endpoint =
        Endpoint::parse(host).map_err(|error| Failure::usage(format!("--host: {error}")))?;
    if yes {
        return Ok(());
    }
    let addresses = endpoint.resolve().await.unwrap_or_default();
    let Some(public) = addresses.iter().find(|address| !is_private(address)) else { return Ok(()) };
    let refusal = || {
        Failure::usage(format!(
            "{host} is {}, a public address: load-test only what is yours, and confirm with --yes",
            public.ip()
        ))
    };
    if !io::stdin().is_terminal() {
        return Err(refusal());
    }
    talk::say(&format!("{host} is {}, a public address. Put load on it? [y/N]", public.ip()));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    let agreed = read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if agreed { Ok(()) } else { Err(refusal()) }
}

fn is_private(address: &SocketAddr) -> bool {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ones_own_networks_are_private() {
        let private = |text: &str| is_private(&text.parse().expect("address"));
        for text in [
            "127.0.0.1:1",
            "10.1.2.3:1",
            "192.168.0.1:1",
            "[::1]:1",
            "[fd00::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(private(text), "{text}");
        }
        for text in ["8.8.8.8:1", "172.32.0.1:1", "[2001:db8::1]:1"] {
            assert!(!private(text), "{text}");
        }
    }

    #[tokio::test]
    async fn a_public_host_needs_a_yes() {
        // Under a test runner standard input is no terminal, so nobody is asked.
        if !io::stdin().is_terminal() {
            let refused = check("http://192.0.2.1:8000", false).await.expect_err("public");
            assert!(refused.text.contains("--yes"));
        }
        assert!(check("http://192.0.2.1:8000", true).await.is_ok());
        assert!(check("http://127.0.0.1:8000", false).await.is_ok());
    }
}
