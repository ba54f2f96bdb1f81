//! A sink that does not take what it is given.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use minihost::{Clock, Moment, ReplyToken};
use minihost_testkit::{call, initialize, request_code};
use serde_json::json;

use crate::{
    bench::{DOCUMENT, bench},
    fake::{Asked, Gate},
};

/// Moves as the test says.
#[derive(Default)]
struct Steps(AtomicU64);

impl Clock for Steps {
    fn now(&self) -> Moment {
        let uptime = Duration::from_millis(self.0.load(Ordering::Relaxed));
        Moment { uptime, time: "2026-01-01T00:00:00Z".parse().unwrap() }
    }
}

#[tokio::test]
async fn a_session_whose_messages_the_sink_does_not_take_is_closed() {
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
        clock.0.fetch_add(50, Ordering::Relaxed);
        host.receive(session, call("teahouse", DOCUMENT, ReplyToken(token)), text)
    };
    let mut asked = 0;
    for token in (1..4_000).step_by(2) {
        let before = send(token, &request_code(token, &["openid"]).to_string());
        assert_eq!(before, None, "the user is asked");
        let cancel = json!({
            "jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": token},
        });
        send(token + 1, &cancel.to_string());
        if send(4_000, &initialize(4_000).to_string()).is_none() {
            break;
        }
        asked += 1;
    }
    assert!((1_000..1_200).contains(&asked), "{asked} answers wait");
    gate.open();
    let mut answers = 0;
    while answers < asked {
        let answer = |asked: &Asked| matches!(asked, Asked::Deliver(..)).then_some(());
        bench.find(answer).await;
        answers += 1;
    }
}
