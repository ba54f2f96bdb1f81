//! What the headers of proxies say, read from the right: what a client made up lies to the left of
//! what a proxy added, and cannot spoil it.

use std::net::{IpAddr, SocketAddr};

/// The node of an entry of `X-Forwarded-For`, in the forms that proxies write: an address, or one
/// with its port.
pub(super) fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = text.parse().ok().or_else(bracketed);
    let address =
        address.or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// The node in the `for` of an element of `Forwarded` (RFC 7239 §4, §6). `None` when there is no
/// `for`, or more than one, or when it tells no address.
pub(super) fn node_of_element(element: &str) -> Option<IpAddr> {
    let mut nodes = split(element, b';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    });
    let (value, None) = (nodes.next()?, nodes.next()) else { return None };
    node(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// The parts of a text from the last to the first. A separator within a quoted string is none.
pub(super) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match last_outside_quotes(text.as_bytes(), separator) {
            Some(at) => {
                rest = Some(&text[..at]);
                Some(&text[at + 1..])
            }
            None => rest.take(),
        }
    })
}

fn last_outside_quotes(text: &[u8], separator: u8) -> Option<usize> {
    let mut is_quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        match byte {
            b'"' if !is_escaped(text, at) => is_quoted = !is_quoted,
            byte if *byte == separator && !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether an odd number of backslashes stands before this place (RFC 9110 §5.6.4).
fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_an_address_with_or_without_a_port() {
        for (text, address) in [
            ("192.0.2.60", "192.0.2.60"),
            (" 192.0.2.60:4711 ", "192.0.2.60"),
            ("2001:db8::17", "2001:db8::17"),
            ("[2001:db8::17]", "2001:db8::17"),
            ("[2001:db8::17]:4711", "2001:db8::17"),
            ("::ffff:192.0.2.60", "192.0.2.60"),
        ] {
            assert_eq!(node(text), Some(address.parse().unwrap()), "{text}");
        }
        for bad in
            ["", "unknown", "_hidden", "192.0.2", "192.0.2.60:_port", "[2001:db8::17", "a.example"]
        {
            assert_eq!(node(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_examples_of_rfc_7239_section_4_are_read() {
        for (element, address) in [
            ("For=\"[2001:db8:cafe::17]:4711\"", Some("2001:db8:cafe::17")),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", Some("192.0.2.60")),
            ("for=192.0.2.43", Some("192.0.2.43")),
            ("for=\"_gazonk\"", None),
            ("by=203.0.113.43", None),
            ("for=192.0.2.43;for=192.0.2.44", None),
        ] {
            assert_eq!(
                node_of_element(element),
                address.map(|text| text.parse().unwrap()),
                "{element}"
            );
        }
    }

    #[test]
    fn separators_in_quoted_strings_separate_nothing() {
        let text = r#"for=1;host="a,b\",c", for=2"#;
        assert_eq!(split(text, b',').collect::<Vec<_>>(), [" for=2", r#"for=1;host="a,b\",c""#]);
        assert_eq!(split("", b',').collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_quote_that_is_never_closed_spoils_nothing_to_its_right() {
        for made_up in ["for=\"", "for=\"\\", "\"\\\"", "for=\"a;for=192.0.2.1"] {
            for added in ["for=192.0.2.60", "for=\"[2001:db8::17]:4711\";host=\"id.example\""] {
                let text = format!("{made_up}, {added}");
                let last = split(&text, b',').next().unwrap();
                assert_eq!(last.trim(), added, "{text}");
            }
        }
    }
}
