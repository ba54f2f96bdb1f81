//! Requests to the authorization server.
//!
//! [`ReqwestTransport`] is the transport that comes with the SDK. Above whatever transport the host
//! uses, limits are enforced and answers are sorted the same way.

mod address;
mod answer;
mod exchange;
mod form;
mod network;
mod pace;
mod redact;
mod reqwest_transport;
mod retry_after;
#[cfg(test)]
pub(crate) mod scripted;
mod single_flight;
mod tls;

pub(crate) use address::{is_loopback, secure_url};
pub(crate) use answer::{Answer, Fault, Instead, Refusal, is_html, is_json};
pub(crate) use exchange::{Exchange, server_date};
pub(crate) use form::{Edit, Form};
pub use network::{Certificates, InvalidNetwork, KeyPin, Limits, Network, Proxy, Roots};
pub(crate) use redact::redact;
pub use reqwest_transport::ReqwestTransport;
pub(crate) use single_flight::SingleFlight;

#[cfg(test)]
mod reqwest_tests;
#[cfg(test)]
mod tls_tests;
