//! Who is calling when the connection comes from a proxy: the one place that tells the address for
//! limits, for the record of sign-ins, and for the log.

mod forwarded;

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// In which header a proxy says for whom it asks. Only this one is read: proxies pass on what they do
/// not know, so that in the other a client could say what it likes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`: addresses separated by commas. The default.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239), of which the parameter `for` is read.
    Forwarded,
}

/// The proxies whose word is taken for the address of the client. None by default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ProxyHeader,
}

/// What is neither an address nor a network.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct InvalidProxy(String);

impl TrustedProxies {
    /// Proxies by their addresses, `10.0.0.7`, or networks, `10.0.0.0/8`, all of which write the same
    /// header. Each must append to the header what it was called by, or write it anew.
    ///
    /// # Errors
    /// When one of the texts is neither an address nor a network.
    pub fn new<Text: AsRef<str>>(
        proxies: impl IntoIterator<Item = Text>,
        header: ProxyHeader,
    ) -> Result<Self, InvalidProxy> {
        let read = |text: Text| {
            let text = text.as_ref();
            let address = || text.parse::<IpAddr>().ok().map(|ip| IpNet::from(ip.to_canonical()));
            text.parse().ok().or_else(address).ok_or_else(|| InvalidProxy(text.to_owned()))
        };
        let networks = proxies.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { networks, header })
    }

    /// The address from which the request comes: that of the connection, or where that is a trusted
    /// proxy, the rightmost address in the proxy's header that is not itself trusted. `None` when the
    /// router is served without connection info.
    pub(crate) fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(self.client_behind(peer.ip().to_canonical(), &request.headers))
    }

    /// Where the header ends or tells no address, it is the last proxy that is known.
    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer;
        if !self.trusts(&known) {
            return known;
        }
        let name = match self.header {
            ProxyHeader::XForwardedFor => X_FORWARDED_FOR,
            ProxyHeader::Forwarded => FORWARDED,
        };
        let lines = headers.get_all(name).iter().rev();
        let entries = lines.flat_map(|line: &HeaderValue| {
            forwarded::split(line.to_str().unwrap_or_default(), b',')
        });
        for entry in entries {
            let node = match self.header {
                ProxyHeader::XForwardedFor => forwarded::node(entry),
                ProxyHeader::Forwarded => forwarded::node_of_element(entry),
            };
            let Some(node) = node else { break };
            known = node;
            if !self.trusts(&known) {
                break;
            }
        }
        known
    }

    fn trusts(&self, address: &IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.7";

    fn proxies(header: ProxyHeader) -> TrustedProxies {
        TrustedProxies::new(["10.0.0.0/24", "2001:db8:1::1"], header).unwrap()
    }

    fn client(header: ProxyHeader, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        proxies(header).client_behind(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn of_the_addresses_in_the_header_the_rightmost_that_is_no_proxy_counts() {
        for (line, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
            ("203.0.113.9,192.0.2.1 , 10.0.0.9,2001:db8:1::1", "192.0.2.1"),
            ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
            ("192.0.2.1, unknown", PROXY),
            ("192.0.2.1, unknown, 10.0.0.9", "10.0.0.9"),
            ("192.0.2.1, ", PROXY),
            ("", PROXY),
            ("grüße", PROXY),
        ] {
            let found = client(ProxyHeader::XForwardedFor, PROXY, &[("x-forwarded-for", line)]);
            assert_eq!(found, expected, "{line}");
        }
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(ProxyHeader::XForwardedFor, PROXY, &lines), "192.0.2.1");
    }

    #[test]
    fn forwarded_says_it_in_its_own_way() {
        for (line, expected) in [
            ("for=192.0.2.1;proto=https;by=10.0.0.7", "192.0.2.1"),
            ("for=203.0.113.9, For=\"[2001:db8::17]:4711\"", "2001:db8::17"),
            ("for=192.0.2.1, for=10.0.0.9", "192.0.2.1"),
            ("for=\"made up, for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.1, for=_hidden", PROXY),
        ] {
            let found = client(ProxyHeader::Forwarded, PROXY, &[("forwarded", line)]);
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn only_the_header_that_the_proxies_write_is_read() {
        let both = [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.2")];
        assert_eq!(client(ProxyHeader::Forwarded, PROXY, &both), "192.0.2.1");
        assert_eq!(client(ProxyHeader::XForwardedFor, PROXY, &both), "192.0.2.2");
        assert_eq!(client(ProxyHeader::XForwardedFor, PROXY, &both[..1]), PROXY);
    }

    #[test]
    fn who_is_no_trusted_proxy_is_the_client_whatever_they_say() {
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            let both = [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")];
            assert_eq!(client(header, "10.0.1.7", &both), "10.0.1.7");
        }
        let mapped = proxies(ProxyHeader::XForwardedFor);
        assert!(mapped.trusts(&"::ffff:10.0.0.7".parse::<IpAddr>().unwrap().to_canonical()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0"] {
            assert!(TrustedProxies::new([bad], ProxyHeader::default()).is_err(), "{bad}");
        }
    }
}
