//! What the user does in the program on screen.

use super::{Phone, hook};
use crate::eventually;

impl Phone<'_> {
    /// Looks into the program's frame. Everything asked of the phone until
    /// [`leave_program`](Self::leave_program) is asked of the program.
    pub async fn enter_program(&self) {
        let frame = self.shown("mini-program-frame").await;
        frame.enter_frame().await.expect("the frame can be entered");
    }

    /// Looks at the whole phone again.
    pub async fn leave_program(&self) {
        for cookie in self.client().get_all_cookies().await.expect("the frame's cookies") {
            self.learn(cookie.value(), "a program's session cookie");
        }
        self.client().enter_parent_frame().await.expect("the frame can be left");
    }

    /// Taps “Continue with …” in the program.
    pub async fn tap_continue(&self) {
        self.enter_program().await;
        self.click("continue").await;
        self.leave_program().await;
    }

    /// Opens a program, continues, and allows all but the scopes named.
    pub async fn sign_in_to(&self, program: &str, cleared: &[&str]) -> [String; 4] {
        self.open_program(program).await;
        self.tap_continue().await;
        self.allow_except(cleared).await;
        self.greeting().await
    }

    /// Waits for the program's greeting and gives what it says of the user: id, name, email, phone.
    pub async fn greeting(&self) -> [String; 4] {
        self.enter_program().await;
        self.shown("greeting").await;
        let mut texts: [String; 4] = Default::default();
        for (text, id) in texts.iter_mut().zip(["user-id", "user-name", "user-email", "user-phone"])
        {
            *text = self.text(id).await;
        }
        self.leave_program().await;
        texts
    }

    /// Waits for the program's error and gives its reason.
    pub async fn program_error(&self) -> String {
        self.enter_program().await;
        let reason = eventually("an error in the program", async || {
            let error = self.client().find(hook("error").as_locator()).await.ok()?;
            let reason = error.attr("data-reason").await.ok()??;
            (error.is_displayed().await.ok()? && !reason.is_empty()).then_some(reason)
        })
        .await;
        self.leave_program().await;
        reason
    }

    /// Makes the programs' access tokens expire and has the program on screen ask for the user's
    /// details, until it says that its access was renewed.
    pub async fn expire_and_ask_again(&self) {
        self.click("steer-expire-access").await;
        self.shown("steered").await;
        self.enter_program().await;
        self.click("details").await;
        self.shown("refreshed").await;
        self.leave_program().await;
    }
}
