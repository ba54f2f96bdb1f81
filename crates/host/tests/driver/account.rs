//! Who is signed in, as a host tells it that signs its users in by itself.

use std::sync::Arc;

use async_trait::async_trait;
use minihost::{
    Account, AnswerError, User,
    ports::{SessionError, UserToken},
    session::{OwnSession, SignInOver, UserTokens},
};
use minihost_testkit::{alice, bob};

use crate::bench::bench;

struct NoTokens;

#[async_trait]
impl UserTokens for NoTokens {
    async fn access_token(
        &self,
        _user: &User,
        _rejected: Option<&UserToken>,
    ) -> Result<UserToken, SessionError> {
        Err(SessionError::TimedOut)
    }

    async fn sign_out(&self, _user: &User) -> Result<(), SessionError> {
        Ok(())
    }
}

#[tokio::test]
async fn two_sign_ins_by_one_epoch_end_what_the_first_had_asked_for() {
    let mut bench = bench(|_| {}).await;
    let account = Account::new(bench.host.clone(), OwnSession::new(Arc::new(NoTokens)));
    account.user_changed(Some(alice())).unwrap();
    bench.request(1);
    let view = bench.view().await;
    let twice = User { epoch: alice().epoch, ..bob() };
    assert_eq!(account.user_changed(Some(twice)), Err(SignInOver));
    assert_eq!(bench.reason().await, "account_changed");
    assert_eq!(bench.allow(&view), Err(AnswerError::NotWaiting));
    assert_eq!(account.user(), None);
    bench.request(2);
    assert_eq!(bench.reason().await, "login_required");
}
