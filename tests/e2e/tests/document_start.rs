//! The script that a native container runs at document start, in a real Chromium: the container's
//! listener object is stood in for by one whose other end is the real machine. Robolectric, which has
//! the container, runs no JavaScript; here is the other half.
#![cfg(test)]

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    response::Html,
    routing::{get, post},
};
use fantoccini::{Client, wd::WebDriverCompatibleCommand};
use minihost_core::{
    AuthorizationCode, Choice, ClientId, DocumentId, Effect, Input, IssuedCode, Remember,
    ReplyToken, SaveOutcome, SessionId,
};
use minihost_e2e::browser::{Appearance, Browser, Screen};
use minihost_testkit::{Machine, alice, call, manifest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SESSION: SessionId = SessionId(1);
const DOCUMENT: DocumentId = DocumentId(1);

/// What `WebViewCompat.addWebMessageListener` puts into a page, as far as a page can see: texts go out,
/// answers come to `onmessage`, and nothing tells when the other end has gone.
const LISTENER_OBJECT: &str = r#"
    window.minihost = {
      onmessage: null,
      addEventListener() {},
      removeEventListener() {},
      postMessage(message) {
        if (typeof message !== "string") throw new TypeError("the container takes texts");
        fetch("/listener", { method: "POST", body: message })
          .then((response) => response.json())
          .then((texts) => texts.forEach((data) => this.onmessage?.({ data })));
      },
    };"#;

/// What the framework's channel does in a WebView without listeners: a port comes by a message that has
/// neither source nor origin.
const CHANNEL: &str = r#"
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) =>
      fetch("/listener", { method: "POST", body: data })
        .then((response) => response.json())
        .then((texts) => texts.forEach((text) => port1.postMessage(text)));
    dispatchEvent(new MessageEvent("message", { data: "minihost-port", ports: [port2] }));"#;

const PAGE: &str = r#"<!doctype html><title>A page without modules</title>
    <script>window.atFirst = typeof minihostBridge;</script>"#;

#[tokio::test]
async fn a_page_without_modules_speaks_through_the_listener_object() {
    let (page, browser) = (serve().await, start().await);
    before_each_document(
        &browser.client,
        &format!("{LISTENER_OBJECT}{}", script("document-start")),
    )
    .await;
    browser.client.goto(&page).await.unwrap();
    let first = browser.client.execute("return window.atFirst", vec![]).await.unwrap();
    assert_eq!(first, "object", "the page's first script has it");
    the_bridge_works(&browser.client).await;
    browser.close().await;
}

#[tokio::test]
async fn a_page_in_an_older_webview_speaks_through_the_port_that_comes_later() {
    let (page, browser) = (serve().await, start().await);
    let scripts = script("document-start") + &script("awaited-port");
    before_each_document(&browser.client, &scripts).await;
    browser.client.goto(&page).await.unwrap();
    let early =
        "window.early = minihostBridge.connect().then(() => 'open', ({ reason }) => reason)";
    browser.client.execute(early, vec![]).await.unwrap();
    browser.client.execute(CHANNEL, vec![]).await.unwrap();
    let waited = "window.early.then(arguments[0])";
    assert_eq!(browser.client.execute_async(waited, vec![]).await.unwrap(), "open");
    browser.close().await;
}

/// Opens the bridge, is answered at once, is refused, is cancelled, and gets a code.
async fn the_bridge_works(client: &Client) {
    let story = r#"
      const done = arguments[0];
      (async () => {
        const bridge = await minihostBridge.connect();
        const { codeChallenge } = await minihostBridge.createPkce();
        const ask = (scopes) =>
          bridge.requestCode({ scopes, codeChallenge, state: "s" }).catch(({ reason }) => reason);
        const before = await bridge.getGrants().catch(({ reason }) => reason);
        const unknown = await bridge.call("vendor.none", {}).catch(({ reason }) => reason);
        const cancelled = await ask(["openid", "email"]);
        const allowed = await ask(["openid", "email"]);
        return { program: bridge.miniProgram.id, before, unknown, cancelled, allowed };
      })().then(done, (error) => done({ failed: String(error) }));"#;
    let told = client.execute_async(story, vec![]).await.unwrap();
    assert_eq!(told["program"], "tea", "{told}");
    assert_eq!(told["unknown"], "unsupported_method", "{told}");
    assert_eq!(told["cancelled"], "user_cancelled", "{told}");
    assert_eq!(told["allowed"]["code"], "the-code", "{told}");
    assert_eq!(told["allowed"]["state"], "s", "{told}");
    assert_eq!(told["allowed"]["grantedScopes"], json!(["email", "openid"]), "{told}");
}

/// The core and its user, who closes the first sheet and allows all that is asked by the next.
struct Host {
    machine: Machine,
    messages: u64,
    prompts: u64,
}

impl Host {
    fn new() -> Self {
        let mut machine = Machine::default();
        machine.feed(Input::UserChanged(Some(alice())));
        machine.open(SESSION, manifest("tea"));
        machine.feed(Input::DocumentStarted { session: SESSION, document: DOCUMENT });
        Self { machine, messages: 0, prompts: 0 }
    }

    /// The texts that the page is to hear for what it said.
    fn hear(&mut self, text: &str) -> Vec<String> {
        self.messages += 1;
        let context = call("tea", DOCUMENT, ReplyToken(self.messages));
        let effects = self.machine.receive(SESSION, context, text);
        self.follow(effects)
    }

    fn follow(&mut self, effects: Vec<Effect>) -> Vec<String> {
        let mut texts = Vec::new();
        for effect in effects {
            let next = match effect {
                Effect::Reply(reply) => {
                    texts.push(reply.text);
                    continue;
                }
                Effect::Save { save, .. } => Input::Saved { save, outcome: SaveOutcome::Stored },
                Effect::Prompt(view) => {
                    self.prompts += 1;
                    let scopes: BTreeSet<_> =
                        view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
                    let choice = match self.prompts {
                        1 => Choice::Dismiss,
                        _ => Choice::Allow { scopes, remember: Remember::Once },
                    };
                    Input::Answered { prompt: view.prompt, choice }
                }
                Effect::IssueCode(request) => Input::CodeIssued {
                    ticket: request.ticket(),
                    outcome: Ok(IssuedCode {
                        code: AuthorizationCode::new("the-code"),
                        client_id: ClientId::new(request.asked().client_id.as_str()),
                        scopes: None,
                        issuer: None,
                        expires_in: None,
                        grant_id: None,
                    }),
                },
                _ => continue,
            };
            let effects = self.machine.feed(next);
            texts.extend(self.follow(effects));
        }
        texts
    }
}

async fn serve() -> String {
    let host = Arc::new(Mutex::new(Host::new()));
    let listen = async |State(host): State<Arc<Mutex<Host>>>, text: String| {
        Json(host.lock().unwrap().hear(&text))
    };
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/listener", post(listen))
        .with_state(host);
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://127.0.0.1:{port}/")
}

async fn start() -> Browser {
    Browser::start(Screen::Narrow, Appearance::Light).await
}

/// The script as it is shipped.
fn script(name: &str) -> String {
    let folder = std::env::var_os("MINIHOST_DOCUMENT_START").map_or_else(
        || {
            let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
            here.join("../../bindings/javascript/dist/document-start")
        },
        PathBuf::from,
    );
    let file = folder.join(format!("{name}.js"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; `npm run build` in bindings/javascript makes it", file.display())
    })
}

/// Has the browser run a script in every document before any of the document's own.
async fn before_each_document(client: &Client, source: &str) {
    let command = DevTools {
        command: "Page.addScriptToEvaluateOnNewDocument",
        params: json!({ "source": source }),
    };
    client.issue_cmd(command).await.unwrap();
}

/// A command of Chromium's own protocol, through its driver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.params });
        (axum::http::Method::POST, Some(body.to_string()))
    }
}
