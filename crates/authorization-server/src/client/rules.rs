//! The rules between the members of a registration.

use std::time::Duration;

use super::checked::Client;
use super::{
    Application, ClientKind, ClientRegistration, Dialect, GrantType, Proof, RefreshPolicy,
    Requirement,
};
use crate::error::InvalidRegistration;
use crate::redirect_uri::RedirectUri;
use crate::scope::MEDIATE;

const MIN_HOST_ACCESS: Duration = Duration::from_secs(600);
const MAX_ACCESS: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_REFRESH: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl ClientRegistration {
    /// Checks the rules and drops the secret in clear.
    pub(crate) fn check(self) -> Result<Client, InvalidRegistration> {
        let client = self.unchecked();
        kind(&client)?;
        secrecy(&client)?;
        lifetimes(&client)?;
        if !client.default_scopes.is_subset(&client.scopes) {
            return Err(InvalidRegistration::DefaultScopes);
        }
        if client.dpop == Requirement::Required && client.may_use(GrantType::Implicit) {
            return Err(InvalidRegistration::ImplicitGrantWithDpop);
        }
        Ok(client)
    }

    /// Only drops the secret in clear.
    pub(crate) fn unchecked(self) -> Client {
        Client {
            proof: Proof::from(&self.authentication),
            id: self.id,
            names: self.names,
            publisher: self.publisher,
            application: self.application,
            kind: self.kind,
            grants: self.grants,
            redirect_uris: self.redirect_uris,
            origins: self.origins,
            scopes: self.scopes,
            default_scopes: self.default_scopes,
            resources: self.resources,
            access_token_lifetime: Duration::from_secs(self.access_token_lifetime.as_secs()),
            refresh: self.refresh,
            id_token_algorithm: self.id_token_algorithm,
            pkce: self.pkce,
            pushed_requests: self.pushed_requests,
            dpop: self.dpop,
            assertions: self.assertions,
            dialect: self.dialect,
            accounts: self.accounts,
        }
    }
}

/// What goes with being a host, a mini-program or a resource server.
fn kind(client: &Client) -> Result<(), InvalidRegistration> {
    let is_host = matches!(client.kind, ClientKind::Host { .. });
    if client.scopes.contains(MEDIATE) && !is_host {
        return Err(InvalidRegistration::Mediate);
    }
    if client.may_use(GrantType::Password) && !is_host {
        return Err(InvalidRegistration::PasswordGrantOfOther);
    }
    let on_device = is_host || client.application == Application::Native;
    if !on_device && client.redirect_uris.iter().any(RedirectUri::is_private_use) {
        return Err(InvalidRegistration::PrivateUseOfWeb);
    }
    match client.kind {
        ClientKind::MiniProgram if client.redirect_uris.is_empty() && is_redirected_to(client) => {
            Err(InvalidRegistration::NoRedirectUri)
        }
        ClientKind::ResourceServer { .. } if !client.grants.is_empty() => {
            Err(InvalidRegistration::GrantOfResourceServer)
        }
        ClientKind::ResourceServer { .. } if !client.is_confidential() => {
            Err(InvalidRegistration::ResourceServerWithoutProof)
        }
        _ => Ok(()),
    }
}

/// Whether it is sent answers by redirect (RFC 6749 §3.1.2).
fn is_redirected_to(client: &Client) -> bool {
    [GrantType::AuthorizationCode, GrantType::Implicit]
        .into_iter()
        .any(|grant| client.may_use(grant))
}

/// What only a client that proves who it is may do, and what only one that does not.
fn secrecy(client: &Client) -> Result<(), InvalidRegistration> {
    if client.is_confidential() {
        return match client.origins.as_slice() {
            [] => Ok(()),
            _ => Err(InvalidRegistration::OriginsOfConfidentialClient),
        };
    }
    if client.may_use(GrantType::Password) {
        Err(InvalidRegistration::PasswordGrantWithoutSecret)
    } else if client.may_use(GrantType::ClientCredentials) {
        Err(InvalidRegistration::ClientCredentialsWithoutProof)
    } else if matches!(client.refresh, RefreshPolicy::Fixed { .. }) {
        Err(InvalidRegistration::FixedRefreshOfPublicClient)
    } else if client.pkce != Requirement::Required {
        Err(InvalidRegistration::PublicClientWithoutPkce)
    } else if client.dialect != Dialect::Standard {
        Err(InvalidRegistration::DialectOfPublicClient)
    } else {
        Ok(())
    }
}

fn lifetimes(client: &Client) -> Result<(), InvalidRegistration> {
    let shortest = match client.kind {
        ClientKind::Host { .. } => MIN_HOST_ACCESS,
        _ => Duration::from_secs(1),
    };
    if !(shortest..=MAX_ACCESS).contains(&client.access_token_lifetime) {
        return Err(InvalidRegistration::AccessTokenLifetime);
    }
    let fits = |lifetime| (Duration::from_secs(1)..=MAX_REFRESH).contains(&lifetime);
    if !client.refresh.lifetime().is_none_or(fits) {
        return Err(InvalidRegistration::RefreshTokenLifetime);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{ClientAuthentication, ClientId, WebOrigin};
    use super::*;
    use crate::resource::Resource;
    use crate::scope::Scopes;
    use crate::secret::ClientSecret;

    fn client(kind: ClientKind) -> ClientRegistration {
        let secret = ClientAuthentication::Secret(ClientSecret::generate().unwrap());
        let mut registration = ClientRegistration::new(
            ClientId::new("c").unwrap(),
            kind,
            secret,
            Scopes::parse("openid").unwrap(),
        );
        registration.redirect_uris = vec![RedirectUri::new("https://a.example/callback").unwrap()];
        registration
    }

    fn host() -> ClientRegistration {
        client(ClientKind::Host {
            may_mediate_for: Vec::new(),
            consent_evidence: Requirement::Optional,
        })
    }

    fn program() -> ClientRegistration {
        client(ClientKind::MiniProgram)
    }

    fn resource_server() -> ClientRegistration {
        let resource = Resource::new("https://api.example").unwrap();
        client(ClientKind::ResourceServer { resource })
    }

    fn public(mut registration: ClientRegistration) -> ClientRegistration {
        registration.authentication = ClientAuthentication::None;
        registration.refresh = RefreshPolicy::None;
        registration
    }

    fn with(
        mut registration: ClientRegistration,
        change: impl FnOnce(&mut ClientRegistration),
    ) -> ClientRegistration {
        change(&mut registration);
        registration
    }

    #[test]
    fn contradictory_registrations_are_refused() {
        use InvalidRegistration as Invalid;
        let seconds = Duration::from_secs;
        let grant = |grant| move |c: &mut ClientRegistration| c.grants = [grant].into();
        let mediate = Scopes::parse("mediate").unwrap();
        let origin = WebOrigin::new("https://a.example").unwrap();
        for (expected, registration) in [
            (Invalid::NoRedirectUri, with(program(), |c| c.redirect_uris.clear())),
            (
                Invalid::NoRedirectUri,
                with(program(), |c| {
                    c.grants = [GrantType::Implicit].into();
                    c.redirect_uris.clear();
                }),
            ),
            (Invalid::Mediate, with(program(), |c| c.scopes = mediate)),
            (Invalid::PasswordGrantOfOther, with(program(), grant(GrantType::Password))),
            (
                Invalid::GrantOfResourceServer,
                with(resource_server(), grant(GrantType::ClientCredentials)),
            ),
            (Invalid::ResourceServerWithoutProof, public(resource_server())),
            (Invalid::PasswordGrantWithoutSecret, with(public(host()), grant(GrantType::Password))),
            (
                Invalid::ClientCredentialsWithoutProof,
                with(public(program()), grant(GrantType::ClientCredentials)),
            ),
            (
                Invalid::FixedRefreshOfPublicClient,
                with(public(program()), |c| {
                    c.refresh = RefreshPolicy::Fixed { lifetime: seconds(60) };
                }),
            ),
            (
                Invalid::PublicClientWithoutPkce,
                with(public(program()), |c| c.pkce = Requirement::Optional),
            ),
            (
                Invalid::DialectOfPublicClient,
                with(public(program()), |c| c.dialect = Dialect::OpenPlatform),
            ),
            (
                Invalid::ImplicitGrantWithDpop,
                with(program(), |c| {
                    c.grants = [GrantType::Implicit].into();
                    c.dpop = Requirement::Required;
                }),
            ),
            (Invalid::OriginsOfConfidentialClient, with(program(), |c| c.origins = vec![origin])),
            (
                Invalid::AccessTokenLifetime,
                with(host(), |c| c.access_token_lifetime = seconds(599)),
            ),
            (
                Invalid::AccessTokenLifetime,
                with(program(), |c| c.access_token_lifetime = seconds(86_401)),
            ),
            (
                Invalid::AccessTokenLifetime,
                with(program(), |c| c.access_token_lifetime = Duration::from_millis(999)),
            ),
            (
                Invalid::RefreshTokenLifetime,
                with(program(), |c| {
                    c.refresh = RefreshPolicy::Rotating { lifetime: Duration::ZERO };
                }),
            ),
            (
                Invalid::DefaultScopes,
                with(program(), |c| c.default_scopes = Scopes::parse("email").unwrap()),
            ),
        ] {
            assert_eq!(registration.check().err(), Some(expected));
        }
        for registration in [
            host(),
            program(),
            with(resource_server(), |c| c.redirect_uris.clear()),
            public(host()),
            public(program()),
            with(host(), grant(GrantType::Password)),
            with(program(), grant(GrantType::ClientCredentials)),
            with(program(), |c| {
                c.grants = [GrantType::DeviceCode].into();
                c.redirect_uris.clear();
            }),
        ] {
            assert_eq!(registration.check().err(), None);
        }
    }

    #[test]
    fn a_private_use_scheme_is_for_programs_on_their_users_device() {
        let own = |client| with(client, |c| c.redirect_uris = vec![own_scheme()]);
        assert_eq!(own(program()).check().err(), Some(InvalidRegistration::PrivateUseOfWeb));
        assert_eq!(own(host()).check().err(), None);
        let native = with(own(program()), |c| {
            c.application = Application::Native;
            c.refresh = RefreshPolicy::None;
        });
        assert_eq!(native.check().err(), None);
    }

    fn own_scheme() -> RedirectUri {
        RedirectUri::new("com.example.app:/signed-in").unwrap()
    }

    #[test]
    fn a9_a_shared_secret_in_an_installed_program_makes_no_confidential_client() {
        let native = with(program(), |c| c.application = Application::Native);
        let refused = native.check().err();
        assert_eq!(refused, Some(InvalidRegistration::FixedRefreshOfPublicClient));
        let native = with(program(), |c| {
            c.application = Application::Native;
            c.refresh = RefreshPolicy::None;
        });
        assert!(!native.check().ok().unwrap().is_confidential());
        assert!(program().check().ok().unwrap().is_confidential());
        assert!(!public(program()).check().ok().unwrap().is_confidential());
    }

    #[test]
    fn a_stored_client_is_read_back_as_it_was() {
        let client = program().check().ok().unwrap();
        let stored = serde_json::to_string(&client).unwrap();
        let read: Client = serde_json::from_str(&stored).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    }
}
