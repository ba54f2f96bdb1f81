use axum::http::{HeaderMap, HeaderValue, header};

use crate::{ProgramId, origin::Origin, session::SessionId};

/// The cookie that carries a program's session id.
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

    /// `Set-Cookie` for a session that has begun.
    pub(crate) fn set(&self, id: &SessionId) -> HeaderValue {
        self.header(id.as_cookie(), "")
    }

    /// `Set-Cookie` for a session that has ended.
    pub(crate) fn clear(&self) -> HeaderValue {
        self.header("", "; Max-Age=0")
    }

    fn header(&self, value: &str, suffix: &str) -> HeaderValue {
        let text = format!("{}={value}; {}{suffix}", self.name, self.attributes);
        let mut header = HeaderValue::try_from(text).expect("an own session id is a header value");
        header.set_sensitive(true);
        header
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
        let header = SessionCookie::new(ProgramId::Teahouse, &origin).clear();
        let text = header.to_str().unwrap();
        assert!(
            text.starts_with("__Host-teahouse_session=;") && text.contains("; Secure"),
            "{text}"
        );
    }
}
