//! Pages that try to be somebody else.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    stranger,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{client::IntoClientRequest, http::HeaderValue};

#[tokio::test]
async fn a2_a_frame_within_the_program_gets_no_port() {
    on_a_phone(ask_from_a_frame_within).await;
}

async fn ask_from_a_frame_within(_: &SampleHost, phone: &Phone<'_>) {
    phone.open_program("teahouse").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    phone
        .run(
            "const frame = document.createElement('iframe'); frame.id = 'inner'; \
             document.body.append(frame);",
        )
        .await;
    phone.browser.client.enter_frame(0).await.unwrap();
    let got = phone
        .run_async(
            "const done = arguments[arguments.length - 1]; let got = 0; \
             addEventListener('message', event => { if (event.ports.length) got += 1; }); \
             top.postMessage({ minihost: 'hello' }, '*'); \
             parent.postMessage({ minihost: 'hello' }, '*'); \
             setTimeout(() => done(got), 1500);",
        )
        .await;
    assert_eq!(got, 0);
    phone.browser.client.enter_parent_frame().await.unwrap();
    phone.leave_program().await;
    phone.tap_continue().await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
}

#[tokio::test]
async fn a17_a_hostile_page_cannot_frame_a_program_or_the_phone() {
    let host = SampleHost::start().await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    for target in [host.program("teahouse").url.clone(), host.ready.simulator.clone()] {
        let page = format!("<!doctype html><iframe src=\"{target}\"></iframe>");
        let address = stranger::with_one_page(&page).await;
        browser.client.goto(&address).await.unwrap();
        browser.client.enter_frame(0).await.unwrap();
        let shown = eventually("the frame's document", async || {
            let script = "return [location.href, document.querySelectorAll('button').length]";
            let shown = browser.client.execute(script, Vec::new()).await.ok()?;
            (shown[0] != "about:blank").then_some(shown)
        })
        .await;
        assert!(shown[0].as_str().unwrap().starts_with("chrome-error:"), "{target}: {shown}");
    }
    browser.close().await;
}

#[tokio::test]
async fn a1_only_the_simulators_own_page_may_speak_to_the_host() {
    let host = SampleHost::start().await;
    let simulator = url::Url::parse(&host.ready.simulator).unwrap();
    let origin = simulator.origin().ascii_serialization();
    let port = simulator.port().unwrap();
    let name = simulator.host_str().unwrap();
    let token = token_of_the_page(name, port).await;
    let foreign = "https://evil.example";
    let attempts = [
        (foreign, token.as_str(), false),
        ("null", token.as_str(), false),
        (origin.as_str(), "made-up", false),
        (origin.as_str(), "", false),
        (origin.as_str(), token.as_str(), true),
    ];
    for (origin, token, welcome) in attempts {
        let address = format!("ws://127.0.0.1:{port}/ws?token={token}");
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("origin", HeaderValue::from_str(origin).unwrap());
        let host_header = HeaderValue::from_str(&format!("{name}:{port}")).unwrap();
        request.headers_mut().insert("host", host_header);
        let connected = tokio_tungstenite::connect_async(request).await;
        assert_eq!(connected.is_ok(), welcome, "{origin} with token of {} letters", token.len());
    }
}

/// The page says its token only to whoever can read the page.
async fn token_of_the_page(name: &str, port: u16) -> String {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    let (_, rest) = page.split_once("data-token=\"").expect("the page has a token");
    rest.split_once('"').expect("the attribute ends").0.to_owned()
}
