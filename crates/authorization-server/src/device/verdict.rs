//! Writing a host's answer down: the user's token, what it grants and the consent evidence for it are
//! looked at and written in one transaction.

use rusqlite::Connection;

use super::UserCodeHash;
use super::approval::unknown;
use crate::challenge::{SubjectToken, insufficient};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::consent::ConsentEvidence;
use crate::http::Problem;
use crate::scope::Scopes;
use crate::store::agreement::Agreement;
use crate::store::device_requests::{self, Decider, Place, Verdict as StoredVerdict};
use crate::store::grants::GrantId;

/// What the user of a host answered to a code.
pub(super) struct Answer {
    pub(super) code: UserCodeHash,
    pub(super) subject: SubjectToken,
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
    /// Carries it out, unless the user's token ended meanwhile, somebody else was faster, or the
    /// evidence was used before.
    pub(super) fn carry_out(self, db: &Connection) -> rusqlite::Result<Result<(), Problem>> {
        let Self { code, subject, host, verdict, now } = self;
        let Some(subject) = subject.find(db, &host, None, now)? else {
            return Ok(Err(insufficient()));
        };
        let Some(request) = device_requests::find_open(db, &code, now)? else {
            return Ok(Err(unknown()));
        };
        let user = &subject.user;
        let (place, authenticated_at) = (Place::App(&host), subject.authenticated_at);
        let decider = Decider { user, place, authenticated_at };
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
        let evidence = consent.as_deref();
        let agreement = Agreement { host: &host, user, client: &client, scopes: &scopes, evidence };
        let grant = match agreement.write(db, &new_grant, now)? {
            Ok(grant) => grant,
            Err(used) => return Ok(Err(used.into())),
        };
        let verdict = StoredVerdict::Granted { scopes: &scopes, grant: &grant };
        request.decide(db, &decider, &verdict, now).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::{SteeredClock, SystemClock};
    use crate::http::ErrorCode;
    use crate::secret::{Access, Device, Fingerprint};
    use crate::store::{Purpose, Store};

    fn answer(code: &UserCodeHash, verdict: Verdict, now: UnixMillis) -> Answer {
        let subject = SubjectToken::new(Fingerprint::of("alice's token"), None);
        let host = ClientId::new("bank").unwrap();
        Answer { code: code.clone(), subject, host, verdict, now }
    }

    #[tokio::test]
    async fn a_token_that_ended_since_it_was_looked_at_answers_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let clock = SteeredClock::new(Arc::new(SystemClock));
        let database = directory.path().join("a.sqlite");
        let store = Store::open(&database, Purpose::Administration, clock).unwrap().store;
        let now = UnixMillis::from(Timestamp::from_second(1).unwrap());
        let code = UserCodeHash([1; 32]);
        let token = Fingerprint::<Access>::of("alice's token");
        let device = Fingerprint::<Device>::of("a device code");
        let outcome = store.write(move |db| {
            db.execute_batch(
                "INSERT INTO clients (id, registration) VALUES ('bank', '');
                 INSERT INTO users VALUES ('u', 'u', '', NULL, 'u', NULL, 0, NULL);
                 INSERT INTO authorizations (id, user, client, scopes, authenticated_at, created_at)
                 VALUES (1, 'u', 'bank', 'mediate', 0, 0);",
            )?;
            db.execute(
                "INSERT INTO access_tokens (hash, authorization_id, scopes, issued_at, expires_at)
                 VALUES (?1, 1, 'mediate', 0, 9000)",
                [token],
            )?;
            db.execute(
                "INSERT INTO device_requests (hash, user_code_hash, scopes, interval, created_at,
                     expires_at)
                 VALUES (?1, ?2, '', 5, 0, 9000)",
                (device, &code),
            )?;
            db.execute("UPDATE authorizations SET revoked_at = 1", ())?;
            let mut refused = Vec::new();
            for verdict in [Verdict::SignIn, Verdict::Deny] {
                refused.push(
                    answer(&code, verdict, now).carry_out(db)?.map_err(|problem| problem.code()),
                );
            }
            db.execute("UPDATE authorizations SET revoked_at = NULL", ())?;
            let taken = answer(&code, Verdict::SignIn, now).carry_out(db)?.is_ok();
            Ok((refused, taken))
        });
        let (refused, taken) = outcome.await.unwrap();
        assert_eq!(refused, [Err(ErrorCode::InsufficientAuthorization); 2]);
        assert!(taken, "it is the token alone that was missing");
    }
}
