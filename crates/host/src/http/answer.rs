//! What an answer is, whichever endpoint gave it.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::retry_after;
use crate::ports::{HttpError, HttpResponse};

/// An answer that the authorization server itself gave.
pub(crate) enum Answer {
    /// 200 with JSON.
    Success(HttpResponse),
    /// An error in the form of RFC 6749 §5.2.
    Refused(Refusal),
}

/// An error that the server names.
pub(crate) struct Refusal {
    /// The status code.
    pub(crate) status: u16,
    /// The error code; any text.
    pub(crate) error: String,
    /// The server's words, not to be shown before they are redacted.
    pub(crate) description: Option<String>,
    /// What a browser goes on with (draft-ietf-oauth-first-party-apps, `redirect_to_web`).
    pub(crate) request_uri: Option<String>,
}

/// There is no answer, or none that says anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No byte has left.
    Unreachable(String),
    /// The server is not the one that was meant. No byte has left.
    Untrusted(String),
    /// The connection broke, and the server may have acted.
    ConnectionLost(String),
    /// The time was up.
    TimedOut,
    /// What came is none of the server's answers to this request.
    NotTheServer {
        /// The status code.
        status: u16,
        /// What came.
        instead: Instead,
    },
    /// The server asks to come back later.
    Unavailable {
        /// 429, 503, or another with the error `temporarily_unavailable`.
        status: u16,
        /// Seconds, at most 300.
        retry_after: Option<u64>,
    },
    /// The server has failed.
    Failed {
        /// The status code.
        status: u16,
    },
    /// What the server said is not what the protocol allows.
    Unacceptable(&'static str),
}

/// What comes where a program's answer should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// A redirect within the server: to where it signs users in.
    LoginPage,
    /// A page for people.
    Page,
    /// A network that wants a sign-in of its own first: a redirect to elsewhere, or status 511
    /// (RFC 6585 §6).
    CaptivePortal,
}

impl From<HttpError> for Fault {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::NotSent(detail) => Self::Unreachable(detail),
            HttpError::Untrusted(detail) => Self::Untrusted(detail),
            HttpError::MaybeSent(detail) => Self::ConnectionLost(detail),
            HttpError::TimedOut => Self::TimedOut,
            HttpError::TooLarge => Self::Unacceptable("it is larger than 1 MiB"),
        }
    }
}

impl Answer {
    /// Sorts an answer of `from`. `now` is what a date in `Retry-After` is held against.
    pub(crate) fn sort(response: HttpResponse, from: &Url, now: Timestamp) -> Result<Self, Fault> {
        let status = response.status();
        let not_the_server = |instead| Err(Fault::NotTheServer { status, instead });
        match status {
            200 if is_json(&response) => Ok(Self::Success(response)),
            200..=299 if is_html(&response) => not_the_server(Instead::Page),
            200 => Err(Fault::Unacceptable("its body is not JSON")),
            300..=399 if stays(&response, from) => not_the_server(Instead::LoginPage),
            300..=399 | 511 => not_the_server(Instead::CaptivePortal),
            429 | 503 => {
                let header = response.header("retry-after");
                let retry_after = header.and_then(|value| retry_after::seconds(value, now));
                Err(Fault::Unavailable { status, retry_after })
            }
            400..=499 => refusal(&response),
            500..=599 => match refusal(&response) {
                Err(unavailable @ Fault::Unavailable { .. }) => Err(unavailable),
                _ => Err(Fault::Failed { status }),
            },
            _ => Err(Fault::Unacceptable("its status means nothing here")),
        }
    }
}

fn refusal(response: &HttpResponse) -> Result<Answer, Fault> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
        #[serde(default)]
        error_description: Option<String>,
        #[serde(default)]
        request_uri: Option<String>,
    }
    let status = response.status();
    let body: Option<Body> =
        is_json(response).then(|| serde_json::from_slice(response.body()).ok()).flatten();
    match body {
        Some(body) if body.error == "temporarily_unavailable" => {
            Err(Fault::Unavailable { status, retry_after: None })
        }
        Some(Body { error, error_description: description, request_uri }) => {
            Ok(Answer::Refused(Refusal { status, error, description, request_uri }))
        }
        // A resource server need not send a body (RFC 6750 §3, RFC 9449 §7.1).
        None if status == 401 && wants_another_token(response) => {
            let error = "invalid_token".to_owned();
            Ok(Answer::Refused(Refusal { status, error, description: None, request_uri: None }))
        }
        None => Err(Fault::Unacceptable("it is an error without an error code")),
    }
}

/// Whether a redirect leads to the origin that it came from.
fn stays(response: &HttpResponse, from: &Url) -> bool {
    let to = response.header("location").and_then(|location| from.join(location).ok());
    to.is_some_and(|to| to.origin() == from.origin())
}

fn essence(response: &HttpResponse) -> String {
    let header = response.header("content-type").unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn is_json(response: &HttpResponse) -> bool {
    let essence = essence(response);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Whether a page for people came, as from a captive portal.
pub(crate) fn is_html(response: &HttpResponse) -> bool {
    let looks_like_it = response.body().trim_ascii_start().first() == Some(&b'<');
    matches!(essence(response).as_str(), "text/html" | "application/xhtml+xml") || looks_like_it
}

fn wants_another_token(response: &HttpResponse) -> bool {
    response.headers("www-authenticate").any(|challenge| {
        let scheme = challenge.split(' ').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SecretBytes;

    fn sort(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Answer, Fault> {
        let headers = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let response = HttpResponse::new(status, headers, SecretBytes::new(body));
        let from = "https://as.example:8443/token".parse().unwrap();
        Answer::sort(response, &from, Timestamp::UNIX_EPOCH)
    }

    fn fault(status: u16, headers: &[(&str, &str)], body: &str) -> Fault {
        sort(status, headers, body).err().expect("a fault")
    }

    const JSON: (&str, &str) = ("Content-Type", "application/json; charset=utf-8");
    const HTML: (&str, &str) = ("content-type", "text/html");

    #[test]
    fn json_is_success_by_its_media_type_and_by_200_alone() {
        assert!(matches!(sort(200, &[JSON], "{}"), Ok(Answer::Success(_))));
        let suffix = ("content-type", "application/token+json");
        assert!(matches!(sort(200, &[suffix], "{}"), Ok(Answer::Success(_))));
        for plain in [&[][..], &[("content-type", "text/plain")]] {
            assert!(matches!(fault(200, plain, "{}"), Fault::Unacceptable(_)));
        }
        assert!(matches!(fault(204, &[JSON], ""), Fault::Unacceptable(_)));
    }

    #[test]
    fn what_stands_between_host_and_server_is_not_the_server() {
        let page = Fault::NotTheServer { status: 200, instead: Instead::Page };
        assert_eq!(fault(200, &[HTML], "<p>"), page);
        assert_eq!(fault(200, &[], "\n <html>"), page);
        for status in [301, 302, 303, 307, 308, 511] {
            let portal = Fault::NotTheServer { status, instead: Instead::CaptivePortal };
            for elsewhere in
                ["http://portal.example/", "https://as.example/", "http://as.example:8443/", "//a"]
            {
                assert_eq!(fault(status, &[("location", elsewhere)], ""), portal, "{elsewhere}");
            }
            assert_eq!(fault(status, &[], ""), portal);
        }
    }

    #[test]
    fn a_redirect_within_the_server_leads_to_its_sign_in() {
        let login = Fault::NotTheServer { status: 302, instead: Instead::LoginPage };
        for there in ["/login?continue=x", "login", "https://as.example:8443/", "//as.example:8443"]
        {
            assert_eq!(fault(302, &[("location", there)], ""), login, "{there}");
        }
    }

    #[test]
    fn the_servers_error_code_is_taken_from_json_alone() {
        let body = r#"{"error":"access_denied","error_description":"no","more":1}"#;
        let Ok(Answer::Refused(refusal)) = sort(400, &[JSON], body) else { panic!("refused") };
        assert_eq!((refusal.status, refusal.error.as_str()), (400, "access_denied"));
        assert_eq!(refusal.description.as_deref(), Some("no"));
        assert!(matches!(fault(400, &[HTML], body), Fault::Unacceptable(_)));
        assert!(matches!(fault(400, &[JSON], "{}"), Fault::Unacceptable(_)));
    }

    #[test]
    fn a_challenge_for_a_token_without_a_body_is_a_rejected_token() {
        let bearer = r#"bEARER error="invalid_token""#;
        let dpop = r#"DPoP error="invalid_token", algs="ES256""#;
        for challenges in [&[bearer][..], &[dpop], &["Basic realm=\"x\"", dpop], &["Bearer"]] {
            let headers: Vec<_> =
                challenges.iter().map(|challenge| ("WWW-Authenticate", *challenge)).collect();
            let Ok(Answer::Refused(refusal)) = sort(401, &headers, "") else { panic!("refused") };
            assert_eq!(refusal.error, "invalid_token");
        }
        for other in
            [&[HTML][..], &[("www-authenticate", "Basic")], &[("www-authenticate", "Bearers")]]
        {
            assert!(matches!(fault(401, other, ""), Fault::Unacceptable(_)));
        }
    }

    #[test]
    fn a_server_that_wants_to_be_left_alone_says_for_how_long() {
        for status in [429, 503] {
            let wait = [("Retry-After", "Thu, 01 Jan 1970 00:00:09 GMT")];
            let expected = Fault::Unavailable { status, retry_after: Some(9) };
            assert_eq!(fault(status, &wait, "<html>"), expected);
            let expected = Fault::Unavailable { status, retry_after: None };
            assert_eq!(fault(status, &[], ""), expected);
        }
        let body = r#"{"error":"temporarily_unavailable"}"#;
        for status in [400, 500] {
            let expected = Fault::Unavailable { status, retry_after: None };
            assert_eq!(fault(status, &[JSON], body), expected);
        }
    }

    #[test]
    fn other_server_faults_are_failures_whatever_they_say() {
        let body = r#"{"error":"access_denied"}"#;
        for status in [500, 502, 504, 599] {
            assert_eq!(fault(status, &[JSON], body), Fault::Failed { status });
        }
        assert!(matches!(fault(100, &[], ""), Fault::Unacceptable(_)));
    }
}
