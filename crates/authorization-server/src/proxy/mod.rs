//! Who is calling when the connection comes from a proxy: the one place that tells the address for
//! limits, for the record of sign-ins, and for the log.

mod forwarded;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

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
            text.parse()
                .ok()
                .map(canonical)
                .or_else(address)
                .ok_or_else(|| InvalidProxy(text.to_owned()))
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
        for line in headers.get_all(name).iter().rev() {
            // The client may have sent what is no text; what the proxy added after it counts all the same.
            let line = String::from_utf8_lossy(line.as_bytes());
            for entry in forwarded::split(&line, b',') {
                let node = match self.header {
                    ProxyHeader::XForwardedFor => forwarded::node(entry),
                    ProxyHeader::Forwarded => forwarded::node_of_element(entry),
                };
                let Some(node) = node else { return known };
                known = node;
                if !self.trusts(&known) {
                    return known;
                }
            }
        }
        known
    }

    fn trusts(&self, address: &IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

/// What one caller has to itself: an IPv4 address, or the network of 64 bits that the smallest IPv6 site
/// gets (RFC 6177 §2).
pub(crate) fn network(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(address) => IpNet::from(IpAddr::V4(address)),
        IpAddr::V6(address) => first_bits(address, 64),
    }
}

/// The network of 48 bits, the most that an IPv6 site usually gets (RFC 6177 §2).
pub(crate) fn site(address: IpAddr) -> Option<IpNet> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(first_bits(address, 48)),
    }
}

fn first_bits(address: Ipv6Addr, count: u8) -> IpNet {
    Ipv6Net::new(address, count).expect("an address has 128 bits").trunc().into()
}

/// An IPv4 network that is written as mapped into IPv6 (RFC 4291 §2.5.5.2), as the addresses of callers
/// may come.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(bits)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, bits).expect("at most 32 of 128 bits are left").into()
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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
            ("grüße, 192.0.2.1", "192.0.2.1"),
            ("192.0.2.1, grüße", PROXY),
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
    fn a_mapped_network_is_the_one_of_ipv4() {
        let mapped = TrustedProxies::new(["::ffff:10.0.0.0/104"], ProxyHeader::default()).unwrap();
        assert!(mapped.trusts(&"10.1.2.3".parse().unwrap()));
        assert!(!mapped.trusts(&"11.1.2.3".parse().unwrap()));
        let wider = TrustedProxies::new(["2001:db8::/32"], ProxyHeader::default()).unwrap();
        assert!(wider.trusts(&"2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn a_site_with_a_network_to_itself_is_one_caller() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:3::9"), of("2001:db8:1:2::9"));
        let site = |text: &str| site(text.parse().unwrap()).map(|site| site.to_string());
        assert_eq!(site("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(site("::ffff:192.0.2.7"), None);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0"] {
            assert!(TrustedProxies::new([bad], ProxyHeader::default()).is_err(), "{bad}");
        }
    }
}
