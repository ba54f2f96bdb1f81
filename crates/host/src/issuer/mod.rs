//! Code requests: asking the authorization server for a code on behalf of a mini-program.
//!
//! [`ChallengeIssuer`] speaks the `challenge` profile: a form POST to the authorization challenge
//! endpoint of draft-ietf-oauth-first-party-apps, with one parameter more that names the client
//! the code is for. Other ways come in through [`CodeIssuer`](crate::ports::CodeIssuer).

mod challenge;
mod challenge_answer;
mod client_authentication;
mod discovery;
mod issue_error;
mod server_metadata;

pub use challenge::{ChallengeConfig, ChallengeIssuer};
pub use client_authentication::{ClientAuthentication, ClientSecret};
pub(crate) use discovery::{Discovery, DiscoveryError};
pub use issue_error::IssueError;
pub use server_metadata::InvalidIssuer;
pub(crate) use server_metadata::ServerAddress;

/// The readers, for tests/fuzz.
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing {
    use minihost_core::{CodeRequest, IssuedCode, Issuer};
    use url::Url;

    use super::{
        IssueError, ServerAddress, challenge_answer,
        server_metadata::{HostMediation, ServerMetadata},
    };

    pub(crate) fn code_response(
        json: &[u8],
        request: &CodeRequest,
        issuer: &Issuer,
    ) -> Result<IssuedCode, IssueError> {
        challenge_answer::read(json, request, issuer)
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
            host_mediation: HostMediation::Supported | HostMediation::NotSupported,
        } = ServerMetadata::read(&address, json).ok()?;
        assert_eq!(named, *issuer, "metadata of another server");
        let endpoints = [
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            challenge_endpoint,
            grant_management_endpoint,
            device_approval_endpoint,
        ];
        Some(endpoints.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests;
