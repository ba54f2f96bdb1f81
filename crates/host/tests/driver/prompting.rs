//! A prompt that does not return from a call.

use std::sync::Arc;

use minihost::ReplyToken;
use minihost_testkit::call;
use serde_json::json;

use crate::{
    bench::{DOCUMENT, bench},
    clocks::Steps,
    fake::{Asked, Gate},
};

#[tokio::test]
async fn a_prompt_that_hangs_is_given_the_newest_alone_when_it_is_back() {
    let (clock, gate) = (Arc::new(Steps::default()), Arc::new(Gate::default()));
    let (steps, waits) = (clock.clone(), gate.clone());
    let mut bench = bench(move |fake| {
        fake.clock = steps;
        fake.prompt_gate = Some(waits);
    })
    .await;
    for token in 1..100 {
        clock.step();
        // A page that takes back again and again is held back, but for a user who looks after it.
        bench.host.settings_opened();
        bench.request(token);
        clock.step();
        let params = json!({"id": token});
        let cancel = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params});
        let context = call("teahouse", DOCUMENT, ReplyToken(1_000 + token));
        bench.host.receive(bench.session, context, &cancel.to_string());
    }
    clock.step();
    bench.host.settings_opened();
    bench.request(100);
    let newest = bench.host.pending_prompts().remove(0).prompt;
    gate.open();
    let mut before = 0;
    while bench.view().await.prompt != newest {
        before += 1;
    }
    assert!(before <= 1, "{before} prompts that nobody waits for come first");
    let dismissed = |asked: &Asked| matches!(asked, Asked::Dismiss(_)).then_some(());
    for _ in 0..before {
        bench.find(dismissed).await;
    }
}
