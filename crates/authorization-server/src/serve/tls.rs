//! TLS from certificate and key files, which may be replaced while the server runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// TLS 1.2 and 1.3 with the certificate in two files. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Tls(Arc<Files>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

/// Why a certificate cannot be used. Each message is one sentence that names the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the files is not what it must be.
    #[error("{path} does not hold {expected}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What it must hold.
        expected: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The two do not go together.
    #[error("the certificate {certificate} and the key {key} do not go together: {reason}")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        reason: rustls::Error,
    },
}

impl Tls {
    /// Reads a certificate with its chain, and its private key, both PEM (RFC 7468). Blocks.
    ///
    /// # Errors
    /// When a file cannot be read, or the two do not go together.
    pub fn open(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.into(), key.into());
        let current = RwLock::new(read(&certificate, &key)?);
        Ok(Self(Arc::new(Files { certificate, key, current })))
    }

    /// Reads the files anew. Connections that are open keep what they have. Blocks.
    ///
    /// # Errors
    /// As [`Tls::open`]; the certificate from before is then used on.
    pub fn reload(&self) -> Result<(), TlsError> {
        let next = read(&self.0.certificate, &self.0.key)?;
        // Nothing panics while it is held, and each write replaces the whole.
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let current = Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(current).accept(stream).await
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let wrong = |path: &Path, expected, reason: String| TlsError::File {
        path: path.to_owned(),
        expected,
        reason,
    };
    let chain = (|| {
        let pem = fs::read(certificate).map_err(|error| error.to_string())?;
        let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| error.to_string())?;
        if chain.is_empty() { Err("there is none in it".to_owned()) } else { Ok(chain) }
    })()
    .map_err(|reason| wrong(certificate, "a PEM certificate", reason))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| wrong(key, "a PEM private key", error.to_string()))?;
    let unusable = |reason| TlsError::Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        reason,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
