//! Tells the authorization endpoint what its user did on the way: with `prompt` or `max_age` it sent
//! them to the login page, and must know when they come back from there.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::Continue;
use crate::clock::UnixMillis;
use crate::error::RandomnessError;
use crate::secret::random;
use crate::store::browser_sessions::BrowserSessionId;

/// The parameter of a receipt; not one of a request.
pub(crate) const PARAMETER: &str = "interaction";

/// As long as somebody may look at a consent page before they answer it.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What the user did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Interaction {
    /// Proved who they are. That chooses an account too.
    SignedIn,
    /// Chose the account that they were signed in with.
    ChoseAccount,
}

impl Interaction {
    fn letter(self) -> char {
        match self {
            Self::SignedIn => 's',
            Self::ChoseAccount => 'c',
        }
    }

    fn covers(self, wanted: Self) -> bool {
        self == wanted || self == Self::SignedIn
    }
}

/// Makes and checks receipts: a letter, a time, and a MAC over both, the session and the request.
/// The key lives as long as the process; after a restart one signs in once more.
pub(crate) struct Receipts(hmac::Key);

impl Receipts {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, random()?.as_slice())))
    }

    pub(super) fn issue(
        &self,
        interaction: Interaction,
        session: BrowserSessionId,
        request: &Continue,
        now: UnixMillis,
    ) -> String {
        let head = format!("{}{}", interaction.letter(), now.as_seconds());
        let mac = hmac::sign(&self.0, &signed(&head, session, request));
        format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Whether the user of this session did so for this request, not long ago.
    pub(crate) fn accept(
        &self,
        receipt: &str,
        wanted: Interaction,
        session: BrowserSessionId,
        request: &Continue,
        now: UnixMillis,
    ) -> bool {
        let read = || {
            let (head, mac) = receipt.split_once('.')?;
            let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
            hmac::verify(&self.0, &signed(head, session, request), &mac).ok()?;
            let all = [Interaction::SignedIn, Interaction::ChoseAccount];
            let did = all.into_iter().find(|did| head.starts_with(did.letter()))?;
            let at: i64 = head[1..].parse().ok()?;
            Some((did, at))
        };
        read().is_some_and(|(did, at)| {
            let age = now.as_seconds().saturating_sub(at);
            did.covers(wanted) && u64::try_from(age).is_ok_and(|age| age < LIFETIME.as_secs())
        })
    }
}

fn signed(head: &str, session: BrowserSessionId, request: &Continue) -> Vec<u8> {
    format!("{head}\0{}\0{}", session.number(), request.address()).into_bytes()
}
