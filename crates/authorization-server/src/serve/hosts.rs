//! The names by which the server may be called.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

/// Host and port of each, in lower case, without the port that the scheme has anyway.
pub(super) struct Hosts {
    usual_port: &'static str,
    names: Vec<String>,
}

/// Why a request is not for this server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotForUs {
    /// It names no host, or more than one (RFC 9112 §3.2).
    Unclear,
    /// It names another (RFC 9110 §15.5.20).
    Another,
}

impl Hosts {
    /// `issuer` is an origin without a trailing slash.
    pub(super) fn new(issuer: &str, others: &[String]) -> Self {
        let (scheme, host) = issuer.split_once("://").unwrap_or(("https", issuer));
        let usual_port = if scheme == "http" { ":80" } else { ":443" };
        let mut hosts = Self { usual_port, names: Vec::new() };
        for host in std::iter::once(host).chain(others.iter().map(String::as_str)) {
            let name = hosts.normal(host);
            hosts.names.push(name);
        }
        hosts
    }

    /// Whether a request with this target and these headers is for this server. A target with a host
    /// of its own counts instead of the header (RFC 9112 §3.2.2).
    pub(super) fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), NotForUs> {
        let mut named = headers.get_all(HOST).iter();
        let header = match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().map_err(|_| NotForUs::Unclear)?,
            _ => return Err(NotForUs::Unclear),
        };
        let host = target.authority().map_or(header, |authority| authority.as_str());
        if self.names.contains(&self.normal(host)) { Ok(()) } else { Err(NotForUs::Another) }
    }

    fn normal(&self, host: &str) -> String {
        host.strip_suffix(self.usual_port).unwrap_or(host).to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(hosts: &Hosts, target: &str, named: &[&'static str]) -> Result<(), NotForUs> {
        let headers =
            named.iter().map(|host| (HOST, axum::http::HeaderValue::from_static(host))).collect();
        hosts.check(&target.parse().unwrap(), &headers)
    }

    #[test]
    fn only_the_issuers_host_and_those_that_were_added_are_this_server() {
        let others = ["ID.internal:8443".to_owned()];
        let hosts = Hosts::new("https://id.example", &others);
        for good in ["id.example", "ID.Example", "id.example:443", "id.internal:8443"] {
            assert_eq!(asks(&hosts, "/token", &[good]), Ok(()), "{good}");
        }
        for bad in [
            "id.example:80",
            "id.example.",
            "xid.example",
            "id.example.evil.example",
            "id.internal",
            "127.0.0.1",
            "",
        ] {
            assert_eq!(asks(&hosts, "/token", &[bad]), Err(NotForUs::Another), "{bad}");
        }
        let hosts = Hosts::new("http://[::1]:4000", &[]);
        assert_eq!(asks(&hosts, "/", &["[::1]:4000"]), Ok(()));
        assert_eq!(asks(&hosts, "/", &["[::1]"]), Err(NotForUs::Another));
    }

    #[test]
    fn a_request_names_exactly_one_host_and_its_target_counts_first() {
        let hosts = Hosts::new("http://127.0.0.1:4000", &[]);
        let ours = "127.0.0.1:4000";
        assert_eq!(asks(&hosts, "/", &[]), Err(NotForUs::Unclear));
        assert_eq!(asks(&hosts, "/", &[ours, ours]), Err(NotForUs::Unclear));
        assert_eq!(asks(&hosts, "http://127.0.0.1:4000/", &["evil.example"]), Ok(()));
        assert_eq!(asks(&hosts, "http://evil.example/", &[ours]), Err(NotForUs::Another));
    }
}
