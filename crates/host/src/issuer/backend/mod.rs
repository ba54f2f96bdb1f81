//! For a host's own backend: makes the code requests of apps that hold no credentials.
//!
//! In an app no code exists without a consent that the mediator saw, and the types see to it. A
//! backend has only the app's word for it, so this is no part of what an app is built with: it takes
//! the feature `backend`. A backend authenticates the app's user by the token that the app shows, and
//! holds every request against what it has registered itself.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost_core::{AskedCode, CorrelationId, GrantId, IssuedCode, Issuer, Scope, User, UserId};
use serde::Deserialize;
use serde_json::Value;

mod proof;

pub use proof::{ProofChecker, ProofError, Proven};

use super::{
    ClientAuthentication, InvalidSettings, IssueError, ProfileSettings,
    authorize::AuthorizeProfile,
    challenge::ChallengeProfile,
    credentials::Destination,
    server::{Server, in_time},
    wanted::{Evidence, Wanted},
};
use crate::{
    clock::Clock,
    http::{Answer, Form},
    ports::{GrantEnding, HttpTransport, SessionError, UserSession, UserToken},
};

/// How a backend makes code requests.
pub struct BackendConfig {
    /// The authorization server.
    pub issuer: Issuer,
    /// The host's own credentials.
    pub client: ClientAuthentication,
    /// The profile, which may have more power than an app may hold.
    pub profile: ProfileSettings,
}

/// A code that an app asks for on behalf of its user.
pub struct Mediated {
    /// Whose token it is.
    pub holder: Holder,
    /// The user's token, as the app showed it.
    pub token: UserToken,
    /// What the mini-program asks for.
    pub asked: AskedCode,
    /// What the user agreed to.
    pub scopes: BTreeSet<Scope>,
    /// The evidence of it, as the app gave it.
    pub consent: Value,
    /// For the log.
    pub correlation: CorrelationId,
    /// How long it may take in all.
    pub time_allowed: Duration,
}

/// Whose token an app showed (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The user, `sub`.
    pub user: UserId,
    /// What the server calls the user, else `user` again.
    pub name: String,
    /// The client that the token was issued to.
    pub client: Option<String>,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// What whoever shows it must show beside it.
    pub binding: Binding,
}

/// What a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: whoever has it can use it.
    Bearer,
    /// The key with this thumbprint, of which a proof goes along (RFC 9449 §6).
    Key(String),
    /// Something else, such as a certificate (RFC 8705 §3).
    Other,
}

impl Binding {
    /// Reads `cnf` of an introspection (RFC 7800 §3.1).
    fn read(confirmation: Option<&Value>) -> Self {
        let Some(confirmation) = confirmation else { return Self::Bearer };
        let key = confirmation.get("jkt").and_then(Value::as_str);
        match (key, confirmation.as_object().map_or(0, serde_json::Map::len)) {
            (Some(key), 1) => Self::Key(key.to_owned()),
            _ => Self::Other,
        }
    }
}

/// Makes code requests for apps.
pub struct Backend {
    profile: Profile,
    client: ClientAuthentication,
    server: Server,
}

enum Profile {
    Challenge(Box<ChallengeProfile>),
    Authorize(Box<AuthorizeProfile>),
}

impl Backend {
    /// A backend that has not talked to its server yet.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn new(
        config: BackendConfig,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let BackendConfig { issuer, client, profile } = config;
        let server = Server::new(issuer, transport, clock)?;
        let profile = match profile {
            ProfileSettings::Challenge(settings) => {
                let profile = ChallengeProfile::new(server.clone(), settings, client.clone())?;
                Profile::Challenge(Box::new(profile))
            }
            ProfileSettings::Authorize(settings) => {
                let client = Some(client.clone());
                let profile = AuthorizeProfile::new(server.clone(), *settings, client)?;
                Profile::Authorize(Box::new(profile))
            }
            ProfileSettings::Relay(_) => {
                return Err(InvalidSettings::new(
                    "a backend talks to the authorization server itself, so its profile cannot be `relay`",
                ));
            }
        };
        Ok(Self { profile, client, server })
    }

    /// Asks the server whose token this is (RFC 7662). `None`: nobody's any more.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn holder(
        &self,
        token: &UserToken,
        time_allowed: Duration,
    ) -> Result<Option<Holder>, IssueError> {
        in_time(time_allowed, self.introspect(token, time_allowed)).await
    }

    /// Makes one code request.
    ///
    /// # Errors
    /// [`IssueError`]. The user's token is not refreshed: that is the app's.
    pub async fn issue(&self, mediated: &Mediated) -> Result<IssuedCode, IssueError> {
        let session = Shown::new(&mediated.holder, &mediated.token);
        let wanted = Wanted {
            user: &session.user,
            asked: &mediated.asked,
            scopes: &mediated.scopes,
            consent: Evidence::OfApp(&mediated.consent),
            jti: "",
            correlation: &mediated.correlation,
            time_allowed: mediated.time_allowed,
        };
        match &self.profile {
            Profile::Challenge(profile) => profile.issue(&wanted, &session).await,
            Profile::Authorize(profile) => profile.issue(&wanted, &session).await,
        }
    }

    /// Ends a grant by the id that its code came with.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn end_grant(
        &self,
        grant: &GrantId,
        holder: &Holder,
        token: &UserToken,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        match &self.profile {
            Profile::Challenge(profile) => profile.end_grant(grant, time_allowed).await,
            Profile::Authorize(profile) => {
                let session = Shown::new(holder, token);
                profile.end_grant(grant, &session, time_allowed).await
            }
        }
    }

    async fn introspect(
        &self,
        token: &UserToken,
        time_allowed: Duration,
    ) -> Result<Option<Holder>, IssueError> {
        let metadata = self.server.metadata().await?;
        let endpoint = metadata.introspection_endpoint.as_ref();
        let endpoint =
            endpoint.ok_or(IssueError::BadMetadata { what: "it has no introspection_endpoint" })?;
        let mut form = Form::new("token", token.expose());
        form.add("token_type_hint", "access_token");
        let now = self.server.exchange.now();
        let destination = Destination { issuer: &metadata.issuer, endpoint, now };
        let post = self.client.post(form, destination, time_allowed).await?;
        match self.server.exchange.send(post).await? {
            Answer::Success(response) => read(response.body()),
            Answer::Refused(_) => Err(IssueError::HostRejected { error: "invalid_client" }),
        }
    }
}

fn read(json: &[u8]) -> Result<Option<Holder>, IssueError> {
    #[derive(Deserialize)]
    struct Introspection {
        active: bool,
        sub: Option<String>,
        username: Option<String>,
        client_id: Option<String>,
        scope: Option<String>,
        cnf: Option<Value>,
    }
    let bad = |what| IssueError::BadAnswer { what };
    let told: Introspection = serde_json::from_slice(json)
        .map_err(|_| bad("it is not JSON in the form of an introspection response"))?;
    if !told.active {
        return Ok(None);
    }
    let sub = told.sub.filter(|sub| !sub.is_empty());
    let sub = sub.ok_or(bad("an active token has no sub"))?;
    Ok(Some(Holder {
        name: told.username.unwrap_or_else(|| sub.clone()),
        user: UserId::new(sub),
        client: told.client_id,
        scopes: Scope::parse_list(told.scope.as_deref().unwrap_or_default()),
        binding: Binding::read(told.cnf.as_ref()),
    }))
}

/// The session of one request: the token that was shown, and no other.
struct Shown {
    user: User,
    token: UserToken,
}

impl Shown {
    fn new(holder: &Holder, token: &UserToken) -> Self {
        let (id, display_name) = (holder.user.clone(), holder.name.clone());
        Self { user: User { id, display_name, epoch: 0 }, token: token.clone() }
    }
}

#[async_trait]
impl UserSession for Shown {
    fn current_user(&self) -> Option<User> {
        Some(self.user.clone())
    }

    async fn access_token(&self, _: &User) -> Result<UserToken, SessionError> {
        Ok(self.token.clone())
    }

    async fn refresh_after_rejection(
        &self,
        _: &User,
        _: &UserToken,
    ) -> Result<UserToken, SessionError> {
        Err(SessionError::SignInEnded)
    }

    async fn sign_out(&self) -> Result<(), SessionError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_nobodys_or_bound_to_a_key_is_known_as_such() {
        assert_eq!(read(br#"{"active":false,"sub":"u"}"#), Ok(None));
        let holder = read(br#"{"active":true,"sub":"u","client_id":"app","scope":"a b"}"#);
        let expected = Holder {
            user: UserId::new("u"),
            name: "u".into(),
            client: Some("app".into()),
            scopes: Scope::parse_list("a b"),
            binding: Binding::Bearer,
        };
        assert_eq!(holder, Ok(Some(expected)));
        let bound = read(br#"{"active":true,"sub":"u","username":"U","cnf":{"jkt":"k"}}"#);
        let bound = bound.unwrap().unwrap();
        assert_eq!((bound.binding, bound.name.as_str()), (Binding::Key("k".into()), "U"));
        for other in [r#"{"x5t#S256":"c"}"#, r#"{"jkt":"k","x5t#S256":"c"}"#, r#"{"jkt":1}"#, "{}"]
        {
            let bound = read(format!(r#"{{"active":true,"sub":"u","cnf":{other}}}"#).as_bytes());
            assert_eq!(bound.unwrap().unwrap().binding, Binding::Other, "{other}");
        }
        for bad in [&b"{}"[..], b"[]", br#"{"active":true}"#, br#"{"active":true,"sub":""}"#] {
            assert!(matches!(read(bad), Err(IssueError::BadAnswer { .. })));
        }
    }
}
