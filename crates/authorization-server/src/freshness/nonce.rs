//! Nonces that need no memory: each is the authentication code of the minute in which it was made.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use subtle::ConstantTimeEq as _;

use crate::clock::UnixMillis;
use crate::error::RandomnessError;
use crate::secret::random;

const SPAN_SECONDS: i64 = 60;

/// What a nonce is for; one for the one is nothing for the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Proofs of possession (RFC 9449 §8).
    Dpop,
    /// Attested clients (draft-ietf-oauth-attestation-based-client-auth-11 §6).
    Attestation,
}

/// Makes and recognises nonces, with a key that ends with the process.
pub(super) struct Nonces(hmac::Key);

impl Nonces {
    pub(super) fn new() -> Result<Self, RandomnessError> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, random()?.as_slice())))
    }

    pub(super) fn current(&self, purpose: Purpose, now: UnixMillis) -> String {
        self.of(purpose, span(now))
    }

    pub(super) fn is_current(&self, purpose: Purpose, nonce: &str, now: UnixMillis) -> bool {
        let span = span(now);
        [span, span - 1].into_iter().any(|span| {
            let known = self.of(purpose, span);
            known.as_bytes().ct_eq(nonce.as_bytes()).into()
        })
    }

    fn of(&self, purpose: Purpose, span: i64) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(match purpose {
            Purpose::Dpop => b"dpop\0",
            Purpose::Attestation => b"attestation\0",
        });
        context.update(&span.to_be_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }
}

fn span(now: UnixMillis) -> i64 {
    now.as_seconds().div_euclid(SPAN_SECONDS)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    #[test]
    fn a_nonce_is_good_for_the_minute_of_its_making_and_the_next() {
        let nonces = Nonces::new().unwrap();
        let nonce = nonces.current(Purpose::Dpop, at(659));
        assert_eq!(nonces.current(Purpose::Dpop, at(600)), nonce);
        for (second, expected) in [(599, false), (600, true), (719, true), (720, false)] {
            assert_eq!(nonces.is_current(Purpose::Dpop, &nonce, at(second)), expected, "{second}");
        }
    }

    #[test]
    fn a_nonce_of_another_purpose_or_process_is_unknown() {
        let nonces = Nonces::new().unwrap();
        let nonce = nonces.current(Purpose::Dpop, at(0));
        assert!(!nonces.is_current(Purpose::Attestation, &nonce, at(0)));
        assert!(!Nonces::new().unwrap().is_current(Purpose::Dpop, &nonce, at(0)));
        assert!(!nonces.is_current(Purpose::Dpop, "", at(0)));
    }
}
