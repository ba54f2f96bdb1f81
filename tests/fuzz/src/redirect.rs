//! Redirect URIs, compared as strings: by the SDK and by the authorization server.

use minihost_authorization_server::{Application, RedirectUri};
use minihost_core::{DocumentId, Effect, Input, ReplyToken, SessionId};
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};
use serde_json::json;
use url::{Host, Url};

/// The longest that fits into a message however it is escaped.
const LONGEST: usize = 8 * 1024;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (registered, asked) = text.split_once('\n').unwrap_or((text, text));
    check_host(registered, asked);
    check_server(registered, asked);
}

/// A page may name what its manifest has, letter by letter, and nothing else.
fn check_host(declared: &str, asked: &str) {
    if asked.len() > LONGEST {
        return;
    }
    let (session, document) = (SessionId(1), DocumentId(1));
    let mut program = manifest("teahouse");
    program.redirect_uris = vec![minihost_core::RedirectUri::new(declared)];
    let mut machine = Machine::default();
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(session, program);
    machine.feed(Input::DocumentStarted { session, document });
    let mut send =
        |text: &str| machine.receive(session, call("teahouse", document, ReplyToken(1)), text);
    send(&initialize(1).to_string());
    let mut message = request_code(2, &["openid"]);
    message["params"]["redirectUri"] = json!(asked);
    let effects = send(&message.to_string());
    let accepted = effects.iter().any(|effect| matches!(effect, Effect::Prompt(_)));
    assert_eq!(accepted, asked == declared, "{declared:?} {asked:?}");
}

/// What is registered admits itself and, of an installed program, the same on another port of this
/// machine; nothing else (RFC 9700 §2.1, RFC 8252 §7.3).
fn check_server(registered: &str, asked: &str) {
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
