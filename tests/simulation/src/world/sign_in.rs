//! The host's own sign-in, when a program wants the user to sign in again.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost::{
    SignInOutcome, SignInRequest,
    ports::{Browser, BrowserOutcome, SignInPrompt},
    session::Password,
};
use tokio::time::sleep;
use url::Url;

use super::{World, never, password_of, server::USERS, throw};

/// What the host's process sees of it.
pub(crate) struct SignInScreen(pub(crate) Arc<World>);

/// Says when the screen is free again, however that comes.
struct Showing(Arc<World>);

impl Drop for Showing {
    fn drop(&mut self) {
        self.0.state().judge.sign_in_gone();
    }
}

/// What the user does there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    SignIn,
    Visit,
}

impl SignInScreen {
    async fn show(&self, request: &SignInRequest, what: &'static str, task: Task) -> SignInOutcome {
        let world = &self.0;
        let (program, user) = (request.mini_program.as_str(), request.user.as_ref());
        let now = world.when().uptime;
        let fate = world.called(
            || format!("sign-in: {what}"),
            |state| {
                state.judge.sign_in_shown(now, program, user);
                let takes = Duration::from_millis(state.chance.below(4_000));
                (state.chance.below(10), state.chance.pick(&USERS), takes)
            },
        );
        let Some((fate, who, takes)) = fate else { return never().await };
        let _showing = Showing(world.clone());
        sleep(takes).await;
        match fate {
            0 => never().await,
            1 => throw(),
            2 => SignInOutcome::Cancelled,
            3 => SignInOutcome::Failed,
            _ if task == Task::Visit => SignInOutcome::Done,
            _ => self.sign_in(who).await,
        }
    }

    async fn sign_in(&self, who: &str) -> SignInOutcome {
        let Some(process) = self.0.process() else { return SignInOutcome::Failed };
        let password = Password::new(password_of(who));
        match process.account.sign_in_with_password(who, password).await {
            Ok(_) => SignInOutcome::Done,
            Err(_) => SignInOutcome::Failed,
        }
    }
}

#[async_trait]
impl Browser for SignInScreen {
    async fn visit(&self, request: &SignInRequest, _: &Url) -> BrowserOutcome {
        match self.show(request, "in a browser", Task::Visit).await {
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
        request: &SignInRequest,
        _: &[String],
        _: Option<u64>,
    ) -> SignInOutcome {
        self.show(request, "once more", Task::SignIn).await
    }

    async fn select_account(&self, request: &SignInRequest) -> SignInOutcome {
        self.show(request, "choose an account", Task::SignIn).await
    }
}
