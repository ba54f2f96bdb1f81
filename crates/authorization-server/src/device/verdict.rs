//! Writing a host's answer down: what it grants and the consent evidence for it are looked at and
//! written in one transaction.

use rusqlite::Connection;

use super::UserCodeHash;
use super::approval::unknown;
use crate::challenge::Subject;
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::consent::ConsentEvidence;
use crate::http::Problem;
use crate::scope::Scopes;
use crate::store::device_requests::{self, Decider, Verdict as StoredVerdict};
use crate::store::evidence::{self, Outcome};
use crate::store::grants::{self, GrantId};

/// What the user of a host answered to a code.
pub(super) struct Answer {
    pub(super) code: UserCodeHash,
    pub(super) subject: Subject,
    pub(super) host: ClientId,
    pub(super) verdict: Verdict,
    pub(super) now: UnixMillis,
}

/// Yes or no, and to what.
pub(super) enum Verdict {
    Deny,
    /// The user signs in to this server itself, which grants nothing.
    SignIn,
    Grant {
        client: ClientId,
        scopes: Scopes,
        new_grant: GrantId,
        consent: Option<Box<ConsentEvidence>>,
    },
}

impl Answer {
    /// Carries it out, unless somebody else was faster or the evidence was used before.
    pub(super) fn carry_out(self, db: &Connection) -> rusqlite::Result<Result<(), Problem>> {
        let Self { code, subject, host, verdict, now } = self;
        let Some(request) = device_requests::find_open(db, &code, now)? else {
            return Ok(Err(unknown()));
        };
        let user = &subject.user;
        let authenticated_at = subject.authenticated_at;
        let decider = Decider { user, host: Some(&host), authenticated_at };
        let (client, scopes, new_grant, consent) = match verdict {
            Verdict::Deny => {
                return request.decide(db, &decider, &StoredVerdict::Denied, now).map(Ok);
            }
            Verdict::SignIn => {
                let verdict = StoredVerdict::SignedIn;
                return request.decide(db, &decider, &verdict, now).map(Ok);
            }
            Verdict::Grant { client, scopes, new_grant, consent } => {
                (client, scopes, new_grant, consent)
            }
        };
        if let Some(consent) = &consent
            && evidence::is_used(db, &host, &consent.jti)?
        {
            return Ok(Err(Problem::invalid_request("the consent evidence was used before")));
        }
        let grant = grants::extend(db, &new_grant, user, &client, &scopes, now)?;
        if let Some(consent) = &consent {
            let outcome =
                Outcome { host: &host, user, client: &client, grant: &grant, granted: &scopes };
            evidence::record(db, consent, &outcome, now)?;
        }
        let verdict = StoredVerdict::Granted { scopes: &scopes, grant: &grant };
        request.decide(db, &decider, &verdict, now).map(Ok)
    }
}
