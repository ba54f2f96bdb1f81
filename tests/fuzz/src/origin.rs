//! Origins, compared exactly.

use minihost_core::Origin;
use url::Url;

/// An origin is its one ASCII spelling. Of two texts, one is taken for the other where they are the
/// same text and nowhere else.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (one, two) = text.split_once('\n').unwrap_or((text, "https://teahouse.example"));
    let (first, second) = (Origin::parse(one), Origin::parse(two));
    for (origin, text) in [(&first, one), (&second, two)] {
        let Some(origin) = origin else { continue };
        assert_eq!(origin.as_str(), text);
        assert!(text.is_ascii() && !text.contains(['@', '?', '#', '\\', ' ', '%']), "{text:?}");
        let (scheme, rest) = text.split_once("://").expect("a scheme and a host");
        assert!(!scheme.is_empty() && !rest.is_empty() && !rest.contains('/'), "{text:?}");
        assert!(!text.bytes().any(|byte| byte.is_ascii_uppercase()), "{text:?}");
        let url = Url::parse(text).expect("an origin is a URL");
        assert_eq!(Origin::of(&url).as_ref(), Some(origin));
        assert_eq!(url.origin().ascii_serialization(), text);
        assert!(url.port() != url.port_or_known_default() || url.port() != known(scheme));
    }
    if first.is_some() && second.is_some() {
        assert_eq!(first == second, one == two);
    }
    // Whatever URL it is, its origin can be read again.
    if let Some(origin) = Url::parse(one).ok().as_ref().and_then(Origin::of) {
        assert_eq!(Origin::parse(origin.as_str()).as_ref(), Some(&origin));
    }
}

fn known(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}
