//! The cookies of one code request.

use cookie_store::CookieStore;
use url::Url;
use zeroize::Zeroizing;

use crate::ports::HttpResponse;

/// Cookies (RFC 6265) that are gone with the request that they were made for. Has no `Debug`.
#[derive(Default)]
pub(super) struct Jar(CookieStore);

impl Jar {
    /// Puts in a cookie that the host holds already; it goes to the origin of `url` alone.
    pub(super) fn put(&mut self, name: &str, value: &str, url: &Url) {
        // A value that no cookie can have is a token that the server will refuse.
        let _ = self.0.parse(&format!("{name}={value}; Path=/"), url);
    }

    /// Takes the cookies of an answer. Those that the server must not set for itself are dropped.
    pub(super) fn take(&mut self, response: &HttpResponse, url: &Url) {
        for cookie in response.headers("set-cookie") {
            let _ = self.0.parse(cookie, url);
        }
    }

    /// The header for a request, where there is a cookie for it.
    pub(super) fn header(&self, url: &Url) -> Option<Zeroizing<String>> {
        let mut header = Zeroizing::new(String::new());
        for (name, value) in self.0.get_request_values(url) {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(name);
            header.push('=');
            header.push_str(value);
        }
        (!header.is_empty()).then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SecretBytes;

    fn jar(cookies: &[&str]) -> Jar {
        let headers = cookies.iter().map(|c| ("Set-Cookie".to_owned(), (*c).to_owned())).collect();
        let response = HttpResponse::new(200, headers, SecretBytes::new(""));
        let mut jar = Jar::default();
        jar.take(&response, &"http://127.0.0.1:1/login".parse().unwrap());
        jar
    }

    fn header(jar: &Jar, url: &str) -> Option<String> {
        jar.header(&url.parse().unwrap()).map(|header| header.to_string())
    }

    #[test]
    fn a_servers_cookies_go_back_to_it_also_where_they_want_tls_on_this_machine() {
        let jar = jar(&["a=1; Path=/; HttpOnly", "b=2; Path=/; Secure; SameSite=None"]);
        let sent = header(&jar, "http://127.0.0.1:1/authorize").unwrap();
        let mut cookies: Vec<_> = sent.split("; ").collect();
        cookies.sort_unstable();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }

    #[test]
    fn a_cookie_for_another_host_is_dropped_and_one_that_ended_is_gone() {
        let jar = jar(&["a=1; Domain=example.com", "b=2; Path=/", "b=; Path=/; Max-Age=0"]);
        assert_eq!(header(&jar, "http://127.0.0.1:1/"), None);
        assert_eq!(header(&jar, "http://example.com/"), None);
    }

    #[test]
    fn a_value_that_is_no_cookie_brings_no_other_with_it() {
        let mut jar = Jar::default();
        let url = "http://127.0.0.1:1/".parse().unwrap();
        jar.put("session", "s; Domain=example.com", &url);
        assert_eq!(header(&jar, "http://example.com/"), None);
    }
}
