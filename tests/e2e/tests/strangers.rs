//! The bridge of the page side among strangers: frames that would be its host, and programs that would
//! be another one.
#![cfg(test)]

use std::path::Path as FilePath;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse},
    routing::get,
};
use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    phone::on_a_phone,
};
use serde_json::json;
use tokio::net::TcpListener;

const ASK: &str = "bridge.requestCode(await request())";

/// Offers ports of its own and answers of its own to every window that it can reach, without end.
const FLOOD: &str = r#"
window.taken = 0;
const victims = VICTIMS;
setInterval(() => {
    for (const victim of victims()) {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.taken++;
        victim.postMessage({ minihost: 'port' }, '*', [port2]);
        victim.postMessage(JSON.stringify({ jsonrpc: '2.0', id: null, result: { code: 'forged' } }), '*');
        victim.postMessage({ jsonrpc: '2.0', method: 'auth.sessionChanged', params: { valid: false } }, '*');
    }
}, 1);
"#;

#[tokio::test]
async fn a_hostile_frame_beside_or_within_the_program_is_not_heard() {
    on_a_phone(async |_, phone| {
        phone.open_program("cinema").await;
        phone.enter_program().await;
        phone.shown("continue").await;
        let beside = "() => Array.from({ length: parent.length }, (_, n) => parent[n])
                            .filter((other) => other !== window)";
        phone.run(&FLOOD.replace("VICTIMS", beside)).await;
        phone.leave_program().await;
        phone.leave_open().await;

        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        phone.enter_program().await;
        phone.run("document.body.append(document.createElement('iframe'))").await;
        phone.browser.client.enter_frame(0).await.unwrap();
        phone.run(&FLOOD.replace("VICTIMS", "() => [parent]")).await;
        phone.browser.client.enter_parent_frame().await.unwrap();
        phone.leave_program().await;

        let offered = "window.offered = 0; addEventListener('message', ({ source, ports }) => {
                           if (source !== parent) window.offered += ports.length;
                       })";
        phone.in_program(offered).await;
        let hosts = "{ const events = [];
                       const names = new Set();
                       for (let n = 0; n < 30; n++) {
                           bridge = await connect({ hostOrigins });
                           bridge.on('auth.sessionChanged', (event) => events.push(event));
                           names.add(bridge.host.name + ' ' + (await bridge.getGrants()).grants.length);
                       }
                       return [[...names], events]; }";
        phone.start("hosts", hosts).await;
        assert_eq!(phone.outcome("hosts").await["result"], json!([["Harbour 0"], []]));
        let offered = phone.in_program("return window.offered").await;
        assert!(offered.as_u64().unwrap() > 0, "it did try");

        phone.start_by_touch("code", ASK).await;
        phone.allow_except(&[]).await;
        assert_ne!(phone.outcome("code").await["result"]["code"], "forged");
        phone.enter_program().await;
        phone.browser.client.enter_frame(0).await.unwrap();
        assert_eq!(phone.run("return window.taken").await, 0);
        phone.browser.client.enter_parent_frame().await.unwrap();
        phone.leave_program().await;
        phone.leave_open().await;
        phone.open_program("cinema").await;
        assert_eq!(phone.in_program("return window.taken").await, 0);
    })
    .await;
}

/// A program that forgot to say who may frame it.
const FRAMED: &str = r#"<!doctype html><title>waiting</title><script type="module">
import { connect } from "/minihost/index.js";
const began = performance.now();
connect({ hostOrigins: ["http://host.localhost"], timeout: 60_000 }).then(
    () => (document.title = "connected"),
    ({ reason }) => (document.title = `${reason} ${performance.now() - began < 30_000}`),
);
</script>"#;

/// A page that would be anybody's host.
const FRAMER: &str = r#"<!doctype html><script>
window.heard = 0;
addEventListener("message", () => window.heard++);
setInterval(() => {
    if (!window[0]) return;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.heard++;
    window[0].postMessage({ minihost: "port" }, "*", [port2]);
}, 1);
</script><iframe src="http://program.localhost:PORT/program"></iframe>"#;

#[tokio::test]
async fn a_page_in_a_strangers_frame_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let framer = FRAMER.replace("PORT", &port.to_string());
    let router = Router::new()
        .route("/", get(async move || Html(framer)))
        .route("/program", get(async || Html(FRAMED)))
        .route("/minihost/{*path}", get(module));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    browser.client.goto(&format!("http://evil.localhost:{port}/")).await.unwrap();
    browser.client.enter_frame(0).await.unwrap();
    let outcome = eventually("an outcome", async || {
        let title = browser.client.execute("return document.title", Vec::new()).await.ok()?;
        title.as_str().filter(|title| !["", "waiting"].contains(title)).map(str::to_owned)
    })
    .await;
    assert_eq!(outcome, "untrusted_origin true");
    browser.client.enter_parent_frame().await.unwrap();
    let heard = browser.client.execute("return window.heard", Vec::new()).await.unwrap();
    assert_eq!(heard, 0);
    browser.close().await;
}

/// A file of the bridge, as a program serves it.
async fn module(Path(path): Path<String>) -> impl IntoResponse {
    let source = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../bindings/javascript/src");
    match std::fs::read_to_string(source.join(path)) {
        Ok(text) => ([(CONTENT_TYPE, "text/javascript")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
