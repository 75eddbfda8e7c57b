//! Servers, certificates, and a sink that keeps what it hears.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use victor_clock::{Instant, now};
use victor_plan::TransportOptions;
use victor_types::FailureKind;
use victor_wire::{
    Channel, Client, Endpoint, Head, Limits, Message, Sink, Target, Times, WireError,
};

pub(crate) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(5),
    stall: Duration::from_secs(5),
    total: Duration::from_secs(20),
};

/// What was heard of a response. Keeps the first mebibyte and counts the rest.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) head: Option<Head>,
    pub(crate) body: Vec<u8>,
    pub(crate) length: u64,
    /// The largest piece that was handed over at once.
    pub(crate) largest: usize,
}

impl Sink for Heard {
    fn head(&mut self, head: &Head, _at: Instant) {
        assert!(self.head.replace(head.clone()).is_none(), "one head a response");
    }

    fn data(&mut self, data: &[u8], _at: Instant) {
        let room = (1_usize << 20).saturating_sub(self.body.len());
        self.body.extend_from_slice(&data[..data.len().min(room)]);
        self.length += data.len() as u64;
        self.largest = self.largest.max(data.len());
    }
}

impl Heard {
    pub(crate) fn status(&self) -> u16 {
        self.head.as_ref().expect("a head").status
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What came of one exchange.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) result: Result<(), WireError>,
    pub(crate) heard: Heard,
    pub(crate) times: Times,
}

impl Asked {
    pub(crate) fn kind(&self) -> FailureKind {
        self.result.as_ref().expect_err("a failure").kind()
    }

    pub(crate) fn reason(&self) -> String {
        self.result.as_ref().expect_err("a failure").to_string()
    }
}

/// Users of one target.
pub(crate) struct Users {
    target: Target,
    client: Client,
}

impl Users {
    /// Users of `url` with the target's name looked up.
    pub(crate) async fn of(url: &str, options: TransportOptions) -> Self {
        let endpoint = Endpoint::parse(url).expect("an address");
        let target = Target::new(endpoint, options).expect("a target");
        let addresses = target.resolve().await.expect("addresses");
        Self { client: Client::new(target.clone(), addresses), target }
    }

    pub(crate) fn channel(&self) -> Channel {
        self.client.channel()
    }

    /// One request of a user, of `body` to `/chat`.
    pub(crate) async fn send(&self, channel: &mut Channel, body: &[u8], limits: &Limits) -> Asked {
        let template = self.target.post_json("/chat", &[("authorization", "Bearer key")]);
        let message = Message { template: &template, request_id: "id-1", body };
        let (mut heard, mut times) = (Heard::default(), Times::default());
        let exchange =
            self.client.exchange(channel, message, limits, now(), &mut heard, &mut times);
        let result = exchange.await;
        Asked { result, heard, times }
    }

    pub(crate) async fn ask(&self, channel: &mut Channel) -> Asked {
        self.send(channel, b"{}", &LIMITS).await
    }
}

/// One request of one new user.
pub(crate) async fn ask(url: &str, options: TransportOptions) -> Asked {
    let users = Users::of(url, options).await;
    users.ask(&mut users.channel()).await
}

/// A server on a free port that hands each connection to `serve`.
pub(crate) async fn server<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((peer, _)) = listener.accept().await {
            tokio::spawn(serve(peer));
        }
    });
    address
}

/// Reads one request to its end and returns it.
pub(crate) async fn request(peer: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = peer.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
        if body.len() >= length {
            return Some(text);
        }
    }
}

/// An authority with the files that it has written.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

/// A certificate and its key, in files.
pub(crate) struct Identity {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    /// The file that makes a client trust it.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for `name`; `change` may make it a bad one.
    pub(crate) fn identity(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let cert = params.signed_by(&key, &self.issuer).expect("a certificate");
        let path = |end: &str| self.folder.path().join(format!("{name}.{end}"));
        std::fs::write(path("pem"), cert.pem()).expect("a file");
        std::fs::write(path("key"), key.serialize_pem()).expect("a file");
        Identity { cert: path("pem"), key: path("key") }
    }
}

/// What a server does in the handshake. With `clients`, only those whom that authority vouches for are
/// let in.
pub(crate) fn acceptor(
    identity: &Identity,
    protocols: &[&str],
    clients: Option<&Path>,
) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            let ca = CertificateDer::from_pem_file(ca).expect("a certificate");
            roots.add(ca).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let cert = CertificateDer::from_pem_file(&identity.cert).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&identity.key).expect("a key");
    let mut config = builder.with_single_cert(vec![cert], key).expect("an identity");
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}
