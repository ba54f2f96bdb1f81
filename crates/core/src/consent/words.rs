//! What a scope means, in plain words. One file per language in `locales/`.

use std::{fmt, sync::Arc};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::{Locale, Scope, text::plain};

type Bundle = FluentBundle<FluentResource>;

// The languages that come with the SDK: a list that the build script makes of the files in `locales/`.
// English is the first: it is what others fall back to.
include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// What scopes mean, in the languages that there are. Clones share the texts.
#[derive(Clone)]
pub struct Words(Arc<Vec<Bundle>>);

/// Why texts are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// The language is not a BCP 47 tag.
    #[error("{0:?} is not a language tag, such as `en` or `zh-Hans`")]
    NotALanguage(String),
    /// The texts are not Fluent.
    #[error("the texts for {language} are not Fluent: {fault}")]
    NotFluent {
        /// Which language.
        language: String,
        /// The first fault.
        fault: String,
    },
}

impl Words {
    /// The texts that come with the SDK, and before them those of the host: one Fluent resource for
    /// each language, with messages named `scope-` and the scope in which every character but
    /// letters, digits and `-` is written `_`. A text of the host takes the place of the SDK's, and
    /// a language that the SDK does not have is added.
    ///
    /// # Errors
    /// [`WordsError`].
    pub fn with<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WordsError> {
        let mut bundles = Vec::new();
        for &(language, source) in LANGUAGES {
            bundles.push(bundle(language, source)?);
        }
        for (language, source) in own {
            let added = bundle(language, source)?;
            match bundles.iter_mut().find(|known| known.locales == added.locales) {
                Some(known) => known.add_resource_overriding(resource(language, source)?),
                None => bundles.push(added),
            }
        }
        Ok(Self(Arc::new(bundles)))
    }

    /// What a scope lets a mini-program see or do, in the nearest language there is.
    pub(crate) fn scope_title(&self, scope: &Scope, locale: &Locale) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("scope", plain(scope.as_str()));
        let known = message_name(scope);
        let candidates = [self.nearest(locale), self.0.first()];
        let said = candidates.iter().flatten().find_map(|bundle| {
            let pattern = bundle.get_message(&known)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
        });
        let unknown = || {
            candidates.iter().flatten().find_map(|bundle| {
                let pattern = bundle.get_message("scope-unknown")?.value()?;
                Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
            })
        };
        said.or_else(unknown).unwrap_or_else(|| scope.to_string())
    }

    /// The language in which [`Words::scope_title`] answers.
    pub(crate) fn language(&self, locale: &Locale) -> Locale {
        let language = self.nearest(locale).and_then(|bundle| bundle.locales.first());
        language.map_or_else(|| locale.clone(), |language| Locale::new(language.to_string()))
    }

    /// The same language and script, else the same language, else English.
    fn nearest(&self, locale: &Locale) -> Option<&Bundle> {
        let wanted = locale.as_str().parse::<LanguageIdentifier>().ok();
        let with = |fits: &dyn Fn(&LanguageIdentifier, &LanguageIdentifier) -> bool| {
            let wanted = wanted.as_ref()?;
            let mut bundles = self.0.iter();
            bundles.find(|bundle| bundle.locales.iter().any(|known| fits(known, wanted)))
        };
        with(&|known, wanted| known == wanted)
            .or_else(|| {
                with(&|known, wanted| {
                    known.language == wanted.language && known.script == wanted.script
                })
            })
            .or_else(|| with(&|known, wanted| known.language == wanted.language))
            .or_else(|| self.0.first())
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::with([]).expect("the texts that come with the SDK are tested to be Fluent")
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let languages = self.0.iter().flat_map(|bundle| &bundle.locales);
        formatter.debug_list().entries(languages.map(ToString::to_string)).finish()
    }
}

fn message_name(scope: &Scope) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("scope-{}", scope.as_str().chars().map(plain).collect::<String>())
}

fn bundle(language: &str, source: &str) -> Result<Bundle, WordsError> {
    let tag = language.parse().map_err(|_| WordsError::NotALanguage(language.to_owned()))?;
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    bundle.add_resource_overriding(resource(language, source)?);
    Ok(bundle)
}

fn resource(language: &str, source: &str) -> Result<FluentResource, WordsError> {
    FluentResource::try_new(source.to_owned()).map_err(|(_, faults)| WordsError::NotFluent {
        language: language.to_owned(),
        fault: faults.first().map(ToString::to_string).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(source: &str) -> Vec<&str> {
        source.lines().filter_map(|line| line.split_once(" = ").map(|(id, _)| id)).collect()
    }

    #[test]
    fn every_language_has_every_text_and_no_fault() {
        let (first, english) = LANGUAGES[0];
        assert_eq!(first, "en");
        for (language, texts) in LANGUAGES {
            assert!(FluentResource::try_new((*texts).to_owned()).is_ok(), "{language}");
            assert_eq!(ids(texts), ids(english), "{language}");
        }
    }

    #[test]
    fn every_file_is_a_language() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/locales")).unwrap();
        let mut files: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let mut languages: Vec<String> =
            LANGUAGES.iter().map(|(language, _)| format!("{language}.ftl")).collect();
        files.sort_unstable();
        languages.sort_unstable();
        assert_eq!(languages, files);
        assert!(["en.ftl", "zh-Hans.ftl"].iter().all(|file| files.iter().any(|one| one == file)));
    }

    fn title(words: &Words, scope: &str, locale: &str) -> String {
        words.scope_title(&Scope::new(scope), &Locale::new(locale))
    }

    #[test]
    fn a_known_scope_is_explained_in_the_users_language() {
        let words = Words::default();
        assert_eq!(title(&words, "email", "en"), "See your email address");
        assert_eq!(title(&words, "email", "zh-CN"), "查看您的邮箱地址");
        assert_eq!(title(&words, "email", "not a tag"), "See your email address");
        assert_eq!(words.language(&Locale::new("zh-CN")).as_str(), "zh-Hans");
    }

    #[test]
    fn an_unknown_scope_is_shown_by_its_name() {
        let title = title(&Words::default(), "tea:order", "en");
        assert!(title.contains("tea:order"), "{title}");
    }

    #[test]
    fn a_host_adds_languages_and_explains_scopes_of_its_own() {
        let words = Words::with([
            ("en", "scope-tea_order = Order tea for you"),
            ("de", "scope-email = Ihre E-Mail-Adresse sehen"),
        ])
        .unwrap();
        assert_eq!(title(&words, "tea:order", "en-GB"), "Order tea for you");
        assert_eq!(title(&words, "email", "de-AT"), "Ihre E-Mail-Adresse sehen");
        assert_eq!(title(&words, "phone", "de"), "See your phone number");
        assert_eq!(words.language(&Locale::new("de-AT")).as_str(), "de");
    }

    #[test]
    fn the_script_that_a_user_reads_is_found_before_another_of_the_same_language() {
        let words = Words::with([
            ("zh-Hant", "scope-email = 檢視您的電子郵件地址"),
            ("zh-Hant-HK", "scope-email = 查看你的電郵地址"),
        ])
        .unwrap();
        assert_eq!(words.language(&Locale::new("zh-Hant-TW")).as_str(), "zh-Hant");
        assert_eq!(words.language(&Locale::new("zh-Hant-HK")).as_str(), "zh-Hant-HK");
        assert_eq!(words.language(&Locale::new("zh-Hans-SG")).as_str(), "zh-Hans");
        assert_eq!(words.language(&Locale::new("fr")).as_str(), "en");
    }

    #[test]
    fn texts_that_are_none_are_refused() {
        assert!(matches!(Words::with([("!", "")]), Err(WordsError::NotALanguage(_))));
        assert!(matches!(Words::with([("de", "scope-email")]), Err(WordsError::NotFluent { .. })));
    }
}
