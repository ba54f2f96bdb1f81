use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{ProgramId, origin::Origin, session::SessionId};

/// Carries the session id where the browser keeps no cookies for the page, as in frames of some. The
/// page sends it with every request, empty as long as it has no session, and keeps the id in memory.
/// Only the program's own scripts can send it: others would need a leave that is never given (CORS).
const SESSION: HeaderName = HeaderName::from_static("session");

/// The cookie that carries a program's session id, or the header where there are no cookies.
pub(crate) struct SessionCookie {
    name: String,
    attributes: &'static str,
}

impl SessionCookie {
    pub(crate) fn new(id: ProgramId, origin: &Origin) -> Self {
        // With the prefix no sibling domain can plant the cookie; browsers take it over TLS alone.
        match origin.is_https() {
            true => Self {
                name: format!("__Host-{id}_session"),
                attributes: "Path=/; HttpOnly; SameSite=Lax; Secure",
            },
            false => {
                Self { name: format!("{id}_session"), attributes: "Path=/; HttpOnly; SameSite=Lax" }
            }
        }
    }

    /// The session id that the browser sent. A cookie that came twice counts as none, since nothing
    /// tells which of the two this program set.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Option<SessionId> {
        if let Some(id) = headers.get(SESSION) {
            return Some(SessionId::from_cookie(id.to_str().ok()?));
        }
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == self.name)
            .map(|(_, value)| value);
        let first = values.next()?;
        values.next().is_none().then(|| SessionId::from_cookie(first))
    }

    /// Tells the browser of a session that has begun, in the way of its request.
    pub(crate) fn set(
        &self,
        request: &HeaderMap,
        id: &SessionId,
    ) -> [(HeaderName, HeaderValue); 1] {
        self.tell(request, id.as_cookie(), "")
    }

    /// Tells the browser that its session has ended, in the same way.
    pub(crate) fn clear(&self, request: &HeaderMap) -> [(HeaderName, HeaderValue); 1] {
        self.tell(request, "", "; Max-Age=0")
    }

    fn tell(&self, request: &HeaderMap, id: &str, ending: &str) -> [(HeaderName, HeaderValue); 1] {
        let (name, text) = match request.contains_key(SESSION) {
            true => (SESSION, id.to_owned()),
            false => {
                let Self { name, attributes } = self;
                (header::SET_COOKIE, format!("{name}={id}; {attributes}{ending}"))
            }
        };
        let mut value = HeaderValue::try_from(text).expect("an own session id is a header value");
        value.set_sensitive(true);
        [(name, value)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookies: &[&str]) -> Option<String> {
        let cookie =
            SessionCookie::new(ProgramId::Teahouse, &Origin::parse("http://a.localhost").unwrap());
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, cookie.parse().unwrap());
        }
        cookie.read(&headers).map(|id| id.as_cookie().to_owned())
    }

    #[test]
    fn only_the_programs_own_cookie_is_read() {
        assert_eq!(read(&["cinema_session=b; teahouse_session=a"]).as_deref(), Some("a"));
        assert_eq!(read(&["x=1", "teahouse_session=a"]).as_deref(), Some("a"));
        assert_eq!(read(&["xteahouse_session=a; teahouse_sessionx=b; teahouse_session"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn a_cookie_that_came_twice_counts_as_none() {
        assert_eq!(read(&["teahouse_session=a; teahouse_session=b"]), None);
        assert_eq!(read(&["teahouse_session=a", "teahouse_session=a"]), None);
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let origin = Origin::parse("https://tea.example").unwrap();
        let cookie = SessionCookie::new(ProgramId::Teahouse, &origin);
        let [(name, value)] = cookie.clear(&HeaderMap::new());
        let text = value.to_str().unwrap();
        assert_eq!(name, header::SET_COOKIE);
        assert!(
            text.starts_with("__Host-teahouse_session=;") && text.contains("; Secure"),
            "{text}"
        );
    }
}
