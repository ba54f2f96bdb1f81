//! Consent evidence: what a host says about the user's decision behind a code request.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::UnixMillis;
use crate::http::{ErrorCode, Problem};
use crate::scope::Scopes;
use crate::store::agreement::UsedBefore;

const MAX_BYTES: usize = 8 * 1024;
const MAX_IDENTIFIER: usize = 128;
const MAX_LOCALE: usize = 35;
/// How far a host's clock may be ahead of the server's.
const SKEW: Duration = Duration::from_secs(60);

/// How the decision came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// The user answered a prompt for this request.
    Prompt,
    /// An earlier answer was remembered.
    Remembered,
    /// The host decided without asking.
    Silent,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Remembered => "remembered",
            Self::Silent => "silent",
        }
    }
}

/// Well-formed evidence that is fresh enough. That its `jti` is new is for the store to say.
pub(crate) struct ConsentEvidence {
    pub(crate) jti: String,
    pub(crate) decision: String,
    pub(crate) mode: Mode,
    pub(crate) at: UnixMillis,
    pub(crate) scopes: Scopes,
    pub(crate) locale: Option<String>,
    pub(crate) digest: Option<String>,
}

#[derive(Deserialize)]
struct Received {
    jti: String,
    id: String,
    at: String,
    mode: Mode,
    scopes: Vec<String>,
    locale: Option<String>,
    digest: Option<String>,
}

impl From<UsedBefore> for Problem {
    fn from(_: UsedBefore) -> Self {
        Self::invalid_request("the consent evidence was used before")
    }
}

impl ConsentEvidence {
    /// Reads the JSON of the `consent` parameter. An answer to a prompt may be as old as
    /// `prompt_age`; older ones are `consent_required`, for the user must be asked again.
    pub(crate) fn read(json: &str, now: UnixMillis, prompt_age: Duration) -> Result<Self, Problem> {
        let malformed = || Problem::invalid_request("the consent evidence is malformed");
        if json.len() > MAX_BYTES {
            return Err(malformed());
        }
        let received: Received = serde_json::from_str(json).map_err(|_| malformed())?;
        let at: Timestamp = received.at.parse().map_err(|_| malformed())?;
        let evidence = Self {
            jti: received.jti,
            decision: received.id,
            mode: received.mode,
            at: at.into(),
            scopes: Scopes::collect(received.scopes.iter().map(String::as_str))
                .map_err(|_| malformed())?,
            locale: received.locale,
            digest: received.digest,
        };
        if !evidence.is_well_formed() {
            return Err(malformed());
        }
        if evidence.at > now.plus(SKEW) {
            return Err(Problem::invalid_request(
                "the consent evidence is from the future; check the clock of the host",
            ));
        }
        if evidence.mode == Mode::Prompt && now.since(evidence.at) > prompt_age {
            return Err(Problem::new(
                ErrorCode::ConsentRequired,
                "the answer to the consent prompt is too old",
            ));
        }
        Ok(evidence)
    }

    fn is_well_formed(&self) -> bool {
        let identifier = |text: &str| {
            (1..=MAX_IDENTIFIER).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
        };
        let locale = |text: &String| {
            (1..=MAX_LOCALE).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let sha_256 =
            |text: &String| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        identifier(&self.jti)
            && identifier(&self.decision)
            && self.locale.as_ref().is_none_or(locale)
            && self.digest.as_ref().is_none_or(sha_256)
            // A prompt showed something; the other modes may have nothing to digest.
            && (self.mode != Mode::Prompt || (self.locale.is_some() && self.digest.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: &str = "2026-11-20T12:00:00Z";
    const AGE: Duration = Duration::from_secs(300);

    fn evidence() -> Value {
        json!({
            "jti": "j-1", "id": "d-1", "at": NOW, "mode": "prompt", "scopes": ["openid", "email"],
            "locale": "zh-Hans", "digest": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        })
    }

    fn with(member: &str, value: Value) -> Value {
        let mut json = evidence();
        json[member] = value;
        json
    }

    fn read(json: &Value, seconds_later: u64) -> Result<ConsentEvidence, String> {
        let now: Timestamp = NOW.parse().unwrap();
        let now = UnixMillis::from(now).plus(Duration::from_secs(seconds_later));
        ConsentEvidence::read(&json.to_string(), now, AGE).map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn an_answer_to_a_prompt_holds_for_300_seconds_and_a_remembered_one_for_ever() {
        assert!(read(&evidence(), 300).is_ok());
        assert!(read(&evidence(), 301).err().unwrap().contains("ConsentRequired"));
        for mode in ["remembered", "silent"] {
            assert!(read(&with("mode", json!(mode)), 10_000_000).is_ok(), "{mode}");
        }
    }

    #[test]
    fn evidence_from_the_future_is_refused_beyond_a_minute_of_skew() {
        assert!(read(&with("at", json!("2026-11-20T12:01:00Z")), 0).is_ok());
        assert!(read(&with("at", json!("2026-11-20T12:01:01Z")), 0).is_err());
    }

    #[test]
    fn malformed_members_are_refused_and_unknown_ones_ignored() {
        assert!(read(&with("more", json!({"x": 1})), 0).is_ok());
        for (member, value) in [
            ("jti", json!("")),
            ("jti", json!("a b")),
            ("jti", json!("x".repeat(129))),
            ("jti", json!(7)),
            ("id", json!(null)),
            ("at", json!("yesterday")),
            ("at", json!("2026-11-20")),
            ("mode", json!("forced")),
            ("scopes", json!("openid")),
            ("scopes", json!(["a b"])),
            ("locale", json!("<en>")),
            ("locale", json!(null)),
            ("digest", json!("short")),
            ("digest", json!(null)),
        ] {
            assert!(read(&with(member, value.clone()), 0).is_err(), "{member}: {value}");
        }
        let twice = evidence().to_string().replacen('{', r#"{"jti":"j-2","#, 1);
        let now: Timestamp = NOW.parse().unwrap();
        assert!(ConsentEvidence::read(&twice, now.into(), AGE).is_err());
    }
}
