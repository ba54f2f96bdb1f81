//! A thousand histories hold every rule; where a rule is broken on purpose, the judge notices; and a
//! seed is a history.
#![cfg(test)]

use minihost_simulation::{AfterViolation, Breakage, Broken, Rule, Tally, replay, simulate};

const HISTORIES: u64 = 1_000;

fn play(broken: Broken, after: AfterViolation) -> Tally {
    simulate(0, HISTORIES, broken, after, |_| {}).unwrap()
}

#[test]
fn a_thousand_histories_hold_every_rule() {
    let tally = play(Broken::default(), AfterViolation::GoOn);
    let told: Vec<String> = tally
        .violations
        .iter()
        .map(|(seed, violation)| format!("{violation}\n    cargo xtask simulate --seed {seed}"))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert_eq!(tally.histories, HISTORIES);
    let reached = tally.reached;
    assert!(reached.steps > 50 * HISTORIES, "{reached:?}");
    assert!(reached.answers > 3 * HISTORIES, "{reached:?}");
    assert!(reached.codes > 3 * HISTORIES, "{reached:?}");
    assert!(reached.deaths > HISTORIES / 10, "{reached:?}");
}

#[test]
fn whatever_is_broken_is_noticed_within_a_thousand_histories() {
    for breakage in Breakage::ALL {
        let tally = play(Broken(Some(breakage)), AfterViolation::Stop);
        let rules: Vec<Rule> =
            tally.violations.iter().map(|(_, violation)| violation.rule).collect();
        let expected: &[Rule] = match breakage {
            Breakage::Consent => &[Rule::NoCodeWithoutConsent, Rule::OnlyWhatWasGranted],
            Breakage::Epoch => &[Rule::NoCodeWithoutConsent],
            Breakage::Background => &[Rule::OnePromptAtATime],
            Breakage::Document => &[Rule::ExactlyOneAnswer, Rule::OnlyTheDocumentThatAsked],
            Breakage::Deadline => &[Rule::ExactlyOneAnswer],
        };
        let first = rules.first().unwrap_or_else(|| panic!("{breakage:?} is not noticed"));
        assert!(expected.contains(first), "{breakage:?} is taken for {first:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_history_and_another_one_another() {
    for seed in 0..30 {
        let once = replay(seed, Broken::default()).unwrap();
        assert_eq!(once, replay(seed, Broken::default()).unwrap(), "seed {seed}");
        assert_ne!(once.lines, replay(seed + 1, Broken::default()).unwrap().lines);
    }
}
