//! The bridge of the page side against the real host, in a real browser: whatever happens, every
//! call settles exactly once, and nobody else is heard.
//!
//! | case | where |
//! |---|---|
//! | approve, partial, deny, cancel | `the_users_answer_is_the_calls_outcome`; with a program's own pages in `story.rs` |
//! | abort, timeout | `a_call_that_is_given_up_takes_its_sheet_away` |
//! | reload mid-request | `a_page_that_reloads_begins_anew`; with a program's own page in `story.rs` |
//! | hidden page | `a_program_in_the_background_is_answered_but_asks_nobody` |
//! | two documents at once | `two_programs_at_once_get_each_their_own_answers` |
//! | host restart | `a_host_that_dies_and_starts_again_is_found_again` |
//! | version mismatch, unknown method, what the host cannot read | `what_the_host_cannot_do_is_refused_by_its_reason` |
//! | hostile sibling frame, forged replies | `a_hostile_frame_beside_or_within_the_program_is_not_heard` in `strangers.rs`; who gets no port is in `attacks/browser/tests/pages.rs` |
//! | hostile framer | `a_page_in_a_strangers_frame_says_nothing` in `strangers.rs`; that a browser does not show a program there is in `attacks/browser/tests/strangers.rs` |
//! | 1,000 concurrent calls, nothing left behind | `a_thousand_calls_at_once_all_settle_and_leave_nothing_behind` |
#![cfg(test)]

use std::net::{self, Ipv4Addr};

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
};
use serde_json::json;

const ASK: &str = "bridge.requestCode(await request())";

#[tokio::test]
async fn the_users_answer_is_the_calls_outcome() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        phone.start_by_touch("cancel", ASK).await;
        phone.shown("consent-sheet").await;
        phone.click("consent-close").await;
        assert_eq!(phone.outcome("cancel").await["reason"], "user_cancelled");

        phone.start_by_touch("partial", ASK).await;
        phone.allow_except(&["email"]).await;
        let partial = phone.outcome("partial").await["result"].clone();
        assert_eq!(partial["grantedScopes"], json!(["openid"]));
        assert_eq!(partial["deniedScopes"], json!({"email": "user_denied"}));

        phone.start_by_touch("approve", ASK).await;
        phone.allow_except(&[]).await;
        let approved = phone.outcome("approve").await["result"].clone();
        assert_eq!(approved["grantedScopes"], json!(["email", "openid"]));
        assert_ne!(approved["code"], partial["code"]);

        phone
            .start_by_touch("deny", "bridge.requestCode(await request({ scopes: ['phone'] }))")
            .await;
        phone.deny().await;
        let denied = phone.outcome("deny").await;
        assert_eq!(
            (&denied["name"], &denied["reason"]),
            (&json!("BridgeError"), &json!("user_denied"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_given_up_takes_its_sheet_away() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        let abortable = "{ window.controller = new AbortController();
                           return bridge.requestCode(await request({ signal: controller.signal })); }";
        phone.start_by_touch("abort", abortable).await;
        phone.shown("consent-sheet").await;
        phone.in_program("controller.abort(new Error('changed my mind'))").await;
        let aborted = phone.outcome("abort").await;
        assert_eq!(aborted["reason"], "aborted");
        assert!(aborted["cause"].as_str().unwrap().contains("changed my mind"));
        phone.gone("consent-sheet").await;
        phone.recorded("refused", Some("aborted")).await;

        phone.start_by_touch("timeout", "bridge.requestCode(await request({ timeout: 1500 }))").await;
        let timed_out = phone.outcome("timeout").await;
        assert_eq!((&timed_out["reason"], &timed_out["retryable"]), (&json!("timeout"), &json!(true)));
        phone.gone("consent-sheet").await;

        phone.start_by_touch("again", ASK).await;
        phone.allow_except(&[]).await;
        assert!(phone.outcome("again").await["result"]["code"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_page_that_reloads_begins_anew() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        phone.start_by_touch("lost", ASK).await;
        phone.shown("consent-sheet").await;
        phone.enter_program().await;
        phone.run("window.isOld = true; location.reload()").await;
        eventually("the page after it", async || {
            let script = "return window.isOld === undefined && document.readyState === 'complete'";
            let is_new = phone.browser.client.execute(script, Vec::new()).await.ok()?;
            (is_new == true).then_some(())
        })
        .await;
        phone.leave_program().await;
        phone.gone("consent-sheet").await;

        phone.use_bridge().await;
        phone.start_by_touch("found", ASK).await;
        phone.allow_except(&[]).await;
        assert!(phone.outcome("found").await["result"]["code"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_program_in_the_background_is_answered_but_asks_nobody() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        let when_hidden = "{ await new Promise((resolve) =>
                                 bridge.on('host.visibilityChanged', ({ visible }) => visible || resolve()));
                             start('grants', bridge.getGrants());
                             return bridge.requestCode(await request()); }";
        phone.start("hidden", when_hidden).await;
        phone.leave_open().await;
        phone.recorded("refused", Some("interaction_required")).await;
        assert!(!phone.is_shown("consent-sheet").await);
        phone.open_program("teahouse").await;
        assert_eq!(phone.outcome("hidden").await["reason"], "interaction_required");
        assert_eq!(phone.outcome("grants").await["result"], json!({"grants": []}));
    })
    .await;
}

#[tokio::test]
async fn two_programs_at_once_get_each_their_own_answers() {
    on_a_phone(async |_, phone| {
        // Until both have been asked for a while, the one in the background too.
        let calls = "{ const answers = new Set();
                       for (let n = 0; n < 20 || window.goOn; n++) {
                           answers.add((await bridge.getGrants()).grants.length);
                           // A host takes twenty messages a second for long.
                           await new Promise((resolve) => setTimeout(resolve, 60));
                       }
                       return [...answers]; }";
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        phone.start_by_touch("code", ASK).await;
        phone.allow_except(&[]).await;
        assert_eq!(phone.outcome("code").await["result"]["clientId"], "teahouse");
        phone.in_program("window.goOn = true").await;
        phone.start("calls", calls).await;
        phone.leave_open().await;

        phone.open_program("cinema").await;
        phone.use_bridge().await;
        phone.start("calls", calls).await;
        assert_eq!(phone.outcome("calls").await["result"], json!([0]), "the cinema's");
        phone.leave_open().await;

        phone.open_program("teahouse").await;
        phone.in_program("window.goOn = false").await;
        assert_eq!(phone.outcome("calls").await["result"], json!([2]), "the tea house's");
    })
    .await;
}

#[tokio::test]
async fn a_host_that_dies_and_starts_again_is_found_again() {
    let port = room_for_a_host().to_string();
    let host = SampleHost::start_with(&["--port", &port]).await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let phone = Phone::open(&host, &browser).await;
    phone.sign_in("alice").await;
    phone.open_program("teahouse").await;
    phone.use_bridge().await;
    phone.start_by_touch("lost", ASK).await;
    phone.shown("consent-sheet").await;
    host.kill().await;
    // The host app is gone, and its programs' documents with it: nobody is left who waits.
    let is_over = "return !document.getElementById('ended').hidden
        && document.querySelector('#windows iframe') === null
        && !document.querySelector('[data-testid=consent-sheet]')?.checkVisibility()";
    eventually("the end of the phone", async || {
        let over = browser.client.execute(is_over, Vec::new()).await.ok()?;
        (over == true).then_some(())
    })
    .await;

    let again = SampleHost::start_with(&["--port", &port]).await;
    let phone = Phone::open(&again, &browser).await;
    phone.sign_in("alice").await;
    phone.open_program("teahouse").await;
    phone.use_bridge().await;
    phone.start_by_touch("found", ASK).await;
    phone.allow_except(&[]).await;
    assert!(phone.outcome("found").await["result"]["code"].is_string());
    browser.close().await;
    assert!(again.stop().await.success);
}

/// The first of enough ports in a row that nobody uses, below those that the system gives out by itself.
fn room_for_a_host() -> u16 {
    let is_free = |port: u16| net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut starts = (20_000..32_000).step_by(16);
    starts.find(|start| (*start..start + 16).all(is_free)).expect("there is room")
}

#[tokio::test]
async fn what_the_host_cannot_do_is_refused_by_its_reason() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        let unreadable = [
            ("large", "bridge.call('a.b', { text: 'x'.repeat(70_000) })"),
            ("deep", "bridge.call('a.b', { deep: JSON.parse('['.repeat(20) + ']'.repeat(20)) })"),
            ("wide", "bridge.call('a.b', Object.fromEntries(Array.from({ length: 200 }, (_, n) => [n, n])))"),
            ("broken", r"bridge.requestCode(await request({ state: '\ud83c' }))"),
        ];
        for (name, call) in unreadable {
            phone.start(name, call).await;
            assert_eq!(phone.outcome(name).await["reason"], "invalid_request", "{name}");
        }
        phone.start("unknown", "bridge.call('vendor.none')").await;
        assert_eq!(phone.outcome("unknown").await["reason"], "unsupported_method");
        phone.start("still", "bridge.getGrants()").await;
        assert_eq!(phone.outcome("still").await["result"], json!({"grants": []}));

        phone.start("version", "connect({ hostOrigins, versions: { min: 2, max: 3 } })").await;
        let refused = phone.outcome("version").await;
        assert_eq!(refused["reason"], "unsupported_version");
        assert_eq!(refused["data"]["versions"], json!({"min": 1, "max": 1}));
    })
    .await;
}

/// Counts the timers and listeners that are alive, from here on. A call that waits has a timer. What
/// listens to a port goes with the port, which the bridge closes.
const COUNT_WHAT_LIVES: &str = r#"
const timers = new Set();
const listeners = [];
const { setTimeout: set, clearTimeout: clear } = window;
window.setTimeout = (run, ...rest) => {
    const id = set((...values) => { timers.delete(id); run(...values); }, ...rest);
    timers.add(id);
    return id;
};
window.clearTimeout = (id) => { timers.delete(id); clear(id); };
const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
const at = (target, type, run) => listeners.findIndex((one) => one[0] === target && one[1] === type && one[2] === run);
EventTarget.prototype.addEventListener = function (type, run, ...rest) {
    if (!(this instanceof MessagePort) && at(this, type, run) < 0) listeners.push([this, type, run]);
    return add.call(this, type, run, ...rest);
};
EventTarget.prototype.removeEventListener = function (type, run, ...rest) {
    const found = at(this, type, run);
    if (found >= 0) listeners.splice(found, 1);
    return remove.call(this, type, run, ...rest);
};
window.alive = () => [timers.size, listeners.length];
"#;

#[tokio::test]
async fn a_thousand_calls_at_once_all_settle_and_leave_nothing_behind() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        let thousand = format!(
            "{COUNT_WHAT_LIVES}
             bridge = await connect({{ hostOrigins }});
             const {{ signal }} = new AbortController();
             const calls = Array.from({{ length: 1000 }}, () => bridge.getGrants({{ signal }}));
             const waiting = alive();
             const outcomes = await Promise.allSettled(calls);
             const answered = outcomes.filter(({{ value }}) => value?.grants.length === 0).length;
             const throttled = outcomes.filter(({{ reason }}) =>
                 reason?.reason === 'throttled' && reason.retryable && reason.retryAfter > 0).length;
             return [waiting, answered, throttled, alive()];"
        );
        let found = phone.in_program(&thousand).await;
        assert_eq!((&found[0], &found[3]), (&json!([1000, 1000]), &json!([0, 0])), "{found}");
        let [answered, throttled] = [1, 2].map(|at| found[at].as_u64().unwrap());
        assert_eq!(answered + throttled, 1000);
        assert!(answered >= 90, "a host takes a hundred messages at once: {found}");
        phone.close_program().await;

        // Those that come to nothing leave nothing behind either, at the page or at the host, where
        // afterwards as many as may wait at once have all their place.
        phone.open_program("teahouse").await;
        phone.use_bridge().await;
        let failing = format!(
            "{COUNT_WHAT_LIVES}
             bridge = await connect({{ hostOrigins }});
             const {{ limits }} = bridge.capabilities;
             const {{ signal }} = new AbortController();
             const given = new AbortController();
             const many = (length, call) => Array.from({{ length }}, call);
             const calls = [
                 ...many(10, () => bridge.call('vendor.none', {{}}, {{ signal }})),
                 ...many(16, () => bridge.checkSession({{ signal: given.signal }})),
                 bridge.call('large', {{ text: 'x'.repeat(70_000) }}, {{ signal }}),
             ];
             given.abort();
             const failures = await Promise.allSettled(calls);
             const settled = alive();
             const sessions = await Promise.all(many(limits.pending, () => bridge.checkSession({{ signal }})));
             bridge.close();
             const reasons = new Set(failures.map(({{ reason }}) => reason.reason));
             return [[...reasons].sort(), settled, sessions.every(({{ valid }}) => valid === false), alive()];"
        );
        let found = phone.in_program(&failing).await;
        let reasons = json!(["aborted", "invalid_request", "unsupported_method"]);
        assert_eq!(found, json!([reasons, [0, 0], true, [0, 0]]));
    })
    .await;
}
