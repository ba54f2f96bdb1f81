//! A page under the test's control in the program's frame, which speaks to the host through the
//! bridge that the program itself serves.

use serde_json::{Value, json};

use super::Phone;
use crate::eventually;

/// Connects, and keeps what came of each call: an outcome for each time that its promise settled.
const CONNECT: &str = r#"
const done = arguments[arguments.length - 1];
import('/minihost/index.js').then(async (module) => {
    Object.assign(window, module);
    window.hostOrigins = [HOST];
    window.outcomes = {};
    window.start = (name, promise) => {
        const told = (outcome) => (window.outcomes[name] ??= []).push(outcome);
        const failed = ({ name, reason, retryable, data, cause }) =>
            told({ name, reason, retryable, data, cause: cause && String(cause) });
        promise.then((result) => told({ result: result ?? null }), failed);
    };
    window.request = async (more) => {
        const { codeChallenge } = await createPkce();
        return { scopes: ['openid', 'email'], codeChallenge, state: crypto.randomUUID(), ...more };
    };
    window.bridge = await connect({ hostOrigins });
    return bridge.host.name;
}).then(done, (error) => done(String(error)));
"#;

impl Phone<'_> {
    /// From now on the program on screen is a page of the test: `bridge` is open in it, `request`
    /// makes a code request.
    pub async fn use_bridge(&self) {
        let host = url::Url::parse(&self.host.ready.simulator).expect("the simulator has a URL");
        let host = json!(host.origin().ascii_serialization()).to_string();
        self.enter_program().await;
        self.shown("continue").await;
        assert_eq!(self.run_async(&CONNECT.replace("HOST", &host)).await, "Harbour");
        self.leave_program().await;
    }

    /// Starts what gives a promise, in the program's page.
    pub async fn start(&self, name: &str, promise: &str) {
        self.enter_program().await;
        self.run(&format!("start({}, (async () => {promise})())", json!(name))).await;
        self.leave_program().await;
    }

    /// The same as soon as the user touches the page, and touches it: what may show the user
    /// something must come of that.
    pub async fn start_by_touch(&self, name: &str, promise: &str) {
        self.enter_program().await;
        let script = format!(
            "document.addEventListener('click', (event) => {{
                 event.stopImmediatePropagation();
                 event.preventDefault();
                 start({}, (async () => {promise})());
             }}, {{ capture: true, once: true }})",
            json!(name)
        );
        self.run(&script).await;
        self.leave_program().await;
        self.touch_program().await;
    }

    /// Waits until a promise has settled, and gives its one outcome: `{result}` or what the error says.
    ///
    /// # Panics
    /// Where it has settled more than once.
    pub async fn outcome(&self, name: &str) -> Value {
        self.enter_program().await;
        let script = format!("return window.outcomes[{}] ?? null", json!(name));
        let outcomes = eventually(&format!("the end of {name}"), async || {
            Some(self.run(&script).await).filter(|outcomes| !outcomes.is_null())
        })
        .await;
        self.leave_program().await;
        assert_eq!(outcomes.as_array().map(Vec::len), Some(1), "{name} settled once: {outcomes}");
        if let Some(code) = outcomes[0]["result"]["code"].as_str() {
            self.learn(code, "a code that the test's page was given");
        }
        outcomes[0].clone()
    }

    /// Runs an async function's body in the program's page and gives what it returns.
    pub async fn in_program(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then(done, (error) => done(String(error)))"
        );
        self.enter_program().await;
        let value = self.run_async(&script).await;
        self.leave_program().await;
        value
    }
}
