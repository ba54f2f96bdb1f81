//! What outlives the process, apart from secrets.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{Grant, Manifest, MiniProgramId, PublisherId, Refusal, Trust};

/// Everything that a host remembers, kept as one whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remembered {
    /// What users have granted, and what has ended of it.
    pub grants: Vec<Grant>,
    /// The newest release of each program that was opened.
    #[serde(default)]
    pub releases: Vec<Release>,
    /// Whom users have refused, and who must not ask again yet.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
}

/// One release of a mini-program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Whose.
    pub publisher: PublisherId,
    /// Which program.
    pub mini_program: MiniProgramId,
    /// Which.
    pub version: Version,
}

/// An older release than one that was opened before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is release {offered} of {mini_program}, and release {seen} was opened before; an older one may have faults that were mended since"
)]
pub struct RolledBack {
    /// Which program.
    pub mini_program: MiniProgramId,
    /// The newest release that was opened.
    pub seen: Version,
    /// The one that was to be opened.
    pub offered: Version,
}

/// The newest releases that were opened. Which of two is newer, their build metadata does not say
/// (SemVer 2.0.0 §10). Unsigned manifests do not count: nobody vouches for their
/// numbers.
#[derive(Debug, Default)]
pub(crate) struct Releases(BTreeMap<(PublisherId, MiniProgramId), Version>);

impl Releases {
    pub(crate) fn load(&mut self, releases: Vec<Release>) {
        for Release { publisher, mini_program, version } in releases {
            let newest = self.0.entry((publisher, mini_program)).or_insert(version.clone());
            if version.cmp_precedence(newest).is_gt() {
                *newest = version;
            }
        }
    }

    /// Whether a manifest is no older than what was opened before.
    pub(crate) fn check(&self, manifest: &Manifest) -> Result<(), RolledBack> {
        let key = (manifest.publisher.id.clone(), manifest.id.clone());
        match self.0.get(&key) {
            Some(seen) if is_signed(manifest) && manifest.version.cmp_precedence(seen).is_lt() => {
                Err(RolledBack {
                    mini_program: manifest.id.clone(),
                    seen: seen.clone(),
                    offered: manifest.version.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Notes what is opened. Says whether it is newer than all before.
    pub(crate) fn note(&mut self, manifest: &Manifest) -> bool {
        let key = (manifest.publisher.id.clone(), manifest.id.clone());
        let version = &manifest.version;
        let is_newer = self.0.get(&key).is_none_or(|seen| version.cmp_precedence(seen).is_gt());
        if is_signed(manifest) && is_newer {
            self.0.insert(key, manifest.version.clone());
            return true;
        }
        false
    }

    pub(crate) fn snapshot(&self) -> Vec<Release> {
        let releases = self.0.iter();
        releases
            .map(|((publisher, mini_program), version)| Release {
                publisher: publisher.clone(),
                mini_program: mini_program.clone(),
                version: version.clone(),
            })
            .collect()
    }
}

fn is_signed(manifest: &Manifest) -> bool {
    matches!(manifest.trust, Trust::Signed { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PublisherKey;

    fn release(version: &str) -> Manifest {
        let json = format!(
            r#"{{"manifestVersion":1,"id":"tea","version":"{version}","name":{{"en":"Tea"}},
            "publisher":{{"id":"acme","name":{{"en":"Acme"}}}},"startUrl":"https://tea.example/",
            "origins":["https://tea.example"],"clientId":"tea",
            "redirectUris":["https://tea.example/cb"],"scopes":[]}}"#
        );
        let mut manifest = Manifest::unsigned_for_development(json.as_bytes()).unwrap();
        manifest.trust = Trust::Signed { key: PublisherKey::new("k") };
        manifest
    }

    #[test]
    fn there_is_no_way_back_to_an_older_release() {
        let mut releases = Releases::default();
        assert!(releases.note(&release("1.2.0")));
        assert!(!releases.note(&release("1.2.0")));
        assert_eq!(releases.check(&release("1.2.0")), Ok(()));
        assert_eq!(releases.check(&release("1.10.0")), Ok(()));
        for older in ["1.1.9", "0.9.0", "1.2.0-beta.1"] {
            assert!(releases.check(&release(older)).is_err(), "{older}");
        }
    }

    #[test]
    fn another_build_of_the_same_release_is_neither_older_nor_newer() {
        let mut releases = Releases::default();
        releases.note(&release("1.2.0+b"));
        for same in ["1.2.0+a", "1.2.0+c", "1.2.0"] {
            assert_eq!(releases.check(&release(same)), Ok(()), "{same}");
            assert!(!releases.note(&release(same)), "{same}");
        }
        assert!(releases.check(&release("1.1.9+z")).is_err());
        assert!(releases.note(&release("1.2.1+a")));
        let stored = releases.snapshot();
        releases.load(vec![Release { version: "1.2.1+b".parse().unwrap(), ..stored[0].clone() }]);
        assert_eq!(releases.snapshot(), stored);
    }

    #[test]
    fn another_publishers_program_of_the_same_name_has_numbers_of_its_own() {
        let mut releases = Releases::default();
        releases.note(&release("2.0.0"));
        let mut other = release("1.0.0");
        other.publisher.id = PublisherId::new("bakery");
        assert_eq!(releases.check(&other), Ok(()));
    }

    #[test]
    fn the_newest_of_what_was_stored_counts_and_unsigned_numbers_do_not() {
        let mut releases = Releases::default();
        let mut unsigned = release("9.0.0");
        unsigned.trust = Trust::UnsignedDevelopment;
        assert!(!releases.note(&unsigned));
        releases.note(&release("1.5.0"));
        let stored = releases.snapshot();
        let mut again = Releases::default();
        again.note(&release("1.0.0"));
        again.load(stored);
        assert!(again.check(&release("1.4.0")).is_err());
    }
}
