//! What the user does in the program on screen.

use serde_json::{Value, json};

use super::{Phone, hook};
use crate::eventually;

/// Takes a port of its own in the program's page, and sends the next message at each click: a message
/// that may show the user something must come of a touch.
const SPEAK_ON_CLICK: &str = r#"
const done = arguments[arguments.length - 1];
const messages = MESSAGES;
window.answers = [];
addEventListener('message', event => {
    if (event.source !== parent || event.data?.minihost !== 'port') return;
    const port = event.ports[0];
    port.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.id === 0) return done(true);
        window.answers.push(message);
    };
    const send = message => port.postMessage(JSON.stringify({ jsonrpc: '2.0', ...message }));
    send({ id: 0, method: 'host.initialize', params: { versions: { min: 1, max: 1 } } });
    document.addEventListener('click', event => {
        event.stopImmediatePropagation();
        event.preventDefault();
        if (messages.length > 0) send(messages.shift());
    }, { capture: true });
});
parent.postMessage({ minihost: 'hello' }, HOST);
"#;

impl Phone<'_> {
    /// From now on the page of the program on screen is a program under the test's control: each
    /// click in it sends the next of these requests, `(method, params)`, with ids from one.
    pub async fn speak_on_click(&self, requests: &[(&str, Value)]) {
        let messages: Vec<Value> = (1..)
            .zip(requests)
            .map(|(id, (method, params))| json!({"id": id, "method": method, "params": params}))
            .collect();
        let host = url::Url::parse(&self.host.ready.simulator).expect("the simulator has a URL");
        let script = SPEAK_ON_CLICK
            .replace("MESSAGES", &json!(messages).to_string())
            .replace("HOST", &json!(host.origin().ascii_serialization()).to_string());
        self.enter_program().await;
        self.run_async(&script).await;
        self.leave_program().await;
    }

    /// Clicks in the program's page.
    pub async fn touch_program(&self) {
        self.enter_program().await;
        let body = self.client().find(fantoccini::Locator::Css("h1")).await;
        body.expect("the page has a heading").click().await.expect("it can be clicked");
        self.leave_program().await;
    }

    /// The answer to one of the requests of [`speak_on_click`](Self::speak_on_click).
    pub async fn answer_to(&self, id: u64) -> Value {
        self.enter_program().await;
        let script = format!("return window.answers.find(answer => answer.id === {id}) ?? null");
        let answer = eventually(&format!("the answer to request {id}"), async || {
            Some(self.run(&script).await).filter(|answer| !answer.is_null())
        })
        .await;
        self.leave_program().await;
        if let Some(code) = answer["result"]["code"].as_str() {
            self.learn(code, "a code that the test's page was given");
        }
        answer
    }

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

    /// Makes both kinds of the programs' tokens expire and has the program on screen ask for the user's
    /// details, until it says that its user must continue again.
    pub async fn expire_everything_and_ask_again(&self) {
        // In this order no access can be renewed in between.
        for steer in ["steer-expire-refresh", "steer-expire-access"] {
            self.click(steer).await;
            self.shown("steered").await;
        }
        eventually("the end of the tokens", async || {
            self.enter_program().await;
            if self.is_shown("details").await {
                self.click("details").await;
            }
            let is_over = self.is_shown("continue").await;
            self.leave_program().await;
            is_over.then_some(())
        })
        .await;
    }
}
