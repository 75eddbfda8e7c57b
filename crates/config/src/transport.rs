//! The settings of the way to the target: TLS, versions of HTTP, connections, proxy.

use crate::resolve::Resolved;
use crate::setting::{Fallback, Key, Kind, Section, Table};
use crate::{ConfigError, Problem, read};
use std::net::IpAddr;
use std::path::PathBuf;
use url::Url;
use victor_plan::{
    Carrier, Compression, ConnectionReuse, Cookies, HttpVersion, Proxy, Secret, TlsOptions,
    TransportOptions, Verify,
};

pub(crate) static TLS_CA: Key<PathBuf> = file("tls-ca", "the system's authorities").help(
    "FILE",
    "PEM file of the authorities trusted over https, in place of the system's (as curl's --cacert)",
);

pub(crate) static TLS_CERT: Key<PathBuf> = file("tls-cert", "none is sent")
    .help("FILE", "PEM file of the client certificate, with those that vouch for it");

pub(crate) static TLS_KEY: Key<PathBuf> =
    file("tls-key", "none").help("FILE", "PEM file of the client certificate's private key");

pub(crate) static INSECURE: Key<bool> = switch("insecure", "false")
    .help("BOOL", "Believe any server over https, whatever its certificate");

pub(crate) static TRANSPORT: Key<Carrier> =
    setting("transport", Kind::Text, carrier).fallback(Fallback::Value("http")).help(
        "CARRIER",
        "http: a request for each turn; ws: turns on a WebSocket (`/ws`), always streamed",
    );

pub(crate) static HTTP_VERSION: Key<HttpVersion> = setting(
    "http-version",
    Kind::Text,
    http_version,
)
.fallback(Fallback::Value("auto"))
.help(
    "VERSION",
    "1, 2, or auto: what TLS agrees on, and 1 without TLS. 2 without TLS is spoken unasked (prior \
         knowledge)",
);

pub(crate) static CONNECTION_REUSE: Key<ConnectionReuse> =
    setting("connection-reuse", Kind::Text, reuse).fallback(Fallback::Value("per-user")).help(
        "REUSE",
        "per-user: each user keeps its own connection; per-request: a new one for each request; \
         shared:N: N HTTP/2 connections for all users of a generator thread",
    );

pub(crate) static PROXY: Key<ProxyChoice> = setting("proxy", Kind::Text, proxy)
    .fallback(Fallback::Nothing("none, whatever the environment says"))
    .help(
        "URL",
        "HTTP proxy, http://host:port; env takes it from HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    );

pub(crate) static PROXY_USER: Key<Secret> = setting("proxy-user", Kind::Secret, read::secret)
    .env(&["VICTOR_PROXY_USER"])
    .fallback(Fallback::Nothing("none is sent"))
    .help("USER:PASSWORD", "Who asks the proxy; never shown");

pub(crate) static FOLLOW_REDIRECTS: Key<u32> =
    setting("follow-redirects", Kind::Whole, |text| read::whole(text, 0, 20))
        .fallback(Fallback::Value("0"))
        .help("N", "Most redirects followed in a turn; beyond them a redirect is a failure");

pub(crate) static COOKIES: Key<bool> = switch("cookies", "true")
    .help("BOOL", "Each user sends the cookies back that the target gave it, as Locust's users do");

pub(crate) static COMPRESSION: Key<bool> = switch("compression", "false")
    .help("BOOL", "Accept answers compressed with gzip, deflate or Brotli, and decode them");

pub(crate) static SOURCE_ADDRESS: Key<Vec<IpAddr>> =
    setting("source-address", Kind::Text, addresses)
        .fallback(Fallback::Nothing("the system's choice"))
        .help(
            "A,B,…",
            "Local addresses to connect from, in turn: each has ports of its own, so that more \
             connections are possible",
        );

/// Which proxy is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProxyChoice {
    /// What the environment's usual variables say.
    Environment,
    /// This one, `host:port`.
    At(String),
}

/// Reads them all. `env` is the environment, `host` the target's address.
pub(crate) fn transport(
    resolved: &Resolved,
    env: &dyn Fn(&str) -> Option<String>,
    host: &str,
) -> Result<TransportOptions, ConfigError> {
    let on = |key: &Key<bool>| resolved.required(key);
    let (http, reuse) = (resolved.required(&HTTP_VERSION)?, resolved.required(&CONNECTION_REUSE)?);
    if http == HttpVersion::One && matches!(reuse, ConnectionReuse::Shared(_)) {
        return Err(resolved.refuse(&CONNECTION_REUSE, Problem::SharedNeedsTwo));
    }
    let carrier = resolved.required(&TRANSPORT)?;
    let needs_two = http == HttpVersion::Two || matches!(reuse, ConnectionReuse::Shared(_));
    if carrier == Carrier::WebSocket && needs_two {
        return Err(resolved.refuse(&TRANSPORT, Problem::SocketNeedsOne));
    }
    let credentials = resolved.optional(&PROXY_USER)?;
    let proxy = match resolved.optional(&PROXY)? {
        None => None,
        Some(ProxyChoice::At(authority)) => Some(Proxy { authority, credentials }),
        Some(ProxyChoice::Environment) => from_environment(env, host)
            .map_err(|problem| resolved.refuse(&PROXY, problem))?
            .map(|found| Proxy { credentials: credentials.or(found.credentials), ..found }),
    };
    Ok(TransportOptions {
        tls: TlsOptions {
            ca: resolved.optional(&TLS_CA)?,
            cert: resolved.optional(&TLS_CERT)?,
            key: resolved.optional(&TLS_KEY)?,
            verify: if on(&INSECURE)? { Verify::Nothing } else { Verify::Certificate },
        },
        carrier,
        http,
        reuse,
        proxy,
        redirects: resolved.required(&FOLLOW_REDIRECTS)?,
        cookies: if on(&COOKIES)? { Cookies::Kept } else { Cookies::Ignored },
        compression: if on(&COMPRESSION)? { Compression::Accepted } else { Compression::Off },
        source_addresses: resolved.optional(&SOURCE_ADDRESS)?.unwrap_or_default(),
    })
}

fn carrier(text: &str) -> Result<Carrier, Problem> {
    match text {
        "http" => Ok(Carrier::Http),
        "ws" => Ok(Carrier::WebSocket),
        _ => Err(Problem::NotCarrier { text: text.to_owned() }),
    }
}

fn http_version(text: &str) -> Result<HttpVersion, Problem> {
    match text {
        "auto" => Ok(HttpVersion::Auto),
        "1" | "1.1" => Ok(HttpVersion::One),
        "2" => Ok(HttpVersion::Two),
        _ => Err(Problem::NotHttpVersion { text: text.to_owned() }),
    }
}

fn reuse(text: &str) -> Result<ConnectionReuse, Problem> {
    let wrong = || Problem::NotReuse { text: text.to_owned() };
    match text {
        "per-user" => Ok(ConnectionReuse::PerUser),
        "per-request" => Ok(ConnectionReuse::PerRequest),
        _ => {
            let count = text.strip_prefix("shared:").ok_or_else(wrong)?;
            read::whole(count, 1, 10_000).map(ConnectionReuse::Shared).map_err(|_| wrong())
        }
    }
}

fn proxy(text: &str) -> Result<ProxyChoice, Problem> {
    if text == "env" {
        return Ok(ProxyChoice::Environment);
    }
    match proxy_address(text)? {
        Proxy { credentials: Some(_), .. } => Err(Problem::ProxyCredentials),
        Proxy { authority, .. } => Ok(ProxyChoice::At(authority)),
    }
}

/// `http://[user:password@]host[:port]`; as for curl the scheme may be left out.
fn proxy_address(text: &str) -> Result<Proxy, Problem> {
    let wrong = || Problem::NotProxy;
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).map_err(|_| wrong())?;
    let host = url.host_str().filter(|_| url.scheme() == "http").ok_or_else(wrong)?;
    let authority = format!("{host}:{}", url.port().unwrap_or(80));
    let name = (url.username(), url.password().unwrap_or_default());
    let credentials = (name != ("", "")).then(|| Secret::new(format!("{}:{}", name.0, name.1)));
    Ok(Proxy { authority, credentials })
}

/// What the variables that curl and Python read say about `host`; an empty one counts as not set.
fn from_environment(
    env: &dyn Fn(&str) -> Option<String>,
    host: &str,
) -> Result<Option<Proxy>, Problem> {
    let Ok(url) = Url::parse(host) else { return Ok(None) };
    let variable = |lower: &str| {
        let found = env(lower).or_else(|| env(&lower.to_ascii_uppercase()));
        found.filter(|text| !text.trim().is_empty())
    };
    let name = url.host_str().unwrap_or_default();
    if variable("no_proxy").is_some_and(|list| list.split(',').any(|entry| covers(entry, name))) {
        return Ok(None);
    }
    let found = variable(if url.scheme() == "https" { "https_proxy" } else { "http_proxy" });
    found.or_else(|| variable("all_proxy")).map(|text| proxy_address(text.trim())).transpose()
}

/// Whether an entry of `NO_PROXY` means `host`: `*`, the host itself, or a domain that it is in.
fn covers(entry: &str, host: &str) -> bool {
    let entry = entry.trim().trim_start_matches('.').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let within = || host.strip_suffix(&entry).is_some_and(|front| front.ends_with('.'));
    entry == "*" || (!entry.is_empty() && (host == entry || within()))
}

fn addresses(text: &str) -> Result<Vec<IpAddr>, Problem> {
    let read = |part: &str| part.trim().parse();
    let found: Result<Vec<IpAddr>, _> = text.split(',').map(read).collect();
    found.map_err(|_| Problem::NotAddresses { text: text.to_owned() })
}

// === Families ===

const fn setting<T>(key: &'static str, kind: Kind, read: fn(&str) -> Result<T, Problem>) -> Key<T> {
    Key::new(key, kind, Section::Transport, read).table(Some(Table::Transport))
}

const fn file(key: &'static str, otherwise: &'static str) -> Key<PathBuf> {
    setting(key, Kind::Text, read::path).fallback(Fallback::Nothing(otherwise))
}

const fn switch(key: &'static str, default: &'static str) -> Key<bool> {
    setting(key, Kind::Switch, read::switch).fallback(Fallback::Value(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(given: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name: &str| {
            given.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        }
    }

    #[test]
    fn the_environments_proxy_is_the_one_of_the_scheme_unless_the_host_is_excepted() {
        let env = environment(&[
            ("http_proxy", "proxy:3128"),
            ("HTTPS_PROXY", "http://u:p@secure:1"),
            ("NO_PROXY", "localhost, .example.com"),
        ]);
        let found =
            |host| from_environment(&env, host).expect("proxies").map(|proxy| proxy.authority);
        assert_eq!(found("http://a:8000").as_deref(), Some("proxy:3128"));
        assert_eq!(found("https://a").as_deref(), Some("secure:1"));
        for excepted in ["http://localhost:8000", "https://api.example.com", "https://EXAMPLE.com"]
        {
            assert_eq!(found(excepted), None, "{excepted}");
        }
        assert!(found("http://notexample.com").is_some());
        assert!(
            from_environment(&environment(&[("all_proxy", "socks5://a")]), "http://a").is_err()
        );
        assert_eq!(from_environment(&environment(&[]), "http://a"), Ok(None));
    }

    #[test]
    fn a_password_in_the_proxys_address_is_refused_unseen() {
        assert_eq!(proxy("http://u:secret@h:1"), Err(Problem::ProxyCredentials));
        assert!(!Problem::ProxyCredentials.to_string().contains("secret"));
        assert_eq!(proxy("[::1]:3128"), Ok(ProxyChoice::At("[::1]:3128".to_owned())));
        assert_eq!(proxy("https://h"), Err(Problem::NotProxy));
    }

    #[test]
    fn what_is_read_is_what_was_meant() {
        assert_eq!(reuse("shared:4"), Ok(ConnectionReuse::Shared(4)));
        assert!(reuse("shared:0").is_err() && reuse("shared").is_err());
        assert_eq!(http_version("1.1"), Ok(HttpVersion::One));
        assert!(http_version("3").is_err());
        assert_eq!(addresses("127.0.0.1, ::1").map(|found| found.len()), Ok(2));
        assert!(addresses("localhost").is_err());
    }
}
