//! The host's own sign-in, when a program wants the user to sign in again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    SignInOutcome, SignInRequest,
    ports::{Browser, BrowserOutcome, SignInPrompt},
    session::Password,
};
use tokio::time::sleep;
use url::Url;

use super::{World, never, password_of, server::USERS, throw};
use crate::rule::Rule;

/// What the host's process sees of it.
pub(crate) struct SignInScreen {
    pub(crate) world: Arc<World>,
    pub(crate) shown: Arc<AtomicU32>,
}

/// Says when the screen is free again, however that comes.
struct Showing(Arc<AtomicU32>);

impl Drop for Showing {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SignInScreen {
    async fn show(&self, what: &'static str) -> SignInOutcome {
        let others = self.shown.fetch_add(1, Ordering::Relaxed);
        let _showing = Showing(self.shown.clone());
        let fate = self.world.called(
            || format!("sign-in: {what}"),
            |state| {
                if others > 0 {
                    state.judge.blame(Rule::OnePromptAtATime, "two sign-ins are on screen");
                }
                let takes = Duration::from_millis(state.chance.below(4_000));
                (state.chance.below(10), state.chance.pick(&USERS), takes)
            },
        );
        let Some((fate, who, takes)) = fate else { return never().await };
        sleep(takes).await;
        match fate {
            0 => never().await,
            1 => throw(),
            2 => SignInOutcome::Cancelled,
            3 => SignInOutcome::Failed,
            _ => self.sign_in(who).await,
        }
    }

    async fn sign_in(&self, who: &str) -> SignInOutcome {
        let Some(process) = self.world.process() else { return SignInOutcome::Failed };
        let password = Password::new(password_of(who));
        match process.account.sign_in_with_password(who, password).await {
            Ok(_) => SignInOutcome::Done,
            Err(_) => SignInOutcome::Failed,
        }
    }
}

#[async_trait]
impl Browser for SignInScreen {
    async fn visit(&self, _: &SignInRequest, _: &Url) -> BrowserOutcome {
        match self.show("in a browser").await {
            SignInOutcome::Done => BrowserOutcome::Returned,
            SignInOutcome::Cancelled => BrowserOutcome::Cancelled,
            SignInOutcome::Failed => BrowserOutcome::Failed,
        }
    }
}

#[async_trait]
impl SignInPrompt for SignInScreen {
    async fn reauthenticate(
        &self,
        _: &SignInRequest,
        _: &[String],
        _: Option<u64>,
    ) -> SignInOutcome {
        self.show("once more").await
    }

    async fn select_account(&self, _: &SignInRequest) -> SignInOutcome {
        self.show("choose an account").await
    }
}
