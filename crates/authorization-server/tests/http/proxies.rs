//! Whose address counts where a proxy stands before the server, and who may say so.

use std::net::IpAddr;

use minihost_authorization_server::{ProxyHeader, TrustedProxies};

use crate::support::browser::Browser;
use crate::support::{TestClock, World};

/// All tests connect from the loopback network; this much of it is the proxies'.
const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 9));
const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

async fn behind_proxies(header: ProxyHeader) -> World {
    let proxies =
        TrustedProxies::new([PROXY.to_string(), "10.0.0.0/8".to_owned()], header).unwrap();
    World::new_with(TestClock::new(), |config| config.trusted_proxies = proxies).await
}

/// Tries one password on `count` users; tells how often it was looked at.
async fn spray(browser: &Browser<'_>, count: usize) -> usize {
    let page = browser.visit("/login").await;
    for n in 0..count {
        let form = page.login_form(&format!("user-{n}"), "guess");
        match browser.press(&form).await.status {
            400 => {}
            429 => return n,
            other => panic!("{other}"),
        }
    }
    count
}

/// The status of signing in with the right password.
async fn sign_in(browser: &Browser<'_>, user: &str) -> u16 {
    let page = browser.visit("/login").await;
    browser.sign_in(&page, user).await.status
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_limits() {
    let world = behind_proxies(ProxyHeader::XForwardedFor).await;
    let asking =
        |value: &'static str| Browser::new(&world).at(PROXY).adding("x-forwarded-for", value);
    assert_eq!(spray(&asking("192.0.2.1"), 60).await, 50);
    // What the client itself put into the header comes before what the proxies added.
    for value in ["192.0.2.1", "198.51.100.7, 192.0.2.1", "198.51.100.7, 192.0.2.1, 10.0.0.3"] {
        assert_eq!(sign_in(&asking(value), "alice").await, 429, "{value}");
    }
    for value in ["192.0.2.2", "192.0.2.1, 192.0.2.2", "192.0.2.1, 192.0.2.2, 10.0.0.3"] {
        assert_eq!(sign_in(&asking(value), "alice").await, 200, "{value}");
    }
}

#[tokio::test]
async fn a_header_from_somebody_else_than_a_proxy_is_ignored() {
    let world = behind_proxies(ProxyHeader::XForwardedFor).await;
    let mut looked_at = 0;
    for n in 0..6 {
        let address = format!("192.0.2.{n}");
        let browser = Browser::new(&world).at(STRANGER);
        let browser = browser.adding("x-forwarded-for", address.as_str());
        let browser = browser.adding("forwarded", format!("for={address}"));
        looked_at += spray(&browser, 10).await;
    }
    assert_eq!(looked_at, 50, "all of them count for the address of the connection");
    let victim = Browser::new(&world).at(PROXY).adding("x-forwarded-for", "192.0.2.1");
    assert_eq!(sign_in(&victim, "alice").await, 200);
}

#[tokio::test]
async fn without_trusted_proxies_no_header_is_read() {
    let world = World::new().await;
    assert_eq!(spray(&Browser::new(&world).adding("x-forwarded-for", "192.0.2.1"), 60).await, 50);
    let other = Browser::new(&world).adding("x-forwarded-for", "192.0.2.2");
    assert_eq!(sign_in(&other, "alice").await, 429);
}

#[tokio::test]
async fn the_record_of_sign_ins_has_the_address_of_the_client() {
    for (header, name, value) in [
        (ProxyHeader::XForwardedFor, "x-forwarded-for", "2001:db8::17"),
        (ProxyHeader::Forwarded, "forwarded", "for=\"[2001:db8::17]:4711\";proto=https"),
    ] {
        let world = behind_proxies(header).await;
        let browser = Browser::new(&world).at(PROXY).adding(name, value);
        assert_eq!(sign_in(&browser, "alice").await, 200);
        let words = browser.visit("/account").await.words();
        assert!(words.contains("2001:db8::17") && !words.contains("127.0.0."), "{words}");

        // The other header is what a client may have sent: the proxy does not know it.
        let other = match header {
            ProxyHeader::XForwardedFor => ("forwarded", "for=192.0.2.1"),
            ProxyHeader::Forwarded => ("x-forwarded-for", "192.0.2.1"),
        };
        let browser = Browser::new(&world).at(PROXY).adding(other.0, other.1);
        assert_eq!(sign_in(&browser, "bob").await, 200);
        let words = browser.visit("/account").await.words();
        assert!(words.contains("127.0.0.9") && !words.contains("192.0.2.1"), "{words}");
    }
}

#[tokio::test]
async fn failed_client_authentication_counts_for_the_client_behind_the_proxy() {
    let world = behind_proxies(ProxyHeader::XForwardedFor).await;
    let http = crate::support::http_client_at(PROXY);
    let fail = async |address: &str| {
        let request = http.post(format!("{}/token", world.base));
        let request = request.header("x-forwarded-for", address);
        let request = request.basic_auth("teahouse", Some("guess")).form(&[("grant_type", "none")]);
        world.send(request).await.status.as_u16()
    };
    for _ in 0..20 {
        assert_eq!(fail("192.0.2.1").await, 401);
    }
    assert_eq!(fail("192.0.2.1").await, 429);
    assert_eq!(fail("192.0.2.2").await, 401);
}
