//! Choosing the language of a page.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use super::texts::{self, Texts};

/// A language that the pages are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Language {
    #[default]
    En,
    ZhHans,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::En, Self::ZhHans];

    /// The first language of `ui_locales` (OpenID Connect Core §3.1.2.1) that there is, else that of
    /// `Accept-Language` (RFC 9110 §12.5.4) which the user likes best, else English.
    pub(crate) fn choose(ui_locales: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = ui_locales.unwrap_or_default().split(' ').find_map(Self::of_tag);
        let accepted = || {
            let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            let mut best: Option<(f32, Self)> = None;
            for range in header.split(',') {
                let (tag, weight) = weighted(range);
                let Some(language) = Self::of_tag(tag) else { continue };
                if weight > best.map_or(0.0, |(weight, _)| weight) {
                    best = Some((weight, language));
                }
            }
            best.map(|(_, language)| language)
        };
        asked.or_else(accepted).unwrap_or_default()
    }

    /// The language tag (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHans => "zh-Hans",
        }
    }

    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::En => &texts::EN,
            Self::ZhHans => &texts::ZH_HANS,
        }
    }

    /// Chinese of any script is better served by simplified Chinese than by English.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else if primary.eq_ignore_ascii_case("zh") {
            Some(Self::ZhHans)
        } else {
            None
        }
    }
}

fn weighted(range: &str) -> (&str, f32) {
    match range.split_once(';') {
        None => (range, 1.0),
        Some((tag, weight)) => {
            let weight = weight.trim().strip_prefix("q=").and_then(|text| text.parse().ok());
            (tag, weight.unwrap_or(0.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn choose(ui_locales: Option<&str>, accepted: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
        Language::choose(ui_locales, &headers)
    }

    #[test]
    fn what_the_client_asks_for_comes_before_what_the_browser_accepts() {
        assert_eq!(choose(Some("fr zh-CN en"), "en"), Language::ZhHans);
        assert_eq!(choose(Some("en"), "zh-Hans"), Language::En);
        assert_eq!(choose(Some("fr"), "zh"), Language::ZhHans);
    }

    #[test]
    fn the_accepted_language_with_the_greatest_weight_is_taken() {
        for (accepted, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::ZhHans),
            ("fr, en;q=0.5, zh;q=0.7", Language::ZhHans),
            ("en;q=0.9, zh;q=0.9", Language::En),
            ("zh;q=0", Language::En),
            ("fr;q=1, *", Language::En),
            ("zh;q=x", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(choose(None, accepted), expected, "{accepted}");
        }
    }
}
