//! Redirect URIs, compared as strings.

use minihost_authorization_server::{Application, RedirectUri};
use url::{Host, Url};

/// What is registered admits itself and, of an installed program, the same on another port of this
/// machine; nothing else (RFC 9700 §2.1, RFC 8252 §7.3).
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (registered, asked) = text.split_once('\n').unwrap_or((text, text));
    let Ok(uri) = RedirectUri::new(registered) else { return };
    assert_eq!(uri.as_str(), registered);
    let parsed = Url::parse(registered).expect("what is registered is a URL");
    assert!(parsed.fragment().is_none() && parsed.username().is_empty());
    assert!(parsed.password().is_none() && registered.bytes().all(|b| b.is_ascii_graphic()));
    assert!(parsed.scheme() == "https" || (parsed.scheme() == "http" && is_this_machine(&parsed)));
    assert!(
        uri.admits(registered, Application::Web) && uri.admits(registered, Application::Native)
    );
    assert_eq!(uri.admits(asked, Application::Web), asked == registered);
    if asked != registered && uri.admits(asked, Application::Native) {
        let mut asked = Url::parse(asked).expect("what is admitted is a URL");
        let mut parsed = parsed;
        assert!(is_this_machine(&asked) && asked.scheme() == "http", "{asked}");
        assert_eq!((asked.set_port(None), parsed.set_port(None)), (Ok(()), Ok(())));
        assert_eq!(asked, parsed, "they differ in more than the port");
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
