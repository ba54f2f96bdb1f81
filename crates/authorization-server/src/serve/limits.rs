//! How much of the server one caller, and all together, may take up.

use std::time::Duration;

/// The largest body of a request, in bytes. Nothing that this server takes comes near it.
pub(crate) const BODY: usize = 64 * 1024;
/// The largest head of a request, in bytes.
pub(super) const HEAD: usize = 16 * 1024;

/// How [`AuthorizationServer::serve`](crate::AuthorizationServer::serve) serves.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// Limits of connections.
    pub limits: Limits,
    /// Hosts, each with its port unless that is the usual one, by which the server may be called
    /// besides the issuer's: `id.internal:7500`. None by default.
    pub hosts: Vec<String>,
}

/// Limits of connections. Besides these, a head may have 16 KiB and a body 64 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many connections may be open. When there are as many, a new one takes the place of the
    /// one that has waited longest for its caller; while none waits, new ones are not taken. 512 by
    /// default.
    pub connections: usize,
    /// How long a caller may take over the head of a request, or the TLS handshake. 5 seconds by
    /// default.
    pub head: Duration,
    /// How long a caller may take over the body of a request, and after it the server over the
    /// answer. 10 seconds by default.
    pub request: Duration,
    /// How long a connection may lie idle between two requests. 60 seconds by default.
    pub keep_alive: Duration,
    /// How long connections may take to end when the server stops. 10 seconds by default.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(5),
            request: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            drain: Duration::from_secs(10),
        }
    }
}
