//! Which parts a command line asks for.

use clap::ValueEnum;

use crate::part::{Part, Tier};

/// What may be named after `cargo xtask test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Fast,
    Part(Part),
}

/// The parts to run, in the order of the gate, each once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    parts: Vec<Part>,
    reach: Reach,
}

/// How much of the gate a selection claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Chosen,
    Gate,
    Full,
}

impl Selection {
    pub(crate) fn new(words: &[Word], full: bool) -> Self {
        let (reach, wanted): (Reach, &dyn Fn(Part) -> bool) = if full {
            (Reach::Full, &|_| true)
        } else if words.is_empty() {
            (Reach::Gate, &|part| part.tier() <= Tier::Gate)
        } else {
            (Reach::Chosen, &|part| {
                words.iter().any(|word| match word {
                    Word::Fast => part.tier() == Tier::Fast,
                    Word::Part(named) => *named == part,
                })
            })
        };
        let mut parts: Vec<Part> =
            Part::value_variants().iter().copied().filter(|part| wanted(*part)).collect();
        parts.sort();
        Self { parts, reach }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(words: &[Word], full: bool) -> Vec<Part> {
        Selection::new(words, full).parts
    }

    #[test]
    fn nothing_named_is_everything_but_the_slow_parts() {
        use Part::{
            Deny, E2e, Format, Interop, Javascript, Keyring, Kotlin, Layers, Lints, Package,
            Registry, Rust, Swift,
        };
        let gate = [
            Format, Layers, Registry, Lints, Deny, Javascript, Package, Rust, Keyring, Interop,
            Kotlin, Swift, E2e,
        ];
        assert_eq!(parts(&[], false), gate);
    }

    #[test]
    fn full_is_every_part() {
        assert_eq!(parts(&[], true), Part::value_variants());
    }

    #[test]
    fn fast_installs_nothing_and_opens_no_browser() {
        use Part::{Format, Javascript, Layers, Lints, Registry, Rust};
        assert_eq!(
            parts(&[Word::Fast], false),
            [Format, Layers, Registry, Lints, Javascript, Rust]
        );
    }

    #[test]
    fn named_parts_run_once_each_in_the_order_of_the_gate() {
        let words = [Word::Part(Part::E2e), Word::Part(Part::Format), Word::Part(Part::E2e)];
        assert_eq!(parts(&words, false), [Part::Format, Part::E2e]);
    }

    #[test]
    fn fast_and_a_part_are_joined() {
        let words = [Word::Part(Part::Rust), Word::Fast, Word::Part(Part::Soak)];
        let fast = parts(&[Word::Fast], false);
        let joined = parts(&words, false);
        assert_eq!(joined[..fast.len()], fast);
        assert_eq!(joined[fast.len()..], [Part::Soak]);
    }
}
