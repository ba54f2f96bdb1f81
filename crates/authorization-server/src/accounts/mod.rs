//! Signing a user in with username and password, wherever the password is checked.

mod credential;
mod guess;
mod http;
mod service;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::client::Client;
use crate::http::Problem;
use crate::password::{Overloaded, Password, Verdict};
use crate::server::Server;
use crate::store::users::{self, Source};
use crate::user::UserId;

pub(crate) use credential::Credential;
pub(crate) use guess::Sender;
use guess::{Guess, Subjects};
pub use http::{HttpAccountService, InvalidAccountService};
pub use service::{Account, AccountService, AccountServiceError};

/// How many sign-ins may wait for the account service.
const MAX_WAITING: usize = 256;

/// Who checks passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Accounts {
    Local,
    External { service: Arc<dyn AccountService>, places: Arc<Semaphore> },
}

impl Accounts {
    pub(crate) fn new(service: Option<Arc<dyn AccountService>>) -> Self {
        match service {
            Some(service) => {
                Self::External { service, places: Arc::new(Semaphore::new(MAX_WAITING)) }
            }
            None => Self::Local,
        }
    }

    /// Whether this server keeps the passwords.
    pub(crate) fn are_local(&self) -> bool {
        matches!(self, Self::Local)
    }
}

/// A user whose password was right.
pub(crate) struct SignedIn {
    pub(crate) user: UserId,
    pub(crate) credential: Credential,
    tenant: Option<String>,
}

impl SignedIn {
    /// Whether this client may have this user's account.
    pub(crate) fn is_open_to(&self, client: &Client) -> bool {
        client.accounts.allows(self.tenant.as_deref())
    }
}

/// Checks the password. `None` when the username is unknown or the password wrong, which cannot be
/// told apart, by the answer or by its time.
///
/// Failures count for the username at this address, for the username anywhere, and for the address
/// where it is the user's own; while there are too many, the password is not even looked at.
pub(crate) async fn sign_in(
    server: &Server,
    username: &str,
    password: Password,
    sender: Sender,
) -> Result<Option<SignedIn>, Problem> {
    let subjects = Subjects::new(username, sender);
    let (guess, answer) = match &server.accounts {
        Accounts::Local => {
            let guess = Guess::here(server, subjects.clone())?;
            let may_try = || subjects.check(server);
            (guess, local(server, username, password, may_try).await)
        }
        Accounts::External { service, places } => {
            let _place = places.try_acquire().map_err(|_| Overloaded)?;
            let guess = Guess::elsewhere(server, subjects)?;
            (guess, external(server, service.as_ref(), username, password).await)
        }
    };
    match &answer {
        Ok(Some(_)) => guess.was_right(),
        Ok(None) => drop(guess),
        Err(_) => guess.was_not_checked(),
    }
    answer
}

async fn local(
    server: &Server,
    username: &str,
    password: Password,
    may_try: impl FnOnce() -> Result<(), Problem>,
) -> Result<Option<SignedIn>, Problem> {
    let name = username.to_owned();
    let stored = server.store.read(move |db| users::credentials(db, &name)).await?;
    let phc = stored.as_ref().map(|(_, phc)| phc.clone());
    let verdict = server.passwords.verify(password, phc, may_try).await?;
    Ok(stored.filter(|_| matches!(verdict, Verdict::Right)).map(|(user, phc)| SignedIn {
        user,
        credential: Credential::Password(phc),
        tenant: None,
    }))
}

async fn external(
    server: &Server,
    service: &dyn AccountService,
    username: &str,
    password: Password,
) -> Result<Option<SignedIn>, Problem> {
    let Some(account) = service.check(username, &password).await? else {
        return Ok(None);
    };
    if !account.is_sound() {
        return Err(AccountServiceError("a member of its answer is too long".to_owned()).into());
    }
    let tenant = account.tenant.clone();
    let new_id = UserId::new()?;
    let username = username.to_owned();
    let source = Source::AccountService;
    let write = move |db: &_| users::put_external(db, &new_id, source, &username, &account);
    let user = server.store.write(write).await?;
    Ok(Some(SignedIn { user, credential: Credential::Elsewhere, tenant }))
}
