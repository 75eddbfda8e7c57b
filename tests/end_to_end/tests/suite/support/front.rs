//! TLS in front of a server that speaks plain HTTP.

use super::place::Place;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A front on a free port, for as long as the tests run.
#[derive(Debug)]
pub(crate) struct Front {
    port: u16,
}

impl Front {
    /// Passes on to `server` what comes over TLS, as `localhost`. The certificate, which vouches for
    /// itself, is `front.pem` in `place`.
    pub(crate) fn of(place: &Place, server: SocketAddr) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        let cert = params.self_signed(&key).expect("a certificate");
        place.write("front.pem", cert.pem());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .expect("an identity");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || serve(listener, &TlsAcceptor::from(Arc::new(config)), server));
        Self { port }
    }

    /// Its address as `--host` takes it.
    pub(crate) fn host(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}

fn serve(listener: std::net::TcpListener, acceptor: &TlsAcceptor, server: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = TcpListener::from_std(listener).expect("a listener");
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut near) = acceptor.accept(tcp).await else { return };
                let Ok(mut far) = TcpStream::connect(server).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
}
