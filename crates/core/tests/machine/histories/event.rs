//! What the world may do to the machine.

use std::collections::BTreeSet;

use minihost_core::{EndOutcome, Scope};
use proptest::{prelude::*, sample::select};

pub(crate) const PROGRAMS: [&str; 3] = ["teahouse", "cinema", "bakery"];
pub(crate) const SCOPES: [&str; 4] = ["openid", "profile", "email", "phone"];

/// One thing that the world does. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Request { session: usize, scopes: u8, prompt: &'static str, visible: bool },
    Call { session: usize, call: Call, visible: bool },
    Garbage { session: usize, text: String },
    Cancel { session: usize, id: u64 },
    Answer { prompt: Option<u64>, choice: u8, allow: u8, remember: bool },
    Saved { save: usize, stored: bool },
    Issued { ticket: usize, ok: bool },
    Returned { call: usize, ok: bool },
    Ended { ending: usize, outcome: EndOutcome },
    Revoke { session: usize, scopes: Option<u8> },
    Switch { session: usize, on: bool },
    Navigate { session: usize },
    Reopen { session: usize },
    Visible { session: usize, visible: bool },
    SwitchUser { to: u8 },
    Advance { seconds: u64 },
}

/// What a page calls beside `auth.requestCode`.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    GetGrants,
    CheckSession,
    Revoke(Option<u8>),
    OpenSettings,
    Print,
    Hidden,
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    let session = 0..PROGRAMS.len();
    prop_oneof![
        6 => (session.clone(), 1..16u8, prompt(), prop::bool::weighted(0.9)).prop_map(
            |(session, scopes, prompt, visible)| Event::Request { session, scopes, prompt, visible }
        ),
        1 => (session.clone(), select(vec!["{", "[]", "\"\"", "{\"jsonrpc\":\"2.0\",\"id\":1}"]))
            .prop_map(|(session, text)| Event::Garbage { session, text: text.into() }),
        1 => (session.clone(), 0..40u64).prop_map(|(session, id)| Event::Cancel { session, id }),
        5 => (prop::option::weighted(0.2, 0..50u64), 0..5u8, 0..16u8, any::<bool>()).prop_map(
            |(prompt, choice, allow, remember)| Event::Answer { prompt, choice, allow, remember }
        ),
        3 => (any::<usize>(), prop::bool::weighted(0.8))
            .prop_map(|(save, stored)| Event::Saved { save, stored }),
        5 => (any::<usize>(), prop::bool::weighted(0.8))
            .prop_map(|(ticket, ok)| Event::Issued { ticket, ok }),
        4 => (session.clone(), call(), prop::bool::weighted(0.9))
            .prop_map(|(session, call, visible)| Event::Call { session, call, visible }),
        2 => (any::<usize>(), any::<bool>())
            .prop_map(|(call, ok)| Event::Returned { call, ok }),
        2 => (
            any::<usize>(),
            select(vec![EndOutcome::Ended, EndOutcome::LocalOnly, EndOutcome::Failed])
        )
            .prop_map(|(ending, outcome)| Event::Ended { ending, outcome }),
        1 => (session.clone(), prop::option::of(1..16u8))
            .prop_map(|(session, scopes)| Event::Revoke { session, scopes }),
        1 => (session.clone(), prop::bool::weighted(0.7))
            .prop_map(|(session, on)| Event::Switch { session, on }),
        1 => session.clone().prop_map(|session| Event::Navigate { session }),
        1 => session.clone().prop_map(|session| Event::Reopen { session }),
        1 => (session, any::<bool>())
            .prop_map(|(session, visible)| Event::Visible { session, visible }),
        1 => (0..3u8).prop_map(|to| Event::SwitchUser { to }),
        2 => prop_oneof![Just(1u64), Just(2), Just(6), Just(31), Just(301), Just(2_592_000)]
            .prop_map(|seconds| Event::Advance { seconds }),
    ]
}

/// One impatient page that is granted something and asks again and again.
pub(crate) fn impatience() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => Just(Event::Request { session: 0, scopes: 1, prompt: "auto", visible: true }),
        2 => (0..40u64).prop_map(|id| Event::Cancel { session: 0, id }),
        1 => any::<usize>().prop_map(|ticket| Event::Issued { ticket, ok: true }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => Just(Call::GetGrants),
        2 => Just(Call::CheckSession),
        2 => prop::option::of(1..16u8).prop_map(Call::Revoke),
        1 => Just(Call::OpenSettings),
        2 => Just(Call::Print),
        1 => Just(Call::Hidden),
    ]
}

fn prompt() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("auto"), 1 => Just("none"), 2 => Just("consent"), 1 => Just("login")]
}

pub(crate) fn scopes(bits: u8) -> BTreeSet<Scope> {
    let chosen = SCOPES.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
    chosen.map(|(_, scope)| Scope::new(*scope)).collect()
}
