//! The host's own code may call the host back from wherever it is called.

use std::{
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use minihost::{Clock, Launch, MiniHost, Moment, ReplyToken, SystemClock};
use minihost_testkit::{call, manifest};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    layer::{Layer, SubscriberExt as _},
    registry::LookupSpan,
};

use crate::{
    bench::{DOCUMENT, bench},
    fake::Gate,
    own::{grant, teahouse},
};

/// How long a call back may take that waits for nobody.
const PROMPTLY: Duration = Duration::from_secs(10);

/// Calls the host back, from another thread: a lock that is held is found so, and stops no test.
#[derive(Default)]
struct CallBack {
    host: OnceLock<MiniHost>,
    is_calling: AtomicBool,
    calls: AtomicUsize,
    stuck: AtomicUsize,
}

impl CallBack {
    fn call(&self) {
        let Some(host) = self.host.get() else { return };
        if self.is_calling.swap(true, Ordering::SeqCst) {
            return;
        }
        let (done, returned) = mpsc::channel();
        let host = host.clone();
        thread::spawn(move || {
            host.pending_prompts();
            let _ = done.send(());
        });
        self.calls.fetch_add(1, Ordering::SeqCst);
        if returned.recv_timeout(PROMPTLY).is_err() {
            self.stuck.fetch_add(1, Ordering::SeqCst);
        }
        self.is_calling.store(false, Ordering::SeqCst);
    }

    fn assert_called_and_never_stuck(&self) {
        assert!(self.calls.load(Ordering::SeqCst) > 0, "nothing was called");
        assert_eq!(self.stuck.load(Ordering::SeqCst), 0, "a lock is held");
    }
}

struct CallingClock(SystemClock, Arc<CallBack>);

impl Clock for CallingClock {
    fn now(&self) -> Moment {
        self.1.call();
        self.0.now()
    }
}

struct CallingLog(Arc<CallBack>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for CallingLog {
    fn on_event(&self, _: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.0.call();
    }
}

impl Wake for CallBack {
    fn wake(self: Arc<Self>) {
        self.call();
    }
}

#[tokio::test]
async fn no_lock_is_held_while_a_port_is_called() {
    let mut bench = bench(|_| {}).await;
    let fake = bench.fake.upgrade().unwrap();
    assert!(fake.reenter.set(bench.host.clone()).is_ok());
    drop(fake);
    bench.request(1);
    bench.view().await;
    let (_, message) = bench.delivered().await;
    assert_eq!(message["result"]["code"], "the-code");
}

#[tokio::test]
async fn no_lock_is_held_while_the_clock_is_read() {
    let back = Arc::new(CallBack::default());
    let calling = back.clone();
    let mut bench = bench(move |fake| {
        fake.clock = Arc::new(CallingClock(SystemClock::new(), calling));
    })
    .await;
    assert!(back.host.set(bench.host.clone()).is_ok());
    grant(&mut bench, 1).await;
    bench.host.grants();
    bench.host.past_grants();
    assert!(bench.host.open(manifest("cinema"), Launch::default()).is_ok());
    back.assert_called_and_never_stuck();
}

#[tokio::test]
async fn no_lock_is_held_while_the_log_is_written() {
    let (back, gate) = (Arc::new(CallBack::default()), Arc::new(Gate::default()));
    let waits = gate.clone();
    let bench = bench(move |fake| fake.sink_gate = Some(waits)).await;
    assert!(back.host.set(bench.host.clone()).is_ok());
    let log = tracing_subscriber::registry().with(CallingLog(back.clone()));
    let _log = tracing::subscriber::set_default(log);
    // Nothing is heard of a program that is closed, and each message has a way back to let go.
    bench.host.close(bench.session);
    for token in 1..=1_100 {
        let context = call("teahouse", DOCUMENT, ReplyToken(token));
        assert_eq!(bench.host.receive(bench.session, context, "{}"), None);
    }
    back.assert_called_and_never_stuck();
    gate.open();
}

#[tokio::test]
async fn no_lock_is_held_while_whoever_waits_for_a_taking_back_is_woken() {
    let back = Arc::new(CallBack::default());
    let mut bench = bench(|_| {}).await;
    grant(&mut bench, 1).await;
    assert!(back.host.set(bench.host.clone()).is_ok());
    let waker = Waker::from(back.clone());
    let host = bench.host.clone();
    let mut revoking = pin!(host.revoke(teahouse(), None));
    let outcome = loop {
        match revoking.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => break outcome.unwrap(),
            Poll::Pending => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    };
    assert_eq!(outcome.scopes.len(), 2);
    back.assert_called_and_never_stuck();
}
