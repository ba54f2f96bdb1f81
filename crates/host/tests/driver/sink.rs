//! A sink that does not take what it is given.

use std::sync::Arc;

use minihost::ReplyToken;
use minihost_testkit::{call, initialize, request_code};
use serde_json::json;

use crate::{
    bench::{DOCUMENT, bench},
    clocks::Steps,
    fake::{Asked, Gate},
};

#[tokio::test]
async fn a_session_whose_messages_the_sink_does_not_take_hears_so_and_nothing_it_asked_is_lost() {
    let (clock, gate) = (Arc::new(Steps::default()), Arc::new(Gate::default()));
    let (steps, waits) = (clock.clone(), gate.clone());
    let mut bench = bench(move |fake| {
        fake.clock = steps;
        fake.sink_gate = Some(waits);
    })
    .await;
    let (host, session) = (bench.host.clone(), bench.session);
    let send = |token: u64, text: &str| {
        // As fast as a page may.
        clock.step();
        host.receive(session, call("teahouse", DOCUMENT, ReplyToken(token)), text)
    };
    let silently = |token: u64| {
        let mut request = request_code(token, &["openid"]);
        request["params"]["prompt"] = json!("none");
        request.to_string()
    };
    let mut asked = 0;
    for token in 1..1_200 {
        let Some(said_at_once) = send(token, &silently(token)) else {
            asked += 1;
            let cancel = json!({
                "jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": token},
            });
            // A few go on waiting.
            if token > 5 {
                send(10_000 + token, &cancel.to_string());
            }
            continue;
        };
        assert!(said_at_once.contains("aborted"), "{said_at_once}");
        break;
    }
    assert!((1_000..1_200).contains(&asked), "{asked} answers wait");
    // The document is there, and hears at once that it will hear nothing more.
    let hello = send(20_000, &initialize(20_000).to_string()).expect("it is answered");
    assert!(hello.contains("aborted"), "{hello}");

    gate.open();
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < asked {
        let token = bench
            .find(|asked| match asked {
                Asked::Deliver(Some(token), _) => Some(token.0),
                _ => None,
            })
            .await;
        assert!(answered.insert(token), "{token} is answered twice");
    }
    host.close(session);
}
