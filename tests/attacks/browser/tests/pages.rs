//! What a program's page tries within the phone.
#![cfg(test)]

use minihost_e2e::{
    eventually,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    stranger,
};
use serde_json::{Value, json};
use url::Url;

/// Asks for a port as a program's page does, of everybody who might have one, and counts what comes.
const COUNT_PORTS: &str = r#"
const done = arguments[arguments.length - 1];
let ports = 0;
addEventListener('message', event => { ports += event.ports.length; });
for (const other of new Set([window.parent, window.top, window.opener])) {
    other?.postMessage({ minihost: 'hello' }, '*');
}
setTimeout(() => done(ports), 1500);
"#;

/// Goes somewhere from within the program's frame and waits until something else is there.
async fn go(phone: &Phone<'_>, script: &str) {
    phone.run("window.stillThePageBefore = true").await;
    phone.run(script).await;
    eventually("another document in the frame", async || {
        let script =
            "return window.stillThePageBefore === undefined && document.readyState !== 'loading'";
        let there = phone.browser.client.execute(script, Vec::new()).await.ok()?;
        (there == true).then_some(())
    })
    .await;
}

fn origin_of(address: &str) -> String {
    Url::parse(address).unwrap().origin().ascii_serialization()
}

#[tokio::test]
async fn a2_frames_and_windows_of_a_page_get_no_port() {
    on_a_phone(async |host, phone| {
        phone.open_program("teahouse").await;
        phone.enter_program().await;
        phone.shown("continue").await;
        let cinema = host.program("cinema").url.clone();
        let frames = [
            "frame.srcdoc = '<p>same origin</p>'".to_owned(),
            "frame.sandbox = 'allow-scripts'; frame.srcdoc = '<p>no origin</p>'".to_owned(),
            format!("frame.src = {}", json!(cinema)),
        ];
        for make in frames {
            phone
                .run(&format!(
                    "const frame = document.createElement('iframe'); frame.id = 'inner'; {make}; \
                     document.body.append(frame)"
                ))
                .await;
            phone.browser.client.enter_frame(0).await.unwrap();
            assert_eq!(phone.run_async(COUNT_PORTS).await, 0, "{make}");
            phone.browser.client.enter_parent_frame().await.unwrap();
            phone.run("document.getElementById('inner').remove()").await;
        }
        let opened = phone.run("return window.open('about:blank')").await;
        assert_eq!(opened, Value::Null, "a program opens no windows");
        phone.leave_program().await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
    })
    .await;
}

#[tokio::test]
async fn a6_a20_wherever_a_redirect_leads_the_bridge_is_not_there() {
    on_a_phone(lead_elsewhere).await;
}

async fn lead_elsewhere(host: &SampleHost, phone: &Phone<'_>) {
    let issuer = &host.ready.authorization_server;
    let (tea, cinema) = (host.program("teahouse").url.clone(), host.program("cinema").url.clone());
    let detour = stranger::sending_on_to(&tea).await;
    phone.open_program("teahouse").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    // The authorization server's pages, and the host's own, do not appear within a program; nor does
    // what a stranger answers, wherever that leads.
    let simulator = host.ready.simulator.clone();
    for address in [format!("{issuer}/login"), format!("{issuer}/authorize"), simulator, detour] {
        go(phone, &format!("location.href = {}", json!(address))).await;
        let shown =
            phone.run("return [location.href, document.querySelectorAll('input').length]").await;
        assert!(shown[0].as_str().unwrap().starts_with("chrome-error:"), "{address}: {shown}");
        phone.leave_program().await;
        phone.close_program().await;
        phone.open_program("teahouse").await;
        phone.enter_program().await;
        phone.shown("continue").await;
    }
    // Another program's page does, and is not taken for the one that was opened; back at its own
    // origin the program is served again.
    let refresh = format!(
        "const meta = document.createElement('meta'); meta.httpEquiv = 'refresh'; \
         meta.content = '0;url={cinema}'; document.head.append(meta)"
    );
    let ways = [
        (format!("location.href = {}", json!(cinema)), &cinema, 0),
        ("history.back()".to_owned(), &tea, 1),
        ("history.forward()".to_owned(), &cinema, 0),
        (format!("location.replace({})", json!(tea)), &tea, 1),
        (refresh, &cinema, 0),
    ];
    for (way, leads_to, ports) in ways {
        go(phone, &way).await;
        let here = phone.run("return location.origin").await;
        assert_eq!(here.as_str().unwrap(), origin_of(leads_to), "{way}");
        assert_eq!(phone.run_async(COUNT_PORTS).await, ports, "{way}");
    }
    phone.leave_program().await;
}

#[tokio::test]
async fn a7_a_page_that_leaves_while_the_user_is_asked_takes_the_sheet_with_it() {
    on_a_phone(async |host, phone| {
        phone.be_asked_by("teahouse").await;
        let cinema = host.program("cinema").url.clone();
        phone.enter_program().await;
        go(phone, &format!("location.replace({})", json!(cinema))).await;
        // The page that follows listens for whatever was meant for the one before.
        phone
            .run("window.heard = 0; addEventListener('message', () => { window.heard += 1; })")
            .await;
        phone.leave_program().await;
        phone.gone("consent-sheet").await;
        phone.recorded("documentGone", None).await;
        phone.enter_program().await;
        assert_eq!(phone.run("return window.heard").await, 0);
        phone.leave_program().await;
    })
    .await;
}

/// Says hello and sends each text as the id and the method of a request; gives the answers' ids.
const ECHO: &str = r#"
const done = arguments[arguments.length - 1];
const texts = TEXTS;
const ids = [];
addEventListener('message', event => {
    if (event.source !== parent || event.data?.minihost !== 'port') return;
    const port = event.ports[0];
    port.onmessage = ({ data }) => {
        ids.push(JSON.parse(data).id);
        if (ids.length === texts.length) done(ids);
    };
    for (const text of texts) {
        port.postMessage(JSON.stringify({ jsonrpc: '2.0', id: text, method: text }));
    }
});
parent.postMessage({ minihost: 'hello' }, '*');
"#;

#[tokio::test]
async fn a8_hostile_texts_run_nothing_on_their_way_through_the_phone() {
    on_a_phone(async |_, phone| {
        let hostile = json!([
            "'",
            "\"",
            "`",
            "\\`${window.top.pwned = 1}`",
            "');window.pwned = 1;//",
            "</script><script>top.pwned = 1</script>",
            "<img src=x onerror='top.pwned = 1'>",
            "\u{2028}window.pwned = 1",
            "\u{2029}",
            "\0",
            "\r\n",
            "\u{202e}",
            "${top.pwned = 1}",
        ]);
        phone.open_program("teahouse").await;
        phone.enter_program().await;
        phone.shown("continue").await;
        let ids = phone.run_async(&ECHO.replace("TEXTS", &hostile.to_string())).await;
        assert_eq!(ids, hostile);
        assert_eq!(phone.run("return window.pwned ?? null").await, Value::Null);
        phone.leave_program().await;
        assert_eq!(phone.run("return window.pwned ?? null").await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a19_f6_f9_what_a_program_stores_is_its_own_and_holds_no_secret() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        phone.enter_program().await;
        let everything = "return JSON.stringify([localStorage, sessionStorage, document.cookie, \
                          document.documentElement.outerHTML, location.href, history.state, window.name])";
        let page = phone.run(everything).await;
        phone
            .run(
                "localStorage.setItem('mine', 'tea'); sessionStorage.setItem('mine', 'tea'); \
                 document.cookie = 'mine=set-by-the-tea-house-for-itself-and-nobody-else'",
            )
            .await;
        phone
            .run_async(
                "const done = arguments[arguments.length - 1]; \
                 caches.open('mine').then(() => indexedDB.open('mine', 1).onsuccess = () => done(true))",
            )
            .await;
        phone.leave_program().await;
        let found = phone.minted().found_in(page.as_str().unwrap().as_bytes());
        assert_eq!(found, Vec::<String>::new(), "no code, token, verifier or secret");
        phone.close_program().await;

        phone.open_program("cinema").await;
        phone.enter_program().await;
        phone.shown("continue").await;
        let there = phone
            .run("return [localStorage.getItem('mine'), sessionStorage.getItem('mine'), document.cookie]")
            .await;
        assert_eq!(there, json!([null, null, ""]));
        let databases = phone
            .run_async(
                "const done = arguments[arguments.length - 1]; \
                 Promise.all([indexedDB.databases(), caches.keys()]).then(done)",
            )
            .await;
        assert_eq!(databases, json!([[], []]));
        phone.leave_program().await;
    })
    .await;
}
