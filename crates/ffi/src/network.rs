//! How requests leave the machine.

use std::{sync::Arc, time::Duration};

use minihost::{
    http::{self, Certificates, KeyPin, Limits, Proxy, ReqwestTransport, Roots},
    ports,
};
use url::Url;

use crate::{
    error::StartError,
    transport::{ForeignTransport, HttpAnswers, HttpTransport},
};

/// How requests leave the machine: by the SDK's own HTTP and TLS, or by the host app's. An object, since
/// the address of a proxy may hold a password.
#[derive(uniffi::Object)]
pub struct Network(Kind);

enum Kind {
    Sdk(Arc<ReqwestTransport>),
    Own(Arc<dyn HttpTransport>),
}

/// Whom the SDK's own TLS believes, and how long it waits.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NetworkSettings {
    /// Who may vouch for servers.
    pub roots: TrustedRoots,
    /// The keys that servers may have, as `sha256/` and 44 characters of base64 (RFC 7469 §2.4); any key,
    /// where none is named. Name a second one that is kept out of use.
    pub pins: Vec<String>,
    /// Milliseconds for a connection, its TLS included; 5 seconds where left out.
    #[uniffi(default = None)]
    pub connect_ms: Option<u64>,
    /// Milliseconds from the beginning to the head of the answer; 10 seconds where left out.
    #[uniffi(default = None)]
    pub first_byte_ms: Option<u64>,
}

/// Who may vouch for servers.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TrustedRoots {
    /// The platform's root certificates; on Android the ones that come with the SDK.
    Platform,
    /// These beside the platform's.
    PlatformAnd {
        /// One or more certificates (RFC 7468 §5).
        pem: String,
    },
    /// These and no others.
    Only {
        /// One or more certificates (RFC 7468 §5).
        pem: String,
    },
}

#[uniffi::export]
impl Network {
    /// The SDK's own HTTP and TLS, through the proxy that the environment names.
    ///
    /// # Errors
    /// [`StartError::Configuration`].
    #[uniffi::constructor]
    pub fn sdk(settings: NetworkSettings) -> Result<Self, StartError> {
        Self::with(settings, Proxy::Environment)
    }

    /// The same without a proxy.
    ///
    /// # Errors
    /// [`StartError::Configuration`].
    #[uniffi::constructor]
    pub fn direct(settings: NetworkSettings) -> Result<Self, StartError> {
        Self::with(settings, Proxy::Direct)
    }

    /// The same through this proxy: an `http` or `https` address, with the user and the password that it
    /// wants in it. The loopback interface is always reached straight.
    ///
    /// # Errors
    /// [`StartError::Configuration`].
    #[uniffi::constructor]
    pub fn through_proxy(settings: NetworkSettings, proxy: String) -> Result<Self, StartError> {
        // The address may hold a password, and is not repeated.
        let no_address = |_| StartError::Configuration("the proxy is no address".to_owned());
        Self::with(settings, Proxy::At(Url::parse(&proxy).map_err(no_address)?))
    }

    /// The host app's own. The SDK checks limits and refuses redirects above it.
    ///
    /// # Errors
    /// None today.
    #[uniffi::constructor]
    pub fn own(transport: Arc<dyn HttpTransport>) -> Result<Self, StartError> {
        Ok(Self(Kind::Own(transport)))
    }
}

impl Network {
    fn with(settings: NetworkSettings, proxy: Proxy) -> Result<Self, StartError> {
        let network = settings.read(proxy)?;
        Ok(Self(Kind::Sdk(Arc::new(ReqwestTransport::with(network)?))))
    }

    pub(crate) fn transport(&self, answers: &HttpAnswers) -> Arc<dyn ports::HttpTransport> {
        match &self.0 {
            Kind::Sdk(transport) => transport.clone(),
            Kind::Own(port) => Arc::new(ForeignTransport::new(port.clone(), answers.clone())),
        }
    }
}

impl NetworkSettings {
    fn read(self, proxy: Proxy) -> Result<http::Network, http::InvalidNetwork> {
        let own = |pem: &str| Certificates::from_pem(pem.as_bytes());
        let roots = match &self.roots {
            TrustedRoots::Platform => Roots::Platform,
            TrustedRoots::PlatformAnd { pem } => Roots::PlatformAnd(own(pem)?),
            TrustedRoots::Only { pem } => Roots::Only(own(pem)?),
        };
        let pins: Vec<KeyPin> =
            self.pins.iter().map(|pin| pin.parse()).collect::<Result<_, _>>()?;
        let usual = Limits::default();
        let limits = Limits {
            connect: self.connect_ms.map_or(usual.connect, Duration::from_millis),
            first_byte: self.first_byte_ms.map_or(usual.first_byte, Duration::from_millis),
        };
        Ok(http::Network { roots, pins, proxy, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> NetworkSettings {
        NetworkSettings {
            roots: TrustedRoots::Platform,
            pins: Vec::new(),
            connect_ms: None,
            first_byte_ms: Some(1),
        }
    }

    #[test]
    fn what_is_left_out_is_as_usual_and_the_rest_as_told() {
        let limits = settings().read(Proxy::Direct).unwrap_or_default().limits;
        assert_eq!(limits.connect, Limits::default().connect);
        assert_eq!(limits.first_byte, Duration::from_millis(1));
    }

    #[test]
    fn a_proxy_that_is_none_is_refused_without_its_password() {
        for proxy in ["socks5://user:hunter2@proxy.example", "user:hunter2@proxy.example:x"] {
            let refused = Network::through_proxy(settings(), proxy.to_owned()).err();
            let told = refused.expect("it is no proxy").to_string();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn roots_and_pins_that_cannot_be_read_are_refused() {
        let roots = TrustedRoots::Only { pem: "no certificate".into() };
        assert!(Network::sdk(NetworkSettings { roots, ..settings() }).is_err());
        let pins = vec!["sha256/AAAA".to_owned()];
        assert!(Network::direct(NetworkSettings { pins, ..settings() }).is_err());
    }
}
