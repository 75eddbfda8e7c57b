//! TLS: what is trusted, who one is, and why it failed.
//!
//! rustls with *ring*, which a C compiler builds on any Linux. The authorities are the system's: a test
//! then trusts what every other program on the machine trusts, an authority that a company has installed
//! included, and no list has to be kept here. Sessions are not resumed: users are separate people, and
//! each of their connections costs the server a whole handshake.

mod cause;
mod trust;

pub use cause::TlsCause;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use trust::roots;
use victor_plan::{HttpVersion, TlsOptions, Verify};

/// Certificates or keys that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file that cannot be read or holds nothing of its kind.
    #[error("{flag} {}: {reason}", path.display())]
    File {
        /// The flag that names it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Half of an identity.
    #[error("a client certificate needs its key: give both --tls-cert and --tls-key")]
    HalfIdentity,
    /// Certificate and key that do not belong together, or of a kind that is not known.
    #[error("--tls-cert and --tls-key cannot be used together: {0}")]
    Identity(String),
    /// TLS itself cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// Everything a handshake needs but the name of the server; reads the files that `options` name.
pub(crate) fn config(
    options: &TlsOptions,
    http: HttpVersion,
) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let identity = identity(options)?;
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Setup(error.to_string()))?;
    let trusting = match options.verify {
        Verify::Certificate => builder.with_root_certificates(roots(options.ca.as_deref())?),
        Verify::Nothing => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust::Anyone::new(provider))),
    };
    let mut config = match identity {
        None => trusting.with_no_client_auth(),
        Some((chain, key)) => trusting
            .with_client_auth_cert(chain, key)
            .map_err(|error| TlsError::Identity(error.to_string()))?,
    };
    config.alpn_protocols = match http {
        HttpVersion::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersion::One => vec![b"http/1.1".to_vec()],
        HttpVersion::Two => vec![b"h2".to_vec()],
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Makes `tcp` a TLS connection to `name`.
pub(crate) async fn handshake(
    config: &Arc<ClientConfig>,
    name: &str,
    tcp: TcpStream,
) -> Result<TlsStream<TcpStream>, TlsCause> {
    let server = ServerName::try_from(name.to_owned())
        .map_err(|_| TlsCause::Other(format!("`{name}` is no name that a certificate can hold")))?;
    TlsConnector::from(config.clone()).connect(server, tcp).await.map_err(|error| {
        TlsCause::within(&error).unwrap_or_else(|| TlsCause::Broken(error.to_string()))
    })
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(options: &TlsOptions) -> Result<Option<Identity>, TlsError> {
    let (cert, key) = match (&options.cert, &options.key) {
        (None, None) => return Ok(None),
        (Some(cert), Some(key)) => (cert, key),
        (Some(_), None) | (None, Some(_)) => return Err(TlsError::HalfIdentity),
    };
    let chain = certificates("--tls-cert", cert)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::File {
        flag: "--tls-key",
        path: key.clone(),
        reason: error.to_string(),
    })?;
    Ok(Some((chain, key)))
}

fn certificates(flag: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |reason: String| TlsError::File { flag, path: path.to_owned(), reason };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if found.is_empty() => Err(wrong("it holds no PEM certificate".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(wrong(error.to_string())),
    }
}
