//! `client add`: every choice of a registration as an option.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use minihost_authorization_server::{
    AccountRule, Application, AssertionRules, ClientAuthentication, ClientId, ClientKind,
    ClientRegistration, ClientSecret, Dialect, GrantType, InvalidRegistration, Names, PublicKeys,
    RedirectUri, RefreshPolicy, Registry, Requirement, Resource, Scopes, SigningAlgorithm,
    WebOrigin,
};

use super::{client_id, tell};
use crate::cli::Failure;

#[derive(Args)]
pub(in crate::cli) struct Add {
    /// The client identifier.
    #[arg(value_parser = client_id)]
    id: ClientId,

    /// What the client is.
    #[arg(long, value_enum)]
    kind: Kind,

    /// It proves who it is with these public keys, a JWK Set, instead of a secret (private_key_jwt).
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,

    /// Its attester vouches for each installation with these keys, a JWK Set, instead of a secret
    /// (attest_jwt_client_auth).
    #[arg(long, value_name = "FILE", conflicts_with = "jwks")]
    attester_jwks: Option<PathBuf>,

    /// It does not prove who it is: a public client without a secret.
    #[arg(long, conflicts_with_all = ["jwks", "attester_jwks"])]
    public: bool,

    /// What people call it; its identifier when no name is given.
    #[arg(long)]
    name: Option<String>,

    /// Its name in one language, such as zh-Hans=茶馆. May be repeated.
    #[arg(long, value_name = "TAG=NAME", requires = "name", value_parser = tagged)]
    name_in: Vec<(String, String)>,

    /// Who is responsible for it.
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,

    /// The publisher's name in one language. May be repeated.
    #[arg(long, value_name = "TAG=NAME", requires = "publisher", value_parser = tagged)]
    publisher_in: Vec<(String, String)>,

    /// Where it runs: a secret inside an installed program proves nothing.
    #[arg(long, value_enum, default_value_t = Where::Web)]
    application: Where,

    /// The scopes it may get, separated by spaces; for a host that asks for codes also mediate.
    #[arg(long, value_name = "SCOPES", value_parser = scopes, default_value = "")]
    scope: Scopes,

    /// What a request without scope asks for [default: all but mediate].
    #[arg(long, value_name = "SCOPES", value_parser = scopes)]
    default_scope: Option<Scopes>,

    /// How it may get tokens. May be repeated [default: authorization-code; none for a resource
    /// server].
    #[arg(long = "grant", value_enum)]
    grants: Vec<Grant>,

    /// Where it receives codes. May be repeated.
    #[arg(long, value_name = "URI", value_parser = redirect_uri)]
    redirect_uri: Vec<RedirectUri>,

    /// An origin whose pages may call the server from a browser; only without a secret. May be
    /// repeated.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    origin: Vec<WebOrigin>,

    /// A resource that it may ask tokens for (RFC 8707); may be repeated. Of a resource server: the
    /// one that it is.
    #[arg(long, value_name = "URI", value_parser = resource,
          required_if_eq("kind", "resource-server"))]
    resource: Vec<Resource>,

    /// A mini-program that this host may ask codes for. May be repeated.
    #[arg(long, value_name = "ID", value_parser = client_id)]
    may_mediate_for: Vec<ClientId>,

    /// Whether each of this host's code requests must carry consent evidence.
    #[arg(long, value_enum, default_value_t = Must::Optional)]
    consent_evidence: Must,

    /// A tenant whose accounts may sign in with a password; may be repeated [default: all].
    #[arg(long, value_name = "NAME")]
    tenant: Vec<String>,

    /// What happens to its refresh tokens [default: fixed where it authenticates, rotating where it
    /// does not].
    #[arg(long, value_enum)]
    refresh: Option<Refresh>,

    /// How long its refresh tokens may lie unused.
    #[arg(long, value_name = "SECONDS", default_value_t = 30 * 24 * 60 * 60)]
    refresh_lifetime: u32,

    /// How long its access tokens live [default: 600; of a host 3600].
    #[arg(long, value_name = "SECONDS")]
    access_lifetime: Option<u32>,

    /// What its ID tokens are signed with.
    #[arg(long, value_enum, default_value_t = Algorithm::Rs256)]
    id_token_algorithm: Algorithm,

    /// PKCE (RFC 7636).
    #[arg(long, value_enum, default_value_t = Must::Required)]
    pkce: Must,

    /// Pushed authorization requests (RFC 9126).
    #[arg(long, value_enum, default_value_t = Must::Optional)]
    pushed_requests: Must,

    /// Tokens bound to a key of the client (RFC 9449).
    #[arg(long, value_enum, default_value_t = Must::Optional)]
    dpop: Must,

    /// What its assertions are held to, where it has keys: `strict` is for the issuer alone and for a
    /// minute.
    #[arg(long, value_enum, default_value_t = Rules::Standard)]
    assertions: Rules,

    /// The spelling of OAuth it speaks.
    #[arg(long, value_enum, default_value_t = Spelling::Standard)]
    dialect: Spelling,

    /// Replace a client of this identifier; its grants and tokens stay, its secret is another.
    #[arg(long)]
    replace: bool,

    /// Answer with one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Host,
    MiniProgram,
    ResourceServer,
}

#[derive(Clone, Copy, ValueEnum)]
enum Where {
    Web,
    Native,
}

#[derive(Clone, Copy, ValueEnum)]
enum Grant {
    AuthorizationCode,
    Implicit,
    Password,
    ClientCredentials,
    DeviceCode,
}

#[derive(Clone, Copy, ValueEnum)]
enum Refresh {
    None,
    Fixed,
    Rotating,
}

#[derive(Clone, Copy, ValueEnum)]
enum Algorithm {
    #[value(name = "RS256")]
    Rs256,
    #[value(name = "ES256")]
    Es256,
    #[value(name = "EdDSA")]
    EdDsa,
}

#[derive(Clone, Copy, ValueEnum)]
enum Must {
    Optional,
    Required,
}

#[derive(Clone, Copy, ValueEnum)]
enum Rules {
    Standard,
    Strict,
}

#[derive(Clone, Copy, ValueEnum)]
enum Spelling {
    Standard,
    OpenPlatform,
}

impl Add {
    pub(super) async fn run(self, registry: &Registry) -> Result<(), Failure> {
        let (id, replace, json) = (self.id.clone(), self.replace, self.json);
        let (registration, secret) = self.registration()?;
        if !replace && registry.clients().await?.iter().any(|client| client.id == id) {
            return Err(Failure::ClientExists(id.to_string()));
        }
        registry.put_client(registration).await?;
        tell(&id, secret.as_ref(), json, "is registered")
    }

    fn registration(self) -> Result<(ClientRegistration, Option<ClientSecret>), Failure> {
        let (authentication, secret) = self.authentication()?;
        let kind = self.kind()?;
        let mut client = ClientRegistration::new(self.id, kind, authentication, self.scope);
        if let Some(name) = self.name {
            client.names = names(name, self.name_in)?;
        }
        client.publisher = self.publisher.map(|name| names(name, self.publisher_in)).transpose()?;
        client.application = match self.application {
            Where::Web => Application::Web,
            Where::Native => Application::Native,
        };
        if let Some(scopes) = self.default_scope {
            client.default_scopes = scopes;
        }
        if !self.grants.is_empty() {
            client.grants = self.grants.into_iter().map(GrantType::from).collect();
        }
        client.redirect_uris = self.redirect_uri;
        client.origins = self.origin;
        if self.kind != Kind::ResourceServer {
            client.resources = self.resource;
        }
        if !self.tenant.is_empty() {
            client.accounts = AccountRule::Tenants(self.tenant.into_iter().collect());
        }
        let lifetime = Duration::from_secs(self.refresh_lifetime.into());
        client.refresh = match (self.refresh, client.refresh) {
            (Some(Refresh::None), _) | (None, RefreshPolicy::None) => RefreshPolicy::None,
            (Some(Refresh::Fixed), _) | (None, RefreshPolicy::Fixed { .. }) => {
                RefreshPolicy::Fixed { lifetime }
            }
            (Some(Refresh::Rotating), _) | (None, RefreshPolicy::Rotating { .. }) => {
                RefreshPolicy::Rotating { lifetime }
            }
        };
        if let Some(seconds) = self.access_lifetime {
            client.access_token_lifetime = Duration::from_secs(seconds.into());
        }
        client.id_token_algorithm = match self.id_token_algorithm {
            Algorithm::Rs256 => SigningAlgorithm::Rs256,
            Algorithm::Es256 => SigningAlgorithm::Es256,
            Algorithm::EdDsa => SigningAlgorithm::EdDsa,
        };
        client.pkce = self.pkce.into();
        client.pushed_requests = self.pushed_requests.into();
        client.dpop = self.dpop.into();
        client.assertions = match self.assertions {
            Rules::Standard => AssertionRules::Standard,
            Rules::Strict => AssertionRules::Strict,
        };
        client.dialect = match self.dialect {
            Spelling::Standard => Dialect::Standard,
            Spelling::OpenPlatform => Dialect::OpenPlatform,
        };
        Ok((client, secret))
    }

    /// What the client proves itself with, and the secret once more if there is one to show.
    fn authentication(&self) -> Result<(ClientAuthentication, Option<ClientSecret>), Failure> {
        if self.public {
            return Ok((ClientAuthentication::None, None));
        }
        if let Some(path) = &self.jwks {
            return Ok((ClientAuthentication::Keys(public_keys(path)?), None));
        }
        if let Some(path) = &self.attester_jwks {
            return Ok((ClientAuthentication::Attested(public_keys(path)?), None));
        }
        let secret = ClientSecret::generate()?;
        let shown = ClientSecret::new(secret.expose())?;
        Ok((ClientAuthentication::Secret(secret), Some(shown)))
    }

    fn kind(&self) -> Result<ClientKind, InvalidRegistration> {
        Ok(match self.kind {
            Kind::Host => ClientKind::Host {
                may_mediate_for: self.may_mediate_for.clone(),
                consent_evidence: self.consent_evidence.into(),
            },
            Kind::MiniProgram => ClientKind::MiniProgram,
            Kind::ResourceServer => match self.resource.as_slice() {
                [resource] => ClientKind::ResourceServer { resource: resource.clone() },
                _ => return Err(InvalidRegistration::Resource),
            },
        })
    }
}

impl From<Grant> for GrantType {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::AuthorizationCode => Self::AuthorizationCode,
            Grant::Implicit => Self::Implicit,
            Grant::Password => Self::Password,
            Grant::ClientCredentials => Self::ClientCredentials,
            Grant::DeviceCode => Self::DeviceCode,
        }
    }
}

impl From<Must> for Requirement {
    fn from(must: Must) -> Self {
        match must {
            Must::Optional => Self::Optional,
            Must::Required => Self::Required,
        }
    }
}

fn public_keys(path: &Path) -> Result<PublicKeys, Failure> {
    let set = fs::read_to_string(path)
        .map_err(|reason| Failure::Read { path: path.to_owned(), reason })?;
    Ok(PublicKeys::from_json(&set)?)
}

fn names(name: String, localized: Vec<(String, String)>) -> Result<Names, Failure> {
    let first = Names::new(name)?;
    let all = localized.into_iter().try_fold(first, |names, (tag, name)| names.with(tag, name));
    Ok(all?)
}

fn tagged(text: &str) -> Result<(String, String), String> {
    let (tag, name) = text.split_once('=').ok_or("it must be like zh-Hans=茶馆")?;
    Ok((tag.to_owned(), name.to_owned()))
}

fn scopes(text: &str) -> Result<Scopes, String> {
    Scopes::parse(text).map_err(|error| error.to_string())
}

fn redirect_uri(text: &str) -> Result<RedirectUri, String> {
    RedirectUri::new(text).map_err(|error| error.to_string())
}

fn origin(text: &str) -> Result<WebOrigin, String> {
    WebOrigin::new(text).map_err(|error| error.to_string())
}

fn resource(text: &str) -> Result<Resource, String> {
    Resource::new(text).map_err(|error| error.to_string())
}
