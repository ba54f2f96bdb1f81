//! Text that strangers wrote and users will read.

use std::collections::BTreeMap;

use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::Locale;

/// The most characters of a name or reason that are shown.
const SHOWN: usize = 120;

/// One text in several languages, by BCP 47 tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Localised(BTreeMap<String, String>);

impl Localised {
    /// The text for a language: the same tag, else the same primary language, else English, else
    /// whichever there is. What cannot be seen is stripped from it.
    pub fn pick(&self, locale: &Locale) -> String {
        let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let wanted = locale.as_str();
        let text = self
            .0
            .get(wanted)
            .or_else(|| {
                self.0.iter().find(|(tag, _)| primary(tag) == primary(wanted)).map(|(_, t)| t)
            })
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next());
        text.map(|text| plain(text)).unwrap_or_default()
    }

    /// Whether nothing would be shown in any language.
    pub fn is_blank(&self) -> bool {
        self.0.values().all(|text| plain(text).is_empty())
    }
}

/// The most marks on one letter. No language needs more; a tower of them covers what stands above.
const MARKS: usize = 3;

/// Text as it may stand on a consent prompt: one line in normal form C, without controls, direction
/// marks, characters of no width and towers of marks, and of a bounded length.
pub(crate) fn plain(text: &str) -> String {
    let mut marks = 0;
    let bearable = |character: &char| {
        marks = if is_combining_mark(*character) { marks + 1 } else { 0 };
        marks <= MARKS
    };
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(visible)
        .nfc()
        .filter(bearable)
        .collect();
    let line = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn visible(character: &char) -> bool {
    let code = u32::from(*character);
    !character.is_control()
        && !matches!(
            code,
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
                | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
                | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1bca0..=0x1bca3
                | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn localised(entries: &[(&str, &str)]) -> Localised {
        Localised(entries.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
    }

    #[test]
    fn the_nearest_language_is_picked() {
        let name = localised(&[("en", "Tea House"), ("zh-Hans", "茶馆")]);
        assert_eq!(name.pick(&Locale::new("zh-Hans")), "茶馆");
        assert_eq!(name.pick(&Locale::new("zh-CN")), "茶馆");
        assert_eq!(name.pick(&Locale::new("fr")), "Tea House");
        assert_eq!(localised(&[("de", "Tee")]).pick(&Locale::new("fr")), "Tee");
        assert_eq!(Localised::default().pick(&Locale::new("en")), "");
    }

    #[test]
    fn what_cannot_be_seen_is_not_shown() {
        assert_eq!(plain("Tea\u{202e}esuoH\u{2066}\u{200b}\u{0}\n\tHouse  "), "TeaesuoH House");
        assert!(localised(&[("en", "\u{200b} \u{202e}")]).is_blank());
    }

    #[test]
    fn two_spellings_of_one_name_are_one_and_towers_of_marks_fall() {
        assert_eq!(plain("Cafe\u{301}"), plain("Café"));
        // One character that is two marks in normal form C, and one that is a letter and a mark.
        assert_eq!(plain(&"\u{344}".repeat(3)), "\u{308}\u{301}\u{308}");
        assert_eq!(plain("\u{958}\u{301}\u{302}\u{303}"), "\u{915}\u{93c}\u{301}\u{302}");
        let tower = format!("T{}ea", "\u{301}".repeat(40));
        assert!(plain(&tower).chars().count() <= 6, "{}", plain(&tower));
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let shown = plain(&"茶".repeat(500));
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.ends_with('…'));
    }
}
