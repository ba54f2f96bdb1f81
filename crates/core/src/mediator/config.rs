//! What the host decides once for its mediator.

use std::time::Duration;

use crate::{Issuer, Locale};

/// How a mediator behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The authorization server that codes come from.
    pub issuer: Issuer,
    /// How the host names itself to pages.
    pub host: HostInfo,
    /// The language of consent prompts.
    pub locale: Locale,
    /// Whether a prompt needs a recent touch of the page.
    pub gesture: GesturePolicy,
    /// How long a request waits for the user, its place in the queue included.
    pub prompt_deadline: Duration,
    /// How long a request waits for the store of grants; after that it goes on without.
    pub save_deadline: Duration,
    /// How long a request waits for the authorization server.
    pub network_deadline: Duration,
}

/// How the host names itself to pages.
#[derive(Clone, Debug)]
pub struct HostInfo {
    /// The app's name.
    pub name: String,
    /// The app's version.
    pub version: String,
    /// Such as `android`, `ios`, `simulator`.
    pub platform: String,
}

/// Whether a prompt needs a recent touch of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GesturePolicy {
    /// No.
    NotNeeded,
    /// A touch at most this long ago. A container that cannot tell is believed.
    WithinWhereKnown(Duration),
}

impl Config {
    /// The usual limits: five minutes for the user, five seconds for the store, thirty for the
    /// network, and a touch within ten seconds where the container can tell.
    pub fn new(issuer: Issuer, host: HostInfo, locale: Locale) -> Self {
        Self {
            issuer,
            host,
            locale,
            gesture: GesturePolicy::WithinWhereKnown(Duration::from_secs(10)),
            prompt_deadline: Duration::from_secs(5 * 60),
            save_deadline: Duration::from_secs(5),
            network_deadline: Duration::from_secs(30),
        }
    }
}

/// Where ids come from: 128 bits that nobody can guess, except in tests.
pub trait IdSource: Send {
    /// The next one.
    fn next_id(&mut self) -> u128;
}

impl<F: FnMut() -> u128 + Send> IdSource for F {
    fn next_id(&mut self) -> u128 {
        self()
    }
}
