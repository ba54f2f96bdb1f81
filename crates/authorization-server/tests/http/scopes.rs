//! Granted is what everybody agrees to.

use std::collections::BTreeSet;

use jiff::Timestamp;
use minihost_authorization_server::{ClientRegistration, RefreshPolicy, Scopes};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::{Pkce, World, program};

type Set = BTreeSet<String>;

fn set() -> impl Strategy<Value = Set> {
    proptest::collection::btree_set("[a-d]", 0..=4)
}

fn list(set: &Set) -> String {
    set.iter().cloned().collect::<Vec<_>>().join(" ")
}

#[test]
fn h3_granted_is_asked_and_registered_and_allowed_and_consented() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: crate::support::cases(64, 1_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let world = std::sync::Mutex::new(&mut world);
    let case = (set(), set(), set(), proptest::option::of(set()));
    runner
        .run(&case, |(asked, program, host, consented)| {
            let mut world = world.lock().unwrap();
            let granted =
                runtime.block_on(ask(&mut world, &asked, &program, &host, consented.as_ref()));
            let mut expected: Set = &(&asked & &program) & &host;
            if let Some(consented) = &consented {
                expected = &expected & consented;
            }
            prop_assert_eq!(granted, (!expected.is_empty()).then(|| list(&expected)));
            Ok(())
        })
        .unwrap();
}

async fn ask(
    world: &mut World,
    asked: &Set,
    program_scopes: &Set,
    host_scopes: &Set,
    consented: Option<&Set>,
) -> Option<String> {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let scopes = Scopes::parse(&format!("mediate {}", list(host_scopes))).unwrap();
    let host = world.host("bank", "teahouse");
    world.put(ClientRegistration { default_scopes: scopes.clone(), scopes, ..host }).await;
    let secret = world.new_secret("teahouse");
    let scopes = Scopes::parse(&list(program_scopes)).unwrap();
    let target = program("teahouse", secret, RefreshPolicy::None);
    world.put(ClientRegistration { default_scopes: Scopes::default(), scopes, ..target }).await;

    let subject = world.sign_in("bank", "alice").await;
    let mut form = world.code_form("teahouse", &subject, &Pkce::new()).with("scope", list(asked));
    if let Some(consented) = consented {
        let jti = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
        let at = Timestamp::from_second(1_700_000_000).unwrap().to_string();
        let evidence = json!({
            "jti": jti, "id": "d", "at": at, "mode": "remembered", "scopes": consented,
        });
        form = form.with("consent", evidence);
    }
    let answer = world.post("/challenge", "bank", &form).await;
    if answer.status.is_success() {
        return Some(answer.text("scope").to_owned());
    }
    answer.refused(400, "invalid_scope");
    None
}
