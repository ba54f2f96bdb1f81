use std::collections::{BTreeMap, BTreeSet};

use sample_miniprogram::{NOTEBOOK, PROGRAMS};

use crate::support::World;

type Texts = BTreeMap<String, BTreeSet<String>>;

/// The keys of each locale in a texts module, which has one key a line.
fn keys(module: &str) -> Texts {
    let mut texts = Texts::new();
    let mut locale = String::new();
    for line in module.lines() {
        let indent = line.len() - line.trim_start().len();
        let Some((key, _)) = line.trim().split_once([':']) else { continue };
        let key = key.trim_matches('"').to_owned();
        match indent {
            2 => locale = key,
            4 => _ = texts.entry(locale.clone()).or_default().insert(key),
            _ => {}
        }
    }
    texts
}

#[tokio::test]
async fn both_languages_say_the_same_and_nothing_on_a_page_is_left_without_words() {
    let world = World::start().await;
    let ids = PROGRAMS.iter().map(|program| program.as_str()).chain([NOTEBOOK]);
    for program in ids {
        let browser = world.browser_at(program);
        let text = async |path: &str| browser.get(path).await.body.as_str().unwrap().to_owned();
        let (shared, own) = (keys(&text("/shared/texts.js").await), keys(&text("/texts.js").await));
        for texts in [&shared, &own] {
            assert_eq!(texts.keys().collect::<Vec<_>>(), ["en", "zh-Hans"]);
            assert!(texts["en"].len() > 10);
            assert_eq!(texts["en"], texts["zh-Hans"], "{program}");
        }
        let page = text("/").await;
        let named = ["data-i18n=\"", "data-i18n-label=\""]
            .into_iter()
            .flat_map(|attribute| page.split(attribute).skip(1))
            .map(|rest| rest.split('"').next().unwrap());
        for key in named {
            assert!(shared["en"].contains(key) || own["en"].contains(key), "{program}: {key}");
        }
    }
}
