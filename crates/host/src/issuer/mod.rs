//! Code requests: asking the authorization server for a code on behalf of a mini-program.
//!
//! | profile | how | for |
//! |---|---|---|
//! | [`ChallengeIssuer`] | a form POST to the authorization challenge endpoint of draft-ietf-oauth-first-party-apps, with one parameter more that names the client the code is for | servers that have it |
//! | [`AuthorizeIssuer`] | the ordinary authorization endpoint without a browser | servers whose endpoint takes a token or a session |
//! | [`RelayIssuer`] | a JSON POST to the host's own backend | phones, and whatever needs more power than an app may hold |
//!
//! [`code_issuer`] makes one of them from [`ProfileSettings`], which are data. Other ways come in
//! through [`CodeIssuer`](crate::ports::CodeIssuer).

#[cfg(feature = "backend")]
pub mod backend;

mod assurance;
mod authorize;
mod authorize_answer;
mod authorize_settings;
mod basic;
mod call;
mod call_request;
mod challenge;
mod challenge_answer;
mod client_assertion;
mod client_authentication;
mod client_secret;
mod code_checks;
mod credentials;
mod discovery;
mod front_channel;
mod grant_handle;
mod issue_error;
mod issue_reason;
mod jar;
mod next_step;
mod parameters;
mod profile;
mod relay;
mod relay_answer;
mod server;
mod server_metadata;
mod setback;
mod settings_error;
mod template;
mod wanted;

pub use assurance::{Assurance, StaticSecretInApp};
pub use authorize::{AuthorizeConfig, AuthorizeIssuer};
pub use authorize_settings::{AuthorizeSettings, Calls, UserProof};
pub use call::{CallMethod, CallSettings, Caller};
pub use challenge::{ChallengeConfig, ChallengeIssuer, ChallengeSettings};
pub use client_assertion::AssertionAudience;
pub use client_authentication::ClientAuthentication;
pub use client_secret::ClientSecret;
pub use credentials::CredentialError;
pub(crate) use credentials::{Asserted, Destination};
pub(crate) use discovery::{Discovery, DiscoveryError};
pub use issue_error::IssueError;
pub use next_step::NextStep;
pub use parameters::ParameterSettings;
pub use profile::{CodeIssuerConfig, ProfileSettings, code_issuer};
pub use relay::{RelayConfig, RelayIssuer, RelaySettings};
pub use server_metadata::InvalidIssuer;
pub(crate) use server_metadata::{Dpop, MetadataError, NamesIssuer, ServerAddress, ServerMetadata};
pub use settings_error::InvalidSettings;

/// The readers, for tests/fuzz.
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing {
    use minihost_core::{CodeRequest, IssuedCode, Issuer};
    use url::Url;

    use super::{
        IssueError, ServerAddress, challenge_answer,
        server_metadata::{HostMediation, NamesIssuer, ServerMetadata},
    };

    pub(crate) fn code_response(
        json: &[u8],
        request: &CodeRequest,
        issuer: &Issuer,
    ) -> Result<IssuedCode, IssueError> {
        challenge_answer::read(json, &request.into(), issuer)
    }

    pub(crate) fn server_metadata(issuer: &Issuer, json: &[u8]) -> Option<Vec<Url>> {
        let address = ServerAddress::new(issuer.clone()).ok()?;
        let ServerMetadata {
            issuer: named,
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            challenge_endpoint,
            grant_management_endpoint,
            device_approval_endpoint,
            revocation_endpoint,
            introspection_endpoint,
            pushed_authorization_request_endpoint,
            host_mediation: HostMediation::Supported | HostMediation::NotSupported,
            response_names_issuer: NamesIssuer::Always | NamesIssuer::Perhaps,
            dpop: _,
        } = ServerMetadata::read(&address, json).ok()?;
        assert_eq!(named, *issuer, "metadata of another server");
        let endpoints = [
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            challenge_endpoint,
            grant_management_endpoint,
            device_approval_endpoint,
            revocation_endpoint,
            introspection_endpoint,
            pushed_authorization_request_endpoint,
        ];
        Some(endpoints.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod authorize_tests;
#[cfg(test)]
mod bound_token_tests;
#[cfg(test)]
mod challenge_tests;
#[cfg(test)]
mod ending_tests;
#[cfg(test)]
mod issuing;
#[cfg(test)]
mod loopback;
#[cfg(test)]
mod relay_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tokens;
