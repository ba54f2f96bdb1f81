//! The page's files, compiled in.

use axum::http::HeaderValue;

/// A file under `/web/`.
pub(crate) struct Asset {
    pub(crate) content_type: HeaderValue,
    pub(crate) text: &'static str,
}

/// The page itself; the two places in double braces are filled in when it is served.
pub(crate) const INDEX: &str = include_str!("../../web/index.html");

macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../web/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = assets![
    "appearance.js",
    "approve.css",
    "approve.js",
    "connection.js",
    "container.js",
    "device-name.js",
    "dom.js",
    "icon.svg",
    "main.js",
    "panel.css",
    "panel.js",
    "phone.css",
    "program.js",
    "screens.css",
    "screens.js",
    "settings.js",
    "sheet.css",
    "sheet.js",
    "sign-in-again.js",
    "text.js",
    "theme.css",
    "words.en.json",
    "words.zh-Hans.json",
];

/// A file by its name.
pub(crate) fn find(name: &str) -> Option<Asset> {
    let (_, text) = FILES.iter().find(|(known, _)| *known == name)?;
    let content_type = HeaderValue::from_static(match name.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    });
    Some(Asset { content_type, text })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use super::*;

    #[test]
    fn every_file_of_the_page_is_compiled_in() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        let on_disk: BTreeSet<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "index.html")
            .collect();
        let compiled: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(on_disk, compiled);
    }

    #[test]
    fn every_file_that_is_named_exists() {
        for (name, text) in FILES.iter().chain([&("index.html", INDEX)]) {
            let quoted = text.split('"').filter(|part| part.ends_with(".js"));
            for import in quoted.chain(text.split('"').filter(|part| part.ends_with(".css"))) {
                let file = import.rsplit('/').next().unwrap_or(import);
                assert!(find(file).is_some(), "{name} names {import}");
            }
        }
        assert!(find("main.js").is_some() && find("theme.css").is_some());
        assert!(find("../index.html").is_none() && find("index.html").is_none());
    }

    fn words(language: &str) -> BTreeMap<String, String> {
        serde_json::from_str(find(&format!("words.{language}.json")).unwrap().text).unwrap()
    }

    #[test]
    fn every_text_is_there_in_every_language() {
        let english = words("en");
        let chinese = words("zh-Hans");
        assert!(english.keys().eq(chinese.keys()));
        assert!(english.values().chain(chinese.values()).all(|text| !text.trim().is_empty()));
        for marker in ["data-text=\"", "data-label=\""] {
            for part in INDEX.split(marker).skip(1) {
                let key = part.split('"').next().unwrap();
                assert!(english.contains_key(key), "{key}");
            }
        }
    }

    #[test]
    fn places_in_texts_are_the_same_in_every_language() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).map(|part| part.split('}').next().unwrap().to_owned()).collect()
        };
        let chinese = words("zh-Hans");
        for (key, text) in words("en") {
            assert_eq!(places(&text), places(&chinese[&key]), "{key}");
        }
    }
}
