//! The users and clients of the demonstration. Passwords and secrets are made anew at every start.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_authorization_server::{
    ClientAuthentication, ClientId, ClientKind, ClientRegistration, ClientSecret, GrantType, Names,
    Password, RedirectUri, RefreshPolicy, Registry, RegistryError, Requirement, Scopes,
    SigningAlgorithm, UserRegistration, WebOrigin,
};
use sample_miniprogram::{Customer, NOTEBOOK, PROGRAMS, ProgramId};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{addresses::Addresses, node_program::POSTCARDS};

/// The host's client at the authorization server.
pub(crate) const HOST_CLIENT: &str = "harbour";
/// Where a browser brings the user of the Android app back to, whose manifest says the same.
const HOST_REDIRECT: &str = "org.minihost.harbour:/signed-in";
/// What the host asks for when its user signs in.
pub(crate) const HOST_SCOPES: &str = "openid profile email phone mediate";
const PROGRAM_SCOPES: &str = "openid profile email phone";
const NOTEBOOK_SCOPES: &str = "openid profile email";

/// Short, so that a visitor sees a program refresh its token.
const PROGRAM_ACCESS: Duration = Duration::from_secs(60);
const HOST_ACCESS: Duration = Duration::from_secs(60 * 60);
const REFRESH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Letters and digits that are not mistaken for each other: 32, so that each is worth five bits.
const PASSWORD_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const PASSWORD_GROUPS: usize = 4;
const PASSWORD_GROUP: usize = 5;

/// Everybody who can authenticate. Has no `Debug`: it holds secrets in clear.
pub(crate) struct Demo {
    pub(crate) host_secret: SecretString,
    pub(crate) program_secrets: BTreeMap<ProgramId, SecretString>,
    /// Of the program with a backend in Node.
    pub(crate) postcards_secret: SecretString,
    pub(crate) users: [DemoUser; 2],
}

/// Somebody to sign in as.
pub(crate) struct DemoUser {
    pub(crate) username: &'static str,
    pub(crate) password: SecretString,
    email: &'static str,
    phone_number: &'static str,
}

impl Demo {
    /// Makes new secrets.
    pub(crate) fn new() -> Self {
        let user = |username, email, phone_number| DemoUser {
            username,
            password: new_password(),
            email,
            phone_number,
        };
        Self {
            host_secret: new_secret(),
            postcards_secret: new_secret(),
            program_secrets: PROGRAMS.iter().map(|id| (*id, new_secret())).collect(),
            users: [
                user("alice", "alice@harbour.example", "+1 555 0100"),
                user("bob", "bob@harbour.example", "+1 555 0101"),
            ],
        }
    }

    /// Registers all of them. What was stored for them before is replaced; users keep their
    /// identity, and grants stay.
    pub(crate) async fn register(
        &self,
        registry: &Registry,
        addresses: &Addresses,
    ) -> Result<(), RegistryError> {
        registry.put_client(self.host()?).await?;
        for (id, origin) in &addresses.programs {
            registry.put_client(self.program(*id, origin)?).await?;
        }
        registry.put_client(notebook(&addresses.notebook)?).await?;
        if let Some(origin) = &addresses.postcards {
            registry.put_client(self.postcards(origin)?).await?;
        }
        for user in &self.users {
            registry.put_user(user.registration()).await?;
        }
        Ok(())
    }

    /// Whom a program knew before it met the authorization server. One program and one user, so that
    /// a visitor sees both ways of arriving there.
    pub(crate) fn customers(&self, id: ProgramId) -> Vec<Customer> {
        let regulars = self.users.iter().take(1).filter(|_| id == ProgramId::Teahouse);
        regulars.map(|user| Customer { email: user.email.to_owned() }).collect()
    }

    fn host(&self) -> Result<ClientRegistration, RegistryError> {
        let ids = PROGRAMS.iter().map(|id| id.as_str()).chain([NOTEBOOK, POSTCARDS]);
        let programs = ids.map(ClientId::new);
        let kind = ClientKind::Host {
            may_mediate_for: programs.collect::<Result<_, _>>()?,
            consent_evidence: Requirement::Optional,
        };
        let mut host = ClientRegistration::new(
            ClientId::new(HOST_CLIENT)?,
            kind,
            authentication(&self.host_secret)?,
            Scopes::parse(HOST_SCOPES)?,
        );
        host.grants.insert(GrantType::Password);
        host.redirect_uris = vec![RedirectUri::new(HOST_REDIRECT)?];
        host.access_token_lifetime = HOST_ACCESS;
        host.refresh = RefreshPolicy::Rotating { lifetime: REFRESH };
        host.id_token_algorithm = SigningAlgorithm::Es256;
        Ok(host)
    }

    fn program(&self, id: ProgramId, origin: &str) -> Result<ClientRegistration, RegistryError> {
        let authentication = authentication(&self.program_secrets[&id])?;
        let (names, publisher) = called(id)?;
        let called = Called { id: id.as_str(), names, publisher };
        mini_program(called, authentication, PROGRAM_SCOPES, origin)
    }

    fn postcards(&self, origin: &str) -> Result<ClientRegistration, RegistryError> {
        let called = Called {
            id: POSTCARDS,
            names: names("Postcard Shop", "明信片铺")?,
            publisher: names("Bright Quay Cards", "明港明信片")?,
        };
        mini_program(called, authentication(&self.postcards_secret)?, PROGRAM_SCOPES, origin)
    }
}

/// What a program without a backend is registered with: no secret, and leave for its page to ask.
fn notebook(origin: &str) -> Result<ClientRegistration, RegistryError> {
    let called = Called {
        id: NOTEBOOK,
        names: names("Pocket Notes", "随身便笺")?,
        publisher: names("Paperboat Studio", "纸船工作室")?,
    };
    let none = ClientAuthentication::None;
    let mut notebook = mini_program(called, none, NOTEBOOK_SCOPES, origin)?;
    notebook.origins = vec![WebOrigin::new(origin)?];
    Ok(notebook)
}

/// What a program's users see of its registration, and its id.
struct Called {
    id: &'static str,
    names: Names,
    publisher: Names,
}

fn mini_program(
    called: Called,
    authentication: ClientAuthentication,
    scopes: &str,
    origin: &str,
) -> Result<ClientRegistration, RegistryError> {
    let mut program = ClientRegistration::new(
        ClientId::new(called.id)?,
        ClientKind::MiniProgram,
        authentication,
        Scopes::parse(scopes)?,
    );
    program.names = called.names;
    program.publisher = Some(called.publisher);
    program.redirect_uris = vec![RedirectUri::new(redirect_uri(origin))?];
    program.access_token_lifetime = PROGRAM_ACCESS;
    program.refresh = RefreshPolicy::Rotating { lifetime: REFRESH };
    // Signed quickly, and there is a key for it at once: the first start should not wait for RSA.
    program.id_token_algorithm = SigningAlgorithm::Es256;
    Ok(program)
}

impl DemoUser {
    fn registration(&self) -> UserRegistration {
        UserRegistration {
            username: self.username.to_owned(),
            password: Password::new(self.password.expose_secret()),
            preferred_username: self.username.to_owned(),
            email: Some(self.email.to_owned()),
            email_verified: true,
            phone_number: Some(self.phone_number.to_owned()),
        }
    }
}

/// What people call a program and its publisher, as its manifest says too.
fn called(id: ProgramId) -> Result<(Names, Names), RegistryError> {
    Ok(match id {
        ProgramId::Teahouse => {
            (names("Tea House", "清和茶馆")?, names("Qinghe Tea Ltd", "清和茶业有限公司")?)
        }
        ProgramId::Cinema => {
            (names("Night Cinema", "星夜影院")?, names("Nightfall Pictures", "夜幕影业")?)
        }
    })
}

fn names(english: &str, chinese: &str) -> Result<Names, RegistryError> {
    Ok(Names::new(english)?.with("zh-Hans", chinese)?)
}

/// A sample program's redirect URI.
pub(crate) fn redirect_uri(origin: &str) -> String {
    format!("{origin}/callback")
}

fn authentication(secret: &SecretString) -> Result<ClientAuthentication, RegistryError> {
    Ok(ClientAuthentication::Secret(ClientSecret::new(secret.expose_secret())?))
}

fn new_secret() -> SecretString {
    URL_SAFE_NO_PAD.encode(random::<32>()).into()
}

/// A hundred bits in a form that can be typed.
fn new_password() -> SecretString {
    let characters = random::<{ PASSWORD_GROUPS * PASSWORD_GROUP }>()
        .map(|byte| char::from(PASSWORD_ALPHABET[usize::from(byte) % PASSWORD_ALPHABET.len()]));
    let groups = characters.chunks(PASSWORD_GROUP).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-").into()
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it is up");
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_start_makes_other_secrets() {
        let secrets = |demo: &Demo| {
            let mut all = vec![demo.host_secret.expose_secret().to_owned()];
            all.push(demo.postcards_secret.expose_secret().to_owned());
            all.extend(demo.program_secrets.values().map(|s| s.expose_secret().to_owned()));
            all.extend(demo.users.iter().map(|user| user.password.expose_secret().to_owned()));
            all
        };
        let (one, two) = (Demo::new(), Demo::new());
        let mut all: BTreeSet<String> = secrets(&one).into_iter().collect();
        all.extend(secrets(&two));
        assert_eq!(all.len(), 2 * (2 + PROGRAMS.len() + 2));
    }

    #[test]
    fn a_password_can_be_read_out_and_typed() {
        let password = new_password();
        let password = password.expose_secret();
        assert_eq!(password.len(), PASSWORD_GROUPS * PASSWORD_GROUP + PASSWORD_GROUPS - 1);
        assert!(password.bytes().all(|byte| byte == b'-' || PASSWORD_ALPHABET.contains(&byte)));
    }
}
