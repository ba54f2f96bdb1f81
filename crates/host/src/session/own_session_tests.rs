//! What a host's own session gives, and to whom.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use minihost_core::User;
use minihost_testkit::{alice, bob};

use super::{ObservedSession as _, OwnSession, SignInOver, UserTokens};
use crate::{
    ports::{SecretStoreError, SessionError, UserSession as _, UserToken},
    sync::lock,
};

type Told = Box<dyn FnOnce() + Send>;

/// Says what it was told to say, and does something first.
#[derive(Default)]
struct Host {
    says: Mutex<VecDeque<Result<&'static str, SessionError>>>,
    meanwhile: Mutex<Option<Told>>,
    asked: Mutex<Vec<(User, Option<String>)>>,
    sign_outs: Mutex<VecDeque<Result<(), SessionError>>>,
    signed_out: Mutex<Vec<User>>,
}

#[async_trait]
impl UserTokens for Host {
    async fn access_token(
        &self,
        user: &User,
        rejected: Option<&UserToken>,
    ) -> Result<UserToken, SessionError> {
        lock(&self.asked).push((user.clone(), rejected.map(|token| token.expose().to_owned())));
        if let Some(meanwhile) = lock(&self.meanwhile).take() {
            meanwhile();
        }
        lock(&self.says).pop_front().expect("it is not asked more often").map(UserToken::new)
    }

    async fn sign_out(&self, user: &User) -> Result<(), SessionError> {
        lock(&self.signed_out).push(user.clone());
        lock(&self.sign_outs).pop_front().unwrap_or(Ok(()))
    }
}

fn session(
    says: impl IntoIterator<Item = Result<&'static str, SessionError>>,
) -> (Arc<Host>, OwnSession) {
    let host = Arc::new(Host::default());
    lock(&host.says).extend(says);
    let session = OwnSession::new(host.clone());
    session.user_changed(Some(alice())).unwrap();
    (host, session)
}

fn next(user: User) -> User {
    User { epoch: user.epoch + 1, ..user }
}

/// A token, or why there is none.
fn text(token: Result<UserToken, SessionError>) -> Result<String, SessionError> {
    token.map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn a_token_is_asked_for_by_its_user_and_by_the_one_that_will_not_do() {
    let (host, session) = session([Ok("t1"), Ok("t2")]);
    let first = session.access_token(&alice()).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(first.expose(), "t1");
    let second = session.refresh_after_rejection(&alice(), &first).await;
    assert_eq!(text(second), Ok("t2".to_owned()));
    assert_eq!(*lock(&host.asked), [(alice(), None), (alice(), Some("t1".to_owned()))]);
}

#[tokio::test]
async fn a_token_that_was_rejected_is_not_used_again() {
    let (_, session) = session([Ok("t1")]);
    let again = session.refresh_after_rejection(&alice(), &UserToken::new("t1")).await;
    assert!(matches!(text(again), Err(SessionError::Server(_))));
    assert_eq!(session.current_user(), Some(alice()));
}

#[tokio::test]
async fn nobody_elses_token_is_asked_for() {
    let (host, session) = session([]);
    for other in [bob(), next(alice())] {
        let token = session.access_token(&other).await;
        assert_eq!(text(token), Err(SessionError::AccountChanged));
    }
    session.user_changed(None).unwrap();
    assert_eq!(text(session.access_token(&alice()).await), Err(SessionError::NotSignedIn));
    assert!(lock(&host.asked).is_empty());
}

#[tokio::test]
async fn a_token_that_comes_after_its_user_has_gone_is_dropped() {
    for (then, error) in [
        (None, SessionError::NotSignedIn),
        (Some(next(alice())), SessionError::AccountChanged),
        (Some(next(bob())), SessionError::AccountChanged),
        (Some(User { epoch: alice().epoch, ..bob() }), SessionError::NotSignedIn),
    ] {
        let (host, session) = session([Ok("t1")]);
        let changed = session.clone();
        *lock(&host.meanwhile) = Some(Box::new(move || _ = changed.user_changed(then)));
        assert_eq!(text(session.access_token(&alice()).await), Err(error));
    }
}

#[tokio::test]
async fn a_sign_in_that_the_server_has_ended_is_over_and_one_that_cannot_be_refreshed_now_is_not() {
    let (_, session) = session([Err(SessionError::TimedOut), Err(SessionError::SignInEnded)]);
    let mut users = session.users();
    assert_eq!(text(session.access_token(&alice()).await), Err(SessionError::TimedOut));
    assert!(!users.has_changed().unwrap());
    assert_eq!(text(session.access_token(&alice()).await), Err(SessionError::SignInEnded));
    assert_eq!(*users.borrow_and_update(), None);
    assert_eq!(session.user_changed(Some(alice())), Err(SignInOver), "it does not come back");
}

#[tokio::test]
async fn a_new_name_is_believed_of_the_same_sign_in() {
    let (_, session) = session([]);
    let renamed = User { display_name: "Alice A.".to_owned(), ..alice() };
    session.user_changed(Some(renamed.clone())).unwrap();
    assert_eq!(session.current_user(), Some(renamed));
}

#[tokio::test]
async fn a_sign_in_whose_epoch_has_not_grown_is_not_believed_and_ends_the_one_before() {
    let present = next(alice());
    for (told, why) in [
        (User { epoch: present.epoch, ..bob() }, "two by one epoch"),
        (User { epoch: alice().epoch, ..bob() }, "another user's of before"),
        (alice(), "late word of the same user's of before"),
    ] {
        let (host, session) = session([]);
        session.user_changed(Some(present.clone())).unwrap();
        let mut users = session.users();
        assert_eq!(session.user_changed(Some(told.clone())), Err(SignInOver), "{why}");
        assert_eq!(session.current_user(), None, "{why}");
        assert_eq!(*users.borrow_and_update(), None, "{why}");
        for user in [&told, &present] {
            assert_eq!(text(session.access_token(user).await), Err(SessionError::NotSignedIn));
            assert_eq!(session.user_changed(Some(user.clone())), Err(SignInOver), "it is over");
        }
        assert!(!users.has_changed().unwrap(), "nobody could go again");
        assert!(lock(&host.asked).is_empty());
        session.user_changed(Some(next(present.clone()))).unwrap();
        assert_eq!(session.current_user(), Some(next(present.clone())));
    }
}

#[tokio::test]
async fn a_sign_out_that_leaves_tokens_behind_can_be_asked_for_again() {
    let (host, session) = session([]);
    let locked = SessionError::Store(SecretStoreError::Locked);
    lock(&host.sign_outs).push_back(Err(locked.clone()));
    assert_eq!(session.sign_out().await, Err(locked));
    assert_eq!(session.current_user(), None);
    assert_eq!(session.sign_out().await, Ok(()));
    assert_eq!(session.sign_out().await, Ok(()), "nothing is left to do");
    assert_eq!(*lock(&host.signed_out), [alice(), alice()]);
}
