//! Why TLS failed, in words that name the way out.

use rustls::{AlertDescription, CertificateError, Error};
use std::io;

/// Why a TLS handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsCause {
    /// No authority that is trusted vouches for the certificate.
    #[error(
        "the certificate's issuer is unknown: name the file of its authority with --tls-ca, or \
         believe any server with --insecure"
    )]
    UnknownIssuer,
    /// The certificate's time is over.
    #[error("the certificate has expired: renew it, or believe any server with --insecure")]
    Expired,
    /// The certificate's time has not begun.
    #[error(
        "the certificate is not valid yet: check this machine's clock, or believe any server with \
         --insecure"
    )]
    NotYetValid,
    /// The certificate is another server's.
    #[error(
        "the certificate is not for this name ({0}): use a name that it holds in --host, or believe \
         any server with --insecure"
    )]
    WrongName(String),
    /// The certificate is wrong in another way.
    #[error("the certificate is refused ({0}): --insecure believes any server")]
    Certificate(String),
    /// The server wants to know who asks.
    #[error(
        "the server does not accept the client certificate, or wants one ({0}): give it with \
         --tls-cert and --tls-key"
    )]
    ClientCertificate(String),
    /// What answered speaks something else.
    #[error("the answer is not TLS: try an http:// address in --host")]
    NotTls,
    /// TLS was agreed on, and nothing to speak over it.
    #[error("the server speaks none of the versions of HTTP asked for: try another --http-version")]
    NoProtocol,
    /// The connection ended in the middle of the handshake.
    #[error("the connection ended in the handshake: {0}")]
    Broken(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl TlsCause {
    /// The cause within an error of a TLS stream; `None` when TLS is not to blame.
    pub(crate) fn within(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).map(Self::of)
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(why) => Self::of_certificate(why),
            Error::InvalidMessage(_) => Self::NotTls,
            Error::AlertReceived(alert) => Self::of_alert(*alert),
            Error::NoApplicationProtocol => Self::NoProtocol,
            other => Self::Other(other.to_string()),
        }
    }

    fn of_certificate(why: &CertificateError) -> Self {
        match why {
            // An authority of the same name that did not sign it is another authority.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            CertificateError::NotValidForName => Self::WrongName("another's".to_owned()),
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                Self::WrongName("it holds none".to_owned())
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::WrongName(format!("it is for {}", presented.join(", ")))
            }
            other => Self::Certificate(other.to_string()),
        }
    }

    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => Self::ClientCertificate(format!("{alert:?}")),
            AlertDescription::NoApplicationProtocol => Self::NoProtocol,
            other => Self::Other(format!("the server refused the handshake: {other:?}")),
        }
    }
}
