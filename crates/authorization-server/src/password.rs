//! Passwords of users: argon2id, on blocking threads, as many at a time as there are cores.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::argon2id;
use crate::error::{RandomnessError, RegistryError};
use crate::secret::random;

const MAX_WAITING: usize = 64;

/// A user's password in clear. Has no `Debug`; the server keeps only its argon2id hash.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Takes a password as it is.
    #[must_use]
    pub fn new(password: impl Into<String>) -> Self {
        Self(SecretString::from(password.into()))
    }

    /// The password in clear, for whoever checks it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// An argon2id hash in the PHC string format.
#[derive(Clone)]
pub(crate) struct PasswordPhc(pub(crate) String);

/// What came of a password check.
pub(crate) enum Verdict {
    Right,
    Wrong,
}

/// More passwords wait to be checked than the server takes on.
pub(crate) struct Overloaded;

/// Hashes and checks passwords without holding up the async threads.
#[derive(Clone)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    threads: Arc<Semaphore>,
    /// The hash of a password nobody knows, checked when there is no such user.
    decoy: PasswordPhc,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        // Random bits are the hash of something; nobody needs to know of what.
        let (salt, output) = (random()?, random()?);
        let (salt, _) = salt.split_first_chunk().expect("32 bytes have 16");
        let decoy = argon2id::unknown(salt, &output).map(PasswordPhc);
        let decoy = decoy.expect("these lengths are those of every hash");
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            places: Arc::new(Semaphore::new(MAX_WAITING)),
            threads: Arc::new(Semaphore::new(cores)),
            decoy,
        })
    }

    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordPhc, RegistryError> {
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        blocking(move || {
            let _until_done = thread;
            hash(&password)
        })
        .await
    }

    /// Checks a password; `before_hashing` runs when its turn has come and may still call it off.
    ///
    /// Takes as long for a user who does not exist (`stored` is `None`) as for one who does.
    pub(crate) async fn verify<E: From<Overloaded>>(
        &self,
        password: Password,
        stored: Option<PasswordPhc>,
        before_hashing: impl FnOnce() -> Result<(), E>,
    ) -> Result<Verdict, E> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Overloaded)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        before_hashing()?;
        let known = stored.is_some();
        let phc = stored.unwrap_or_else(|| self.decoy.clone());
        let matches = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: one who hangs up must not make room for more.
            let _until_done = (place, thread);
            matches(&password, &phc)
        })
        .await
        .unwrap_or(false);
        Ok(if matches && known { Verdict::Right } else { Verdict::Wrong })
    }
}

async fn blocking(
    work: impl FnOnce() -> Result<PasswordPhc, RegistryError> + Send + 'static,
) -> Result<PasswordPhc, RegistryError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(RegistryError::Hashing(error.to_string())))
}

fn hash(password: &Password) -> Result<PasswordPhc, RegistryError> {
    let random = random()?;
    let (salt, _) = random.split_first_chunk().expect("32 bytes have 16");
    argon2id::hash(password.0.expose_secret().as_bytes(), salt)
        .map(PasswordPhc)
        .map_err(|error| RegistryError::Hashing(error.to_string()))
}

fn matches(password: &Password, phc: &PasswordPhc) -> bool {
    argon2id::matches(password.0.expose_secret().as_bytes(), &phc.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<Overloaded> for &'static str {
        fn from(_: Overloaded) -> Self {
            "overloaded"
        }
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_right() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash(Password::new("open sesame")).await.unwrap();
        let check = async |password: &str, stored: Option<PasswordPhc>| {
            let verdict =
                passwords.verify::<&'static str>(Password::new(password), stored, || Ok(())).await;
            matches!(verdict, Ok(Verdict::Right))
        };
        assert!(check("open sesame", Some(stored.clone())).await);
        assert!(!check("open barley", Some(stored)).await);
        assert!(!check("open sesame", None).await);
    }

    #[tokio::test]
    async fn an_unknown_user_costs_the_same_one_hash_as_a_known_one() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash(Password::new("the cost of open sesame")).await.unwrap();
        let cost = async |password: &str, stored: Option<PasswordPhc>| {
            let verdict =
                passwords.verify::<&'static str>(Password::new(password), stored, || Ok(()));
            assert!(matches!(verdict.await, Ok(Verdict::Wrong)));
            let computed = argon2id::COMPUTED.lock().unwrap();
            let ours = computed.iter().filter(|(of, _)| of == password.as_bytes());
            ours.map(|(_, parameters)| parameters.clone()).collect::<Vec<_>>()
        };
        let known = cost("a wrong password of a known user", Some(stored)).await;
        let unknown = cost("a password of an unknown user", None).await;
        assert_eq!(known.len(), 1);
        assert_eq!(known, unknown);
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let passwords = Passwords::new().unwrap();
        let one = passwords.hash(Password::new("same")).await.unwrap();
        let two = passwords.hash(Password::new("same")).await.unwrap();
        assert_ne!(one.0, two.0);
    }
}
