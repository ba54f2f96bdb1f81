//! What lies in the secret store between runs.

use std::{borrow::Cow, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use minihost_core::{ClientId, Issuer, Moment, UserId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::tokens::{Expiry, RefreshToken, Tokens};
use crate::{
    ports::{SecretBytes, UserToken},
    signing::DpopKey,
};

const VERSION: u32 = 1;

/// Who was signed in, where and by which client. Has no `Debug`.
pub(super) struct Stored {
    pub(super) user: UserId,
    pub(super) display_name: String,
    pub(super) tokens: Tokens,
}

/// Why a stored sign-in is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It belongs to another server or client, which is no fault.
    Foreign,
    /// It is not in a form that this version reads.
    Corrupt,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    version: u32,
    issuer: Cow<'a, str>,
    client_id: Cow<'a, str>,
    user_id: Cow<'a, str>,
    display_name: Cow<'a, str>,
    access_token: Cow<'a, str>,
    #[serde(default)]
    refresh_token: Option<Cow<'a, str>>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    /// Seconds.
    #[serde(default)]
    lifetime: u64,
    /// What the tokens are bound to: PKCS #8 in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Cow<'a, str>>,
}

/// Writes a sign-in down.
pub(super) fn write(
    (issuer, client): (&Issuer, &ClientId),
    (user, display_name): (&UserId, &str),
    tokens: &Tokens,
) -> SecretBytes {
    let record = Record {
        version: VERSION,
        issuer: issuer.as_str().into(),
        client_id: client.as_str().into(),
        user_id: user.as_str().into(),
        display_name: display_name.into(),
        access_token: tokens.access.expose().into(),
        refresh_token: tokens.refresh.as_ref().map(|token| token.expose().into()),
        expires_at: tokens.expiry.map(|expiry| expiry.time),
        lifetime: tokens.expiry.map_or(0, |expiry| expiry.lifetime.as_secs()),
        key: tokens.access.key().map(|key| URL_SAFE_NO_PAD.encode(key.pkcs8()).into()),
    };
    SecretBytes::new(serde_json::to_vec(&record).expect("the record is made of strings"))
}

/// Reads a sign-in of this server and client.
pub(super) fn read(
    secret: &SecretBytes,
    (issuer, client): (&Issuer, &ClientId),
    now: Moment,
) -> Result<Stored, Unusable> {
    let record: Record<'_> =
        serde_json::from_slice(secret.expose()).map_err(|_| Unusable::Corrupt)?;
    if record.version != VERSION {
        return Err(Unusable::Corrupt);
    }
    if record.issuer != issuer.as_str() || record.client_id != client.as_str() {
        return Err(Unusable::Foreign);
    }
    let lifetime = Duration::from_secs(record.lifetime);
    let mut access = UserToken::new(record.access_token);
    if let Some(key) = record.key {
        let pkcs8 = URL_SAFE_NO_PAD.decode(key.as_bytes()).map(Zeroizing::new);
        let key = pkcs8.ok().and_then(DpopKey::from_pkcs8).ok_or(Unusable::Corrupt)?;
        access = access.bound_to(key);
    }
    Ok(Stored {
        user: UserId::new(record.user_id),
        display_name: record.display_name.into_owned(),
        tokens: Tokens {
            access,
            refresh: record.refresh_token.map(RefreshToken::new),
            expiry: record.expires_at.map(|time| Expiry::restored(now, time, lifetime)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "Zoë \"Z\" \\";

    fn now(second: i64) -> Moment {
        Moment { uptime: Duration::ZERO, time: Timestamp::from_second(second).unwrap() }
    }

    fn party(issuer: &str, client: &str) -> (Issuer, ClientId) {
        (Issuer::new(issuer), ClientId::new(client))
    }

    fn written() -> SecretBytes {
        let (issuer, client) = party("https://as.example", "host");
        let tokens = Tokens {
            access: UserToken::new(r#"a"\b"#),
            refresh: Some(RefreshToken::new("r")),
            expiry: Some(Expiry::after(now(0), 600)),
        };
        write((&issuer, &client), (&UserId::new("u"), NAME), &tokens)
    }

    fn read_as(secret: &SecretBytes, issuer: &str, client: &str) -> Result<Stored, Unusable> {
        let (issuer, client) = party(issuer, client);
        read(secret, (&issuer, &client), now(300))
    }

    #[test]
    fn a_sign_in_survives_a_restart() {
        let stored = read_as(&written(), "https://as.example", "host").ok().unwrap();
        assert_eq!(stored.user, UserId::new("u"));
        assert_eq!(stored.display_name, NAME);
        assert_eq!(stored.tokens.access.expose(), r#"a"\b"#);
        assert_eq!(stored.tokens.refresh.unwrap().expose(), "r");
        let expiry = stored.tokens.expiry.unwrap();
        assert!(!expiry.is_reached(now(599)));
        assert!(expiry.is_reached(now(600)));
    }

    #[test]
    fn tokens_do_not_go_to_another_server_or_client() {
        for (issuer, client) in [("https://other.example", "host"), ("https://as.example", "x")] {
            assert_eq!(read_as(&written(), issuer, client).err(), Some(Unusable::Foreign));
        }
    }

    #[test]
    fn what_is_cut_or_of_another_version_is_not_read() {
        let whole = written();
        for cut in 0..whole.expose().len() {
            let part = SecretBytes::new(&whole.expose()[..cut]);
            let read = read_as(&part, "https://as.example", "host");
            assert_eq!(read.err(), Some(Unusable::Corrupt), "{cut}");
        }
        let text = String::from_utf8(whole.expose().to_vec()).unwrap();
        let newer = SecretBytes::new(text.replace(r#""version":1"#, r#""version":2"#));
        let read = read_as(&newer, "https://as.example", "host");
        assert_eq!(read.err(), Some(Unusable::Corrupt));
    }
}
