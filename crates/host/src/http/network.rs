//! How requests leave the machine: whom to trust, through which proxy, with how much patience.

use std::{str::FromStr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use url::Url;

/// The settings of a [`ReqwestTransport`](super::ReqwestTransport). The default is right for a
/// server with a public certificate.
#[derive(Clone, Default)]
pub struct Network {
    /// Who may vouch for servers.
    pub roots: Roots,
    /// The keys that servers may have; any key, where none is named. They hold beside the
    /// certificates, never instead of them, and for every server that is reached over TLS.
    ///
    /// Name a second key that is kept out of use: a host whose only pinned key is replaced reaches
    /// its server no more.
    pub pins: Vec<KeyPin>,
    /// The way to servers outside this machine.
    pub proxy: Proxy,
    /// How long to wait.
    pub limits: Limits,
}

/// Who may vouch for servers.
#[derive(Clone, Default)]
pub enum Roots {
    /// The platform's root certificates, with what its user or administrator has added; on Android
    /// the ones that come with the SDK.
    #[default]
    Platform,
    /// These beside the platform's.
    PlatformAnd(Certificates),
    /// These and no others.
    Only(Certificates),
}

/// Root certificates of the host's own.
#[derive(Clone)]
pub struct Certificates(Vec<CertificateDer<'static>>);

impl Certificates {
    /// Reads one or more certificates in PEM (RFC 7468 §5). What stands between them is skipped.
    ///
    /// # Errors
    /// [`InvalidNetwork::Certificates`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidNetwork> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match read {
            Ok(certificates) if !certificates.is_empty() => Ok(Self(certificates)),
            _ => Err(InvalidNetwork::Certificates),
        }
    }

    pub(super) fn der(&self) -> impl Iterator<Item = CertificateDer<'static>> + '_ {
        self.0.iter().cloned()
    }
}

/// A key that a server may have: the SHA-256 of its certificate's SubjectPublicKeyInfo
/// (RFC 7469 §2.4). Of the server's own certificate, not of one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPin([u8; 32]);

impl KeyPin {
    /// The pin of a SubjectPublicKeyInfo in DER.
    pub fn of_public_key(subject_public_key_info: &[u8]) -> Self {
        let digest = digest(&SHA256, subject_public_key_info);
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

impl FromStr for KeyPin {
    type Err = InvalidNetwork;

    /// Reads `sha256/` and 44 characters of base64, the form that `curl --pinnedpubkey` and OkHttp
    /// use, whose `sha256//` is taken too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.strip_prefix("sha256/").ok_or(InvalidNetwork::Pin)?;
        let encoded = encoded.strip_prefix('/').unwrap_or(encoded);
        // 43 characters and the padding; shorter ones may begin with a slash of their own.
        let encoded = if encoded.len() == 43 { &text["sha256/".len()..] } else { encoded };
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidNetwork::Pin)?;
        bytes.try_into().map(Self).map_err(|_| InvalidNetwork::Pin)
    }
}

/// The way to servers outside this machine. The loopback interface is always reached straight.
#[derive(Clone, Default)]
pub enum Proxy {
    /// What the environment names: `HTTPS_PROXY` and `NO_PROXY`.
    #[default]
    Environment,
    /// None.
    Direct,
    /// This one, by `CONNECT` (RFC 9110 §9.3.6): an `http` or `https` address, with the user and the
    /// password that it wants in it.
    At(Url),
}

/// How long to wait. The whole of an exchange has its own limit, at most 30 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, its TLS included.
    pub connect: Duration,
    /// From the beginning to the head of the answer.
    pub first_byte: Duration,
}

impl Default for Limits {
    /// 5 and 10 seconds.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), first_byte: Duration::from_secs(10) }
    }
}

/// Why network settings are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// There is no certificate in it, or one that cannot be read.
    #[error("the root certificates cannot be read; give one or more certificates in PEM")]
    Certificates,
    /// Not in the form of a pin.
    #[error("a pin is `sha256/` and the base64 of 32 bytes")]
    Pin,
    /// Not the address of a proxy.
    #[error("a proxy is an http or https address")]
    Proxy,
}

impl Network {
    pub(super) fn check(&self) -> Result<(), InvalidNetwork> {
        match &self.proxy {
            Proxy::At(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
                Err(InvalidNetwork::Proxy)
            }
            Proxy::At(_) | Proxy::Environment | Proxy::Direct => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_in_both_of_its_usual_forms() {
        let pin = KeyPin::of_public_key(b"key");
        let encoded = STANDARD.encode(pin.0);
        assert_eq!(format!("sha256/{encoded}").parse(), Ok(pin));
        assert_eq!(format!("sha256//{encoded}").parse(), Ok(pin));
        let slash = KeyPin([0xff; 32]);
        assert!(STANDARD.encode(slash.0).starts_with('/'));
        assert_eq!(format!("sha256/{}", STANDARD.encode(slash.0)).parse(), Ok(slash));
        assert_eq!(format!("sha256//{}", STANDARD.encode(slash.0)).parse(), Ok(slash));
        for bad in ["", "sha256/", "sha1/AAAA", &encoded, "sha256/AAAA", "sha256/%"] {
            assert_eq!(bad.parse::<KeyPin>(), Err(InvalidNetwork::Pin), "{bad}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused_at_once() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        for bad in ["", "certificate", key, cut] {
            let read = Certificates::from_pem(bad.as_bytes());
            assert_eq!(read.err(), Some(InvalidNetwork::Certificates), "{bad}");
        }
    }

    #[test]
    fn a_proxy_speaks_http() {
        let check = |url: &str| {
            Network { proxy: Proxy::At(url.parse().unwrap()), ..Network::default() }.check()
        };
        assert_eq!(check("http://proxy.example:3128"), Ok(()));
        assert_eq!(check("https://user:password@proxy.example"), Ok(()));
        assert_eq!(check("socks5://proxy.example"), Err(InvalidNetwork::Proxy));
        assert_eq!(check("data:text/plain,x"), Err(InvalidNetwork::Proxy));
    }
}
