//! How clients connect.

use std::net::IpAddr;

pub(crate) fn http_client() -> reqwest::Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// For those who look at redirects themselves.
pub(crate) fn http_client_without_redirects() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// As [`http_client_without_redirects`], connected from another address of this machine.
pub(crate) fn http_client_at(address: IpAddr) -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.local_address(address).build().unwrap()
}
