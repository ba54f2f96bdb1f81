//! Names that people may take for one another (UTS #39 §4).

use unicode_security::confusable_detection::skeleton;

use super::{Client, Names};

impl Client {
    /// Whether the other has the same names and publisher.
    pub(crate) fn is_called_as(&self, other: &Self) -> bool {
        self.names == other.names && self.publisher == other.publisher
    }

    /// Whether one of its names looks like one of the other client's, or its publisher like the other's,
    /// and nothing says that the same publisher answers for both.
    pub(crate) fn is_taken_for(&self, other: &Self) -> bool {
        match (&self.publisher, &other.publisher) {
            (Some(ours), Some(other)) if ours == other => return false,
            (Some(ours), Some(other)) if any_alike(ours, other) => return true,
            _ => {}
        }
        any_alike(&self.names, &other.names)
    }
}

fn any_alike(these: &Names, those: &Names) -> bool {
    all(these).any(|one| all(those).any(|other| alike(one, other)))
}

fn all(names: &Names) -> impl Iterator<Item = &str> {
    std::iter::once(names.default_name()).chain(names.localized().map(|(_, name)| name))
}

/// Case is folded before and after: some letters look like others only as capitals, and some only as
/// small letters.
fn alike(one: &str, other: &str) -> bool {
    let as_small = |name: &str| plain(&name.to_lowercase());
    plain(one) == plain(other) || as_small(one) == as_small(other)
}

/// What is left of a name for the eye. The skeleton is taken anew of the small letters, as a capital may
/// stand for one that looks like others only when it is small. Without spaces: few people tell
/// “Tea House” and “Teahouse” apart. The `i` is an `l`, as its capital looks like one.
fn plain(name: &str) -> String {
    let small = |name: &str| skeleton(name).collect::<String>().to_lowercase();
    let folded = small(&small(name)).replace('i', "l");
    folded.chars().filter(|character| !character.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ClientAuthentication, ClientId, ClientKind, ClientRegistration};
    use super::*;
    use crate::scope::Scopes;

    #[test]
    fn names_that_look_the_same_are_alike() {
        for (name, other) in [
            ("Tea House", "TEA HOUSE"),
            ("Tea House", "Teahouse"),
            ("Tea House", "Tea\u{00A0}House"),
            ("Tea House", "T\u{0435}a House"),
            ("Tea House", "Te\u{0430} House"),
            ("Tea House", "Tea H\u{043E}use"),
            ("Tea House", "Tea H\u{03BF}use"),
            ("Tea House", "Tea Hou\u{0455}e"),
            ("Tea House", "\u{0422}ea House"),
            ("Tea House", "\u{03A4}ea House"),
            ("Tea House", "Tea \u{041D}ouse"),
            ("Tea House", "Tea \u{0397}ouse"),
            ("Tea House", "\u{FF34}ea House"),
            ("Tea House", "\u{FF34}\u{FF45}\u{FF41} \u{FF28}\u{FF4F}\u{FF55}\u{FF53}\u{FF45}"),
            ("Tea House", "Tea\u{3000}House"),
            ("Tea House", "Tea\u{200B}House"),
            ("Tea House", "Te\u{FE0F}a House"),
            ("茶馆", "茶\u{2060}馆"),
            ("Tea House", "Tea H0use"),
            ("PayPal", "PayPaI"),
            ("PayPal", "PayPa1"),
            ("PayPal", "PayPa|"),
            ("PayPal", "P\u{0430}yPal"),
            ("PayPal", "\u{0420}ayPal"),
            ("PayPal", "Pa\u{0443}Pal"),
            ("Cinema", "C\u{0456}nema"),
            ("Cinema", "\u{0421}inema"),
            ("Cinema", "\u{03F9}inema"),
            ("Cinema", "Cinerna"),
            ("Cinema", "C\u{0131}nema"),
            ("Google", "G\u{043E}\u{043E}gle"),
            ("Google", "Goog1e"),
            ("Apple", "\u{0410}pple"),
            ("Apple", "\u{0391}pple"),
            ("Apple", "App\u{217C}e"),
            ("scope", "\u{0455}\u{0441}\u{043E}\u{0440}\u{0435}"),
            ("Kino", "\u{041A}ino"),
            ("Kino", "\u{212A}ino"),
            ("Xerox", "\u{0425}erox"),
            ("Book", "\u{0412}ook"),
            ("Book", "B\u{0585}\u{0585}k"),
            ("Café", "Cafe\u{0301}"),
            ("Museum", "\u{039C}useum"),
            ("Museum", "Museurn"),
            ("Zoo", "\u{0396}oo"),
            ("Museum", "\u{041C}USEUM"),
            ("Bitcoin", "\u{0412}ITCOIN"),
            ("Bitcoin", "B\u{0406}TC0\u{0406}N"),
            ("Mail", "rna1\u{0406}"),
        ] {
            assert!(alike(name, other), "{name} {other}");
            assert!(alike(other, name), "{other} {name}");
        }
    }

    fn client(id: &str, publisher: Option<&str>) -> Client {
        let registration = ClientRegistration::new(
            ClientId::new(id).unwrap(),
            ClientKind::MiniProgram,
            ClientAuthentication::None,
            Scopes::default(),
        );
        let publisher = publisher.map(|name| Names::new(name).unwrap());
        ClientRegistration { publisher, ..registration }.unchecked()
    }

    #[test]
    fn publishers_are_taken_for_one_another_too() {
        let tea = client("tea", Some("Tea Inc"));
        assert!(client("menu", Some("TEA 1nc")).is_taken_for(&tea));
        assert!(!client("menu", Some("Tea Inc")).is_taken_for(&tea), "one publisher");
        assert!(!client("menu", Some("Coffee Inc")).is_taken_for(&tea));
        assert!(!client("menu", None).is_taken_for(&tea));
    }

    #[test]
    fn names_that_people_tell_apart_are_not() {
        for (name, other) in [
            ("Tea House", "Tea Horse"),
            ("Tea House", "Tea Houses"),
            ("Tea House", "Coffee House"),
            ("Tea House", "Tea House 2"),
            ("Tea House", "The Tea House"),
            ("茶馆", "茶楼"),
            ("Cafe", "Café"),
            ("client-1", "client-2"),
            ("清和茶馆", "清和茶館"),
            ("Яндекс", "Yandex"),
            ("Cinema", "Cinéma"),
            ("Bank 1", "Bank 7"),
        ] {
            assert!(!alike(name, other), "{name} {other}");
        }
    }
}
