//! Who may speak to this process: the page that it served itself, in this run.
//!
//! Any web page that the user visits can try to reach 127.0.0.1. It cannot forge `Host` or
//! `Origin`, and it cannot read the token, which stands in the page that only its own origin reads.

use axum::http::{HeaderMap, HeaderName, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::demo::random;

/// What a request must show.
pub(crate) struct Access {
    origin: String,
    authority: String,
    token: SecretString,
}

/// What a request failed to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was sent to another name than the simulator's.
    Host,
    /// It comes from another page.
    Origin,
    /// It does not know this run's token.
    Token,
}

impl Access {
    /// For the page at this origin, with a token that is new.
    pub(crate) fn new(origin: &str) -> Self {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        Self {
            origin: origin.to_owned(),
            authority: authority.to_owned(),
            token: URL_SAFE_NO_PAD.encode(random::<32>()).into(),
        }
    }

    /// The simulator's origin.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port of the simulator.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// This run's token, to be written into the page and nowhere else.
    pub(crate) fn token(&self) -> &str {
        self.token.expose_secret()
    }

    /// Checks that a request was sent to the simulator by its name, so that a name that was made to
    /// point here (DNS rebinding) leads nowhere.
    pub(crate) fn check_host(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let is_ours = only(headers, &header::HOST)
            .is_some_and(|host| host.eq_ignore_ascii_case(&self.authority));
        is_ours.then_some(()).ok_or(Refusal::Host)
    }

    /// Checks that the simulator's own page of this run opens a connection.
    pub(crate) fn check_connection(&self, headers: &HeaderMap, token: &str) -> Result<(), Refusal> {
        if only(headers, &header::ORIGIN) != Some(self.origin.as_str()) {
            return Err(Refusal::Origin);
        }
        let is_ours = bool::from(token.as_bytes().ct_eq(self.token().as_bytes()));
        is_ours.then_some(()).ok_or(Refusal::Token)
    }
}

/// A header's value, where it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ORIGIN: &str = "http://host.sim.localhost:7422";

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_the_simulators_own_name_is_served() {
        let access = Access::new(ORIGIN);
        let check = |values: &[&str]| access.check_host(&headers(header::HOST, values));
        assert_eq!(check(&["host.sim.localhost:7422"]), Ok(()));
        assert_eq!(check(&["HOST.sim.localhost:7422"]), Ok(()));
        for wrong in [
            &["rebound.example:7422"][..],
            &["127.0.0.1:7422"],
            &["host.sim.localhost"],
            &["host.sim.localhost:7422", "host.sim.localhost:7422"],
            &[],
        ] {
            assert_eq!(check(wrong), Err(Refusal::Host), "{wrong:?}");
        }
    }

    #[test]
    fn only_the_simulators_own_page_of_this_run_connects() {
        let access = Access::new(ORIGIN);
        let check = |origins: &[&str], token: &str| {
            access.check_connection(&headers(header::ORIGIN, origins), token)
        };
        assert_eq!(check(&[ORIGIN], access.token()), Ok(()));
        for wrong in [
            &["http://teahouse.sim.localhost:7421"][..],
            &["http://host.sim.localhost:7422/"],
            &["http://host.sim.localhost:7422.evil.example"],
            &["HTTP://HOST.SIM.LOCALHOST:7422"],
            &["null"],
            &[],
            &[ORIGIN, ORIGIN],
        ] {
            assert_eq!(check(wrong, access.token()), Err(Refusal::Origin), "{wrong:?}");
        }
        let other_run = Access::new(ORIGIN);
        let cut = &access.token()[1..];
        for wrong in [other_run.token(), "", cut] {
            assert_eq!(check(&[ORIGIN], wrong), Err(Refusal::Token));
        }
    }
}
