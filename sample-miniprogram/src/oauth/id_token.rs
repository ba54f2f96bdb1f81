use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{ExchangeError, OpenId};

/// As far as the clocks of two machines may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// What an ID token must say (OpenID Connect Core §3.1.3.7).
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: SystemTime,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    /// Seconds.
    exp: u64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks that an ID token was made for this client and this attempt and still holds, and tells whom
/// it is about.
///
/// It came from the token endpoint itself, so the connection stands in for the signature
/// (OpenID Connect Core §3.1.3.7, item 6).
pub(super) fn check(id_token: &str, expected: &Expected<'_>) -> Result<OpenId, ExchangeError> {
    let claims = read(id_token).ok_or(ExchangeError::Unacceptable("an unreadable ID token"))?;
    let is_for_us = match &claims.aud {
        Audience::One(audience) => audience == expected.client_id,
        Audience::Many(audiences) => {
            matches!(audiences.as_slice(), [one] if one == expected.client_id)
        }
    };
    if claims.iss != expected.issuer || !is_for_us {
        return Err(ExchangeError::Unacceptable("an ID token of another issuer or client"));
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(ExchangeError::Unacceptable("an ID token of another attempt"));
    }
    let is_over = UNIX_EPOCH
        .checked_add(Duration::from_secs(claims.exp).saturating_add(LEEWAY))
        .is_some_and(|end| end <= expected.now);
    if is_over {
        return Err(ExchangeError::Unacceptable("an ID token that has expired"));
    }
    OpenId::new(claims.sub).ok_or(ExchangeError::Unacceptable("an ID token about nobody"))
}

fn read(id_token: &str) -> Option<Claims> {
    let [_, payload, _] = id_token.split('.').collect::<Vec<_>>().try_into().ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn expected<'a>(issuer: &'a str, client_id: &'a str, nonce: &'a str) -> Expected<'a> {
        Expected { issuer, client_id, nonce, now: UNIX_EPOCH + Duration::from_secs(NOW) }
    }

    fn checked(change: impl FnOnce(&mut Value)) -> bool {
        let mut claims = json!({
            "iss": "https://as.example", "sub": "u", "aud": "teahouse", "exp": NOW + 1, "nonce": "n",
        });
        change(&mut claims);
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        let expected = expected("https://as.example", "teahouse", "n");
        let subject = check(&format!("e30.{payload}.c2ln"), &expected);
        subject.is_ok_and(|subject| subject.as_str() == "u")
    }

    #[test]
    fn an_id_token_for_this_client_and_this_attempt_passes() {
        assert!(checked(|_| {}));
        assert!(checked(|claims| claims["aud"] = json!(["teahouse"])));
        assert!(
            checked(|claims| claims["exp"] = json!(NOW - 59)),
            "the clocks may differ a little"
        );
        assert!(checked(|claims| claims["exp"] = json!(u64::MAX)));
    }

    #[test]
    fn an_id_token_of_another_issuer_client_attempt_or_time_or_about_nobody_fails() {
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("cinema")),
            ("aud", json!(["teahouse", "cinema"])),
            ("aud", json!([])),
            ("nonce", json!("another")),
            ("nonce", json!(null)),
            ("exp", json!(NOW - 60)),
            ("exp", json!(0)),
            ("exp", json!(-1)),
            ("exp", json!(null)),
            ("sub", json!("")),
            ("sub", json!(null)),
        ] {
            assert!(!checked(|claims| claims[name] = value.clone()), "{name}: {value}");
        }
    }

    #[test]
    fn what_is_no_jwt_fails() {
        let expected = expected("", "", "");
        for text in ["", "a.b", "a.b.c.d", "e30.e30.", "e30.!!.x"] {
            assert!(check(text, &expected).is_err(), "{text}");
        }
    }
}
