//! Whom to believe over TLS.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::network::{KeyPin, Network, Roots};

/// The TLS client of these settings: TLS 1.2 and 1.3 with ring.
pub(super) fn config(network: &Network) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let mut verifier = verifier(&network.roots, &provider)?;
    if !network.pins.is_empty() {
        verifier = Arc::new(Pinned { certificates: verifier, pins: network.pins.clone() });
    }
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn verifier(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    match roots {
        Roots::Platform => platform(&[], provider),
        Roots::PlatformAnd(own) => platform(&own.der().collect::<Vec<_>>(), provider),
        Roots::Only(own) => web_pki(own.der(), provider),
    }
}

#[cfg(not(target_os = "android"))]
fn platform(
    own: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let own = own.iter().cloned();
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(own, provider.clone())?;
    Ok(Arc::new(verifier))
}

/// The platform's own verifier would need a class in the app and a JVM handed to it first.
#[cfg(target_os = "android")]
fn platform(
    own: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
    web_pki(bundled.chain(own.iter().cloned()), provider)
}

fn web_pki(
    roots: impl Iterator<Item = CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(store.into(), provider.clone());
    Ok(verifier.build().map_err(|error| Error::General(error.to_string()))?)
}

/// Believes a server whose certificates hold and whose key is one of these.
#[derive(Debug)]
struct Pinned {
    certificates: Arc<dyn ServerCertVerifier>,
    pins: Vec<KeyPin>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.certificates.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        // The server's own key alone: any certificate can be put among the intermediates.
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let pin = KeyPin::of_public_key(&certificate.subject_public_key_info());
        if self.pins.contains(&pin) {
            Ok(verified)
        } else {
            Err(Error::InvalidCertificate(CertificateError::Other(rustls::OtherError(Arc::new(
                NotPinned,
            )))))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.certificates.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.certificates.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.certificates.supported_verify_schemes()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the server's key is none of those that are pinned")]
struct NotPinned;
