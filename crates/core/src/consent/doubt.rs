//! Names that may be taken for others: what a host warns of on the consent prompt (UTS #39).

use serde::Serialize;
use unicode_security::{
    RestrictionLevel, RestrictionLevelDetection as _, confusable_detection::skeleton,
};

/// Why a name deserves a second look. The host shows the name all the same, with a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum NameDoubt {
    /// One of its words is written in scripts that do not go together.
    MixedScripts,
    /// It looks like the host's own name.
    LooksLikeHost,
    /// It looks like the name of another program that is open.
    LooksLikeAnother,
}

/// What is doubtful in the names of a program and its publisher. `others` are the names of other
/// programs.
pub(crate) fn doubts<'a>(
    names: [&str; 2],
    host: &str,
    mut others: impl Iterator<Item = &'a str>,
) -> Vec<NameDoubt> {
    let mut doubts = Vec::new();
    if names.iter().any(|name| mixes_scripts(name)) {
        doubts.push(NameDoubt::MixedScripts);
    }
    let skeletons = names.map(looks);
    if skeletons.contains(&looks(host)) {
        doubts.push(NameDoubt::LooksLikeHost);
    }
    if others.any(|other| skeletons[0] == looks(other)) {
        doubts.push(NameDoubt::LooksLikeAnother);
    }
    doubts
}

/// Names that look the same give the same text.
fn looks(name: &str) -> String {
    let skeleton: String = skeleton(name).collect();
    // Once more without case and spaces: few people tell “PayPal” and “Pay pal” apart.
    let lower = skeleton.to_lowercase();
    crate::text::plain(&lower).chars().filter(|c| !c.is_whitespace()).collect()
}

fn mixes_scripts(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.into_iter().any(|word| {
        !matches!(
            word.detect_restriction_level(),
            RestrictionLevel::ASCIIOnly
                | RestrictionLevel::SingleScript
                | RestrictionLevel::HighlyRestrictive
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Vec<NameDoubt> {
        doubts([name, "Acme Ltd"], "Harbour Bank", ["Tea House"].into_iter())
    }

    #[test]
    fn ordinary_names_are_not_doubted() {
        for name in
            ["Cinema", "清和茶馆", "Café Noir", "Яндекс Taxi", "東京カフェ", "K-Pop 24/7", "ร้านชา"]
        {
            assert_eq!(of(name), [], "{name}");
        }
    }

    #[test]
    fn a_word_that_mixes_scripts_is_doubted() {
        assert_eq!(of("Pаyments"), [NameDoubt::MixedScripts]);
        assert_eq!(doubts(["Tea", "Αcme"], "Bank", std::iter::empty()), [NameDoubt::MixedScripts]);
    }

    #[test]
    fn a_name_that_looks_like_the_hosts_or_anothers_is_doubted() {
        assert_eq!(of("Harbour Bank"), [NameDoubt::LooksLikeHost]);
        assert_eq!(of("harbourbank"), [NameDoubt::LooksLikeHost]);
        assert!(of("Tеа Hоusе").contains(&NameDoubt::LooksLikeAnother));
        assert_eq!(of("TEA HOUSE"), [NameDoubt::LooksLikeAnother]);
    }
}
