//! What a scope means, in plain words. One file per language in `locales/`.

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

use crate::{Locale, Scope, text::plain};

type Bundle = FluentBundle<FluentResource>;

/// What a scope lets a mini-program see or do, in the nearest language there is.
pub(crate) fn scope_title(scope: &Scope, locale: &Locale) -> String {
    let bundle = bundle_for(locale);
    let known = format!("scope-{}", scope.as_str());
    let mut arguments = FluentArgs::new();
    arguments.set("scope", plain(scope.as_str()));
    [known.as_str(), "scope-unknown"]
        .iter()
        .find_map(|id| {
            let pattern = bundle.get_message(id)?.value()?;
            let text = bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new());
            Some(text.into_owned())
        })
        .unwrap_or_else(|| scope.to_string())
}

/// The language in which [`scope_title`] answers.
pub(crate) fn language(locale: &Locale) -> Locale {
    bundle_for(locale)
        .locales
        .first()
        .map_or_else(|| locale.clone(), |l| Locale::new(l.to_string()))
}

fn bundle_for(locale: &Locale) -> &'static Bundle {
    static BUNDLES: OnceLock<[Bundle; 2]> = OnceLock::new();
    let [english, chinese] = BUNDLES.get_or_init(|| {
        [
            bundle(langid!("en"), include_str!("../../locales/en.ftl")),
            bundle(langid!("zh-Hans"), include_str!("../../locales/zh-Hans.ftl")),
        ]
    });
    match locale.as_str().parse::<LanguageIdentifier>() {
        Ok(language) if language.language == "zh" => chinese,
        _ => english,
    }
}

fn bundle(language: LanguageIdentifier, source: &str) -> Bundle {
    // A file with a fault still gives what could be read of it; the tests below refuse the fault.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(read, _)| read);
    let mut bundle = Bundle::new_concurrent(vec![language]);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(source: &str) -> Vec<&str> {
        source.lines().filter_map(|line| line.split_once(" = ").map(|(id, _)| id)).collect()
    }

    #[test]
    fn every_language_has_every_text_and_no_fault() {
        let english = include_str!("../../locales/en.ftl");
        let chinese = include_str!("../../locales/zh-Hans.ftl");
        assert!(FluentResource::try_new(english.to_owned()).is_ok());
        assert!(FluentResource::try_new(chinese.to_owned()).is_ok());
        assert_eq!(ids(english), ids(chinese));
    }

    #[test]
    fn a_known_scope_is_explained_in_the_users_language() {
        let email = Scope::new("email");
        assert_eq!(scope_title(&email, &Locale::new("en")), "See your email address");
        assert_eq!(scope_title(&email, &Locale::new("zh-CN")), "查看您的邮箱地址");
        assert_eq!(scope_title(&email, &Locale::new("not a tag")), "See your email address");
    }

    #[test]
    fn an_unknown_scope_is_shown_by_its_name() {
        let title = scope_title(&Scope::new("tea:order"), &Locale::new("en"));
        assert!(title.contains("tea:order"), "{title}");
    }
}
