//! What people call a client, in their languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::ClientId;
use super::legible::{is_seen, mixes_scripts};
use crate::error::InvalidRegistration;

// Characters, not graphemes: one grapheme may stack marks without end.
const MAX_CHARACTERS: usize = 80;

/// A name for people, with variants by language tag (OpenID Connect Registration §2.1). Kept in the
/// normalization form C of Unicode.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Names {
    default: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    localized: BTreeMap<String, String>,
}

impl Names {
    /// One name for all languages.
    ///
    /// # Errors
    /// When it is longer than 80 characters, has no letter or digit, has characters that are not seen as
    /// such (controls, the marks that change the direction or the joining of what stands around them,
    /// characters that are drawn as nothing, private ones), or has a word in scripts that are not
    /// written together (UTS #39 §5.2).
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidRegistration> {
        Ok(Self { default: legible(name.into())?, localized: BTreeMap::new() })
    }

    /// Adds the name for a language tag such as `zh-Hans`.
    ///
    /// # Errors
    /// As [`Names::new`].
    pub fn with(
        mut self,
        language: impl Into<String>,
        name: impl Into<String>,
    ) -> Result<Self, InvalidRegistration> {
        self.localized.insert(language.into(), legible(name.into())?);
        Ok(self)
    }

    /// A client that was given no name is called by its identifier.
    pub(crate) fn of(id: &ClientId) -> Self {
        Self { default: id.as_str().to_owned(), localized: BTreeMap::new() }
    }

    /// The name for all languages.
    pub(crate) fn default_name(&self) -> &str {
        &self.default
    }

    /// The names that hold for one language each, with its tag.
    pub(crate) fn localized(&self) -> impl Iterator<Item = (&str, &str)> {
        self.localized.iter().map(|(language, name)| (language.as_str(), name.as_str()))
    }

    /// The name for this language tag, or the one for all languages.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &str {
        self.localized.get(tag).unwrap_or(&self.default)
    }
}

fn legible(name: String) -> Result<String, InvalidRegistration> {
    let name: String = name.nfc().collect();
    if name.chars().count() > MAX_CHARACTERS || !is_seen(&name) {
        Err(InvalidRegistration::Name)
    } else if mixes_scripts(&name) {
        Err(InvalidRegistration::MixedScripts)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_name_of_its_own_gets_the_one_for_all() {
        let names = Names::new("Tea House").unwrap().with("zh-Hans", "茶馆").unwrap();
        assert_eq!(names.in_language("zh-Hans"), "茶馆");
        assert_eq!(names.in_language("fr"), "Tea House");
    }

    #[test]
    fn names_that_are_not_what_they_look_like_are_refused() {
        for bad in ["", "  ", "Tea\u{202E}esuoH", "Tea\u{200B}House", "Tea\nHouse", "\u{FEFF}Tea"] {
            assert!(Names::new(bad).is_err(), "{bad:?}");
        }
        assert!(Names::new("é".repeat(80)).is_ok());
        assert!(Names::new("é".repeat(81)).is_err());
    }

    #[test]
    fn words_in_scripts_that_do_not_go_together_are_refused_in_every_language() {
        let mixed = "Tea Hous\u{0435}X";
        assert_eq!(Names::new(mixed).err(), Some(InvalidRegistration::MixedScripts));
        let names = Names::new("Tea House").unwrap();
        assert_eq!(names.with("ru", mixed).err(), Some(InvalidRegistration::MixedScripts));
        assert_eq!(Names::new("\u{3164}").err(), Some(InvalidRegistration::Name));
    }

    #[test]
    fn one_name_has_one_spelling() {
        let names = Names::new("Cafe\u{301}").unwrap();
        assert_eq!(names, Names::new("Caf\u{E9}").unwrap());
        assert_eq!(names.default_name().chars().count(), 4);
        assert!(Names::new("e\u{301}".repeat(80)).is_ok());
        assert!(Names::new(format!("e{}", "\u{323}".repeat(81))).is_err(), "stacked marks count");
    }
}
