//! The file of grants, and what a host makes of it.

use std::sync::OnceLock;

use minihost::fuzzing::GrantsKey;
use minihost_core::{Effect, Input, Remembered};
use minihost_testkit::{Machine, alice};

/// Bytes that were not written with the key are not trusted. Those that were are read as they were
/// written, and whatever they say, a host that has read them goes on and writes them again.
pub(crate) fn check(bytes: &[u8]) {
    let key = key();
    assert!(key.open(bytes).is_err(), "nobody else has the key");
    let document = key.seal_body(bytes);
    let Ok(remembered) = key.open(&document) else { return };
    assert_eq!(key.open(&key.seal(&remembered)), Ok(remembered.clone()));
    let mut cut = document.clone();
    cut.pop();
    assert!(key.open(&cut).is_err());

    let mut machine = Machine::default();
    machine.feed(Input::Loaded(remembered));
    machine.feed(Input::UserChanged(Some(alice())));
    machine.feed(Input::Tick);
    let now = machine.now();
    assert!(machine.mediator.grants(now).iter().all(|grant| grant.is_live(now.time)));
    machine.feed(Input::SettingsOpened);
    if let Some(kept) = written(&mut machine) {
        let mut again = Machine::default();
        again.feed(Input::Loaded(kept.clone()));
        assert_eq!(key.open(&key.seal(&kept)), Ok(kept));
    }
}

/// What a host would write now: taking back what nobody has makes it write nothing, and what
/// somebody has makes it write all.
fn written(machine: &mut Machine) -> Option<Remembered> {
    let program = machine.mediator.grants(machine.now()).first()?.key.party.mini_program.clone();
    let call = minihost_core::RevokeCall(1);
    let effects = machine.feed(Input::Revoke { call, mini_program: program, scopes: None });
    effects.into_iter().find_map(|effect| match effect {
        Effect::Save { remembered, .. } => Some(remembered),
        _ => None,
    })
}

fn key() -> &'static GrantsKey {
    static KEY: OnceLock<GrantsKey> = OnceLock::new();
    KEY.get_or_init(|| GrantsKey::new(&[7; 32]))
}
