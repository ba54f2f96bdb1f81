//! What an authorization server says about itself (RFC 8414).

use minihost_core::Issuer;
use serde::Deserialize;
use url::Url;

use crate::http::secure_url;

const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
const WELL_KNOWN_OPENID: &str = "/.well-known/openid-configuration";

/// The text is not an issuer identifier (RFC 8414 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an issuer must be an https URL, or http on the loopback interface, without query and fragment"
)]
pub struct InvalidIssuer;

/// An issuer and where its metadata lies.
#[derive(Clone)]
pub(crate) struct ServerAddress {
    issuer: Issuer,
    metadata: Url,
    openid: Url,
}

impl ServerAddress {
    pub(crate) fn new(issuer: Issuer) -> Result<Self, InvalidIssuer> {
        let mut metadata = secure_url(issuer.as_str()).map_err(|_| InvalidIssuer)?;
        if metadata.query().is_some() {
            return Err(InvalidIssuer);
        }
        // RFC 8414 §3.1: between the host and the path of the issuer.
        let path = metadata.path().trim_end_matches('/').to_owned();
        let mut openid = metadata.clone();
        openid.set_path(&format!("{path}{WELL_KNOWN_OPENID}"));
        metadata.set_path(&format!("{WELL_KNOWN}{path}"));
        Ok(Self { issuer, metadata, openid })
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(crate) fn metadata(&self) -> &Url {
        &self.metadata
    }

    /// Where servers of OpenID alone have it (OpenID Connect Discovery §4): behind the path.
    pub(crate) fn openid_metadata(&self) -> &Url {
        &self.openid
    }
}

/// The part of the metadata that the SDK reads, of a server that is the one it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerMetadata {
    pub(crate) issuer: Issuer,
    /// For a browser; only the profile `authorize` sends anything there.
    pub(crate) authorization_endpoint: Option<Url>,
    pub(crate) token_endpoint: Option<Url>,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) challenge_endpoint: Option<Url>,
    /// Grant Management for OAuth 2.0 §7.
    pub(crate) grant_management_endpoint: Option<Url>,
    /// Where a host answers for its user what another device asks; an extension.
    pub(crate) device_approval_endpoint: Option<Url>,
    /// RFC 7009.
    pub(crate) revocation_endpoint: Option<Url>,
    /// RFC 7662; only a backend sends anything there.
    pub(crate) introspection_endpoint: Option<Url>,
    /// RFC 9126 §5.
    pub(crate) pushed_authorization_request_endpoint: Option<Url>,
    pub(crate) host_mediation: HostMediation,
    pub(crate) response_names_issuer: NamesIssuer,
    pub(crate) dpop: Dpop,
}

/// Whether tokens can be bound to a key (RFC 9449 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dpop {
    /// To one of the kind that the SDK makes.
    Es256,
    NotOffered,
}

/// Whether authorization responses have `iss` (RFC 9207 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamesIssuer {
    Always,
    Perhaps,
}

/// Whether the server issues codes to a host for other clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostMediation {
    Supported,
    NotSupported,
}

/// Why metadata is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetadataError {
    /// There is none.
    Absent,
    /// Not in the form of RFC 8414.
    Malformed,
    /// It is another server's (RFC 8414 §3.3).
    OtherIssuer,
    /// An endpoint is not one that secrets may go to.
    InsecureEndpoint,
}

impl ServerMetadata {
    /// What a host needs and the server does not have, by its name in RFC 8414.
    pub(crate) fn missing(&self, mediation: bool) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let mut need = |name, is_there: bool| {
            if !is_there {
                missing.push(name);
            }
        };
        need("token_endpoint", self.token_endpoint.is_some());
        need("userinfo_endpoint", self.userinfo_endpoint.is_some());
        need("authorization_endpoint", self.authorization_endpoint.is_some());
        if mediation {
            need("host_mediation_supported", self.host_mediation == HostMediation::Supported);
            need("authorization_challenge_endpoint", self.challenge_endpoint.is_some());
        }
        missing
    }

    pub(crate) fn read(address: &ServerAddress, json: &[u8]) -> Result<Self, MetadataError> {
        #[derive(Deserialize)]
        struct Document {
            issuer: String,
            authorization_endpoint: Option<String>,
            token_endpoint: Option<String>,
            userinfo_endpoint: Option<String>,
            authorization_challenge_endpoint: Option<String>,
            grant_management_endpoint: Option<String>,
            device_approval_endpoint: Option<String>,
            revocation_endpoint: Option<String>,
            introspection_endpoint: Option<String>,
            pushed_authorization_request_endpoint: Option<String>,
            #[serde(default)]
            dpop_signing_alg_values_supported: Vec<String>,
            #[serde(default)]
            host_mediation_supported: bool,
            #[serde(default)]
            authorization_response_iss_parameter_supported: bool,
        }
        let document: Document =
            serde_json::from_slice(json).map_err(|_| MetadataError::Malformed)?;
        if document.issuer != address.issuer.as_str() {
            return Err(MetadataError::OtherIssuer);
        }
        let endpoint = |text: Option<String>| {
            text.map(|text| {
                let url = secure_url(&text).map_err(|_| MetadataError::InsecureEndpoint)?;
                // Plain HTTP is for development, where the issuer itself has no TLS.
                let no_weaker = url.scheme() == "https" || address.metadata.scheme() == "http";
                if no_weaker { Ok(url) } else { Err(MetadataError::InsecureEndpoint) }
            })
            .transpose()
        };
        Ok(Self {
            authorization_endpoint: endpoint(document.authorization_endpoint)?,
            token_endpoint: endpoint(document.token_endpoint)?,
            userinfo_endpoint: endpoint(document.userinfo_endpoint)?,
            challenge_endpoint: endpoint(document.authorization_challenge_endpoint)?,
            grant_management_endpoint: endpoint(document.grant_management_endpoint)?,
            device_approval_endpoint: endpoint(document.device_approval_endpoint)?,
            revocation_endpoint: endpoint(document.revocation_endpoint)?,
            introspection_endpoint: endpoint(document.introspection_endpoint)?,
            pushed_authorization_request_endpoint: endpoint(
                document.pushed_authorization_request_endpoint,
            )?,
            response_names_issuer: if document.authorization_response_iss_parameter_supported {
                NamesIssuer::Always
            } else {
                NamesIssuer::Perhaps
            },
            dpop: if document.dpop_signing_alg_values_supported.iter().any(|alg| alg == "ES256") {
                Dpop::Es256
            } else {
                Dpop::NotOffered
            },
            host_mediation: if document.host_mediation_supported {
                HostMediation::Supported
            } else {
                HostMediation::NotSupported
            },
            issuer: Issuer::new(document.issuer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::scripted::metadata;

    fn address(issuer: &str) -> ServerAddress {
        ServerAddress::new(Issuer::new(issuer)).unwrap()
    }

    #[test]
    fn the_metadata_lies_between_host_and_path() {
        let well_known = |issuer| address(issuer).metadata.to_string();
        let root = "https://as.example/.well-known/oauth-authorization-server";
        assert_eq!(well_known("https://as.example"), root);
        assert_eq!(well_known("https://as.example/"), root);
        assert_eq!(well_known("https://as.example/tenant/1"), format!("{root}/tenant/1"));
        let openid = |issuer| address(issuer).openid.to_string();
        let name = ".well-known/openid-configuration";
        assert_eq!(openid("https://as.example/"), format!("https://as.example/{name}"));
        assert_eq!(openid("https://as.example/t/1"), format!("https://as.example/t/1/{name}"));
    }

    #[test]
    fn what_is_no_issuer_is_refused_at_once() {
        for bad in
            ["", "as.example", "http://as.example", "https://a.example?q", "https://a.example/#f"]
        {
            assert_eq!(ServerAddress::new(Issuer::new(bad)).err(), Some(InvalidIssuer), "{bad}");
        }
    }

    #[test]
    fn only_the_very_issuer_that_was_asked_is_believed() {
        let read = |asked, says| {
            let json = metadata(says).to_string();
            ServerMetadata::read(&address(asked), json.as_bytes())
        };
        assert!(read("https://as.example", "https://as.example").is_ok());
        for other in [
            "https://as.example/",
            "https://AS.example",
            "https://as.example:443",
            "https://as.example.evil.example",
            "",
        ] {
            let refused = Err(MetadataError::OtherIssuer);
            assert_eq!(read("https://as.example", other), refused, "{other}");
        }
    }

    #[test]
    fn endpoints_are_as_secure_as_the_issuer() {
        let read = |issuer: &str, endpoint: &str| {
            let json = json!({"issuer": issuer, "token_endpoint": endpoint}).to_string();
            ServerMetadata::read(&address(issuer), json.as_bytes()).map(|_| ())
        };
        assert_eq!(read("https://as.example", "https://tokens.example/token"), Ok(()));
        assert_eq!(read("http://127.0.0.1:1", "http://127.0.0.1:1/token"), Ok(()));
        let refused = Err(MetadataError::InsecureEndpoint);
        for bad in ["http://as.example/token", "http://127.0.0.1/token", "/token", ""] {
            assert_eq!(read("https://as.example", bad), refused, "{bad}");
        }
    }

    #[test]
    fn mediation_is_not_supported_unless_the_server_says_so() {
        let read = |member: serde_json::Value| {
            let mut json = json!({"issuer": "https://as.example"});
            json["host_mediation_supported"] = member;
            ServerMetadata::read(&address("https://as.example"), json.to_string().as_bytes())
                .map(|metadata| metadata.host_mediation)
        };
        assert_eq!(read(json!(true)), Ok(HostMediation::Supported));
        assert_eq!(read(json!(false)), Ok(HostMediation::NotSupported));
        assert_eq!(read(json!("true")), Err(MetadataError::Malformed));
        let without = ServerMetadata::read(
            &address("https://as.example"),
            br#"{"issuer":"https://as.example","unknown":[1]}"#,
        );
        assert_eq!(without.unwrap().host_mediation, HostMediation::NotSupported);
    }

    #[test]
    fn a_member_that_is_there_twice_is_not_chosen_from() {
        let json = br#"{"issuer":"https://as.example","issuer":"https://as.example"}"#;
        let read = ServerMetadata::read(&address("https://as.example"), json);
        assert_eq!(read, Err(MetadataError::Malformed));
    }
}
