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
    let [name, publisher] = names.map(Look::of);
    let host = Look::of(host);
    if name.is_like(&host) || publisher.is_like(&host) {
        doubts.push(NameDoubt::LooksLikeHost);
    }
    if others.any(|other| name.is_like(&Look::of(other))) {
        doubts.push(NameDoubt::LooksLikeAnother);
    }
    doubts
}

/// What is left of a name for the eye.
struct Look {
    as_written: String,
    in_small_letters: String,
}

impl Look {
    fn of(name: &str) -> Self {
        Self { as_written: outline(name), in_small_letters: outline(&name.to_lowercase()) }
    }

    /// Some letters are taken for others only as capitals, some only as small letters: `Κ` looks like
    /// `K`, and `κ` does not look like `k`.
    fn is_like(&self, other: &Self) -> bool {
        self.as_written == other.as_written || self.in_small_letters == other.in_small_letters
    }
}

/// Names that look the same give the same text, whatever their case and spaces: few people tell
/// “PayPal” and “Pay pal” apart.
fn outline(name: &str) -> String {
    let small_skeleton = |name: &str| skeleton(name).collect::<String>().to_lowercase();
    // The skeleton tells case apart, `m` is `rn` in it and `M` is not, so that it is taken once more
    // of the small letters. What it takes `I` for, `i` must be taken for too.
    let outline = small_skeleton(&small_skeleton(name)).replace('i', "l");
    crate::text::plain(&outline).chars().filter(|c| !c.is_whitespace()).collect()
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

    #[test]
    fn a_name_is_doubted_in_whatever_case_it_is_written() {
        let like = |host, name| {
            let doubts = doubts([name, "Acme Ltd"], host, std::iter::empty());
            doubts.contains(&NameDoubt::LooksLikeHost)
        };
        for (host, name) in [
            ("Meridian", "MERIDIAN"),
            ("Meridian", "meridian"),
            ("Info Bank", "info bank"),
            ("MIDLAND BANK", "Midland Bank"),
            ("Midland Bank", "MlDLAND BANK"),
            ("Midland Bank", "rnidland bank"),
            ("PayPal", "PAYPAI"),
            ("Illinois", "lLLlN0lS"),
            ("Kino", "\u{41a}ino"),
            ("kino", "\u{41a}INO"),
            ("Harbour Bank", "\u{397}ARBOUR BANK"),
        ] {
            assert!(like(host, name) && like(name, host), "{host} {name}");
        }
        for (host, name) in [
            ("Meridian", "Median"),
            ("Midland Bank", "Inland Bank"),
            ("Cafe", "Café"),
            ("清和茶馆", "清和茶館"),
            ("Bank 1", "Bank 7"),
        ] {
            assert!(!like(host, name), "{host} {name}");
        }
    }

    #[test]
    fn a_publisher_is_not_called_like_the_host_either() {
        let doubts = doubts(["Tea", "HARBOUR bank"], "Harbour Bank", std::iter::empty());
        assert_eq!(doubts, [NameDoubt::LooksLikeHost]);
    }
}
