//! Giving the client what the user allowed: the session, the pushed request, the grant and the code
//! or token are looked at and written in one transaction.

use axum::response::Response;
use rusqlite::Connection;

use super::endpoint::Gate;
use super::parameters::Refusal;
use super::prompt::Prompt;
use super::request::{AuthorizationRequest, ResponseType};
use crate::audit::AUDIT;
use crate::clock::UnixMillis;
use crate::http::{ErrorCode, Problem};
use crate::login::{Continue, see_other};
use crate::pages::{Language, Trouble};
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Access, Code, Minted};
use crate::server::Server;
use crate::store::authorizations::{self, NewAuthorization};
use crate::store::browser_sessions::{self, BrowserSession};
use crate::store::codes::NewCode;
use crate::store::grants::{self, GrantId, Remembered};
use crate::store::pushed_requests;
use crate::store::tokens::{self, NewAccess};

const THIRTY_DAYS: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

/// How the user came to allow it.
pub(super) enum Consent {
    /// They were asked just now, and allowed some of what was asked for.
    Given { allowed: Scopes, duration: Duration },
    /// Everything that is asked for is remembered from earlier.
    Remembered,
}

/// For how long the user allowed it, and need not be asked again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Duration {
    /// As the client's registration says: the user was not asked, and will be again.
    Unasked,
    /// For this sign-in in this browser.
    Once,
    ThirtyDays,
    UntilRevoked,
}

impl Duration {
    fn end(self, session: &BrowserSession, now: UnixMillis) -> Option<UnixMillis> {
        match self {
            Self::Unasked | Self::UntilRevoked => None,
            Self::Once => Some(session.expires_at),
            Self::ThirtyDays => Some(now.plus(THIRTY_DAYS)),
        }
    }
}

impl Consent {
    /// When what comes of it ends by itself.
    fn end(
        &self,
        before: &Remembered,
        session: &BrowserSession,
        now: UnixMillis,
    ) -> Option<UnixMillis> {
        match self {
            Self::Given { duration, .. } => duration.end(session, now),
            Self::Remembered => before.until,
        }
    }

    /// The scopes that are granted, and what is to be remembered from now on where that changes;
    /// `None` where what was remembered has ended meanwhile.
    ///
    /// There is one end for all that is remembered of a client: the one that the user chose last, or
    /// the one before where that is earlier and holds for scopes that were not asked for now. A scope whose box was cleared is remembered no longer. What was remembered for another
    /// audience gives way: together they would be more than the user saw on any page.
    fn settle(
        self,
        asked: &Scopes,
        audience: &Audience,
        before: Remembered,
        now: UnixMillis,
    ) -> Option<(Scopes, Option<Remembered>)> {
        match self {
            Self::Remembered => before.covers(asked, audience).then(|| (asked.clone(), None)),
            Self::Given { allowed, duration } => {
                let kept = before.scopes.without(&asked.without(&allowed));
                let others = match *audience == before.audience {
                    true => kept.without(asked),
                    false => Scopes::default(),
                };
                let end_of_others = before.until.filter(|_| !others.is_empty());
                let until = |chosen: Option<UnixMillis>| Remembered {
                    scopes: others.union(&allowed),
                    audience: audience.clone(),
                    until: chosen.into_iter().chain(end_of_others).min(),
                };
                let remembered = match duration {
                    Duration::Unasked | Duration::Once => Remembered { scopes: kept, ..before },
                    Duration::ThirtyDays => until(Some(now.plus(THIRTY_DAYS))),
                    Duration::UntilRevoked => until(None),
                };
                Some((allowed, Some(remembered)))
            }
        }
    }
}

/// What was made but belongs to nobody yet.
enum Blank {
    Code(Minted<Code>),
    Token(Minted<Access>),
}

/// What became of it in the transaction.
enum Outcome {
    Issued(Blank, Scopes),
    Over(Over),
    PushedRequestUsed,
}

/// What ended between the look at it and the transaction.
#[derive(Clone, Copy)]
enum Over {
    Session,
    Consent,
}

impl Over {
    /// Where the user is asked anew; what the client is told if they must be asked nothing.
    fn way_on(self, prompt: Prompt, request: &Continue) -> Result<String, Problem> {
        match (self, prompt) {
            (Self::Session, Prompt::Nothing) => {
                Err(Problem::new(ErrorCode::LoginRequired, "the user must sign in"))
            }
            (Self::Consent, Prompt::Nothing) => {
                Err(Problem::new(ErrorCode::ConsentRequired, "the user must be asked"))
            }
            (Self::Session, Prompt::Ask { .. }) => Ok(request.by_way_of_login()),
            (Self::Consent, Prompt::Ask { .. }) => Ok(request.address()),
        }
    }
}

/// Issues what the request asks for and sends the browser back with it.
pub(super) async fn issue(
    server: &Server,
    request: AuthorizationRequest,
    gate: &Gate,
    consent: Consent,
    language: Language,
) -> Result<Response, Refusal> {
    let blank = match request.terms.kind {
        ResponseType::Code(_) => Blank::Code(Minted::new()?),
        ResponseType::Token => Blank::Token(Minted::new()?),
    };
    let now = server.clock.now();
    let issuing = Issuing {
        new_grant: GrantId::new()?,
        session: gate.user.session.clone(),
        expires_at: now.plus(server.lifetimes.code),
        request,
        now,
    };
    let (outcome, request) = server
        .store
        .write(move |db| {
            let outcome = issuing.carry_out(db, blank, consent)?;
            Ok((outcome, issuing.request))
        })
        .await?;
    let (blank, scopes) = match outcome {
        Outcome::Issued(blank, scopes) => (blank, scopes),
        Outcome::PushedRequestUsed => return Err(Trouble::PushedRequest.into()),
        Outcome::Over(over) => {
            return match over.way_on(request.terms.prompt, &gate.address) {
                Ok(way) => Ok(see_other(&way)),
                Err(problem) => Err(Refusal::Client(Box::new(request.destination), problem)),
            };
        }
    };
    if let ResponseType::Code(Some(challenge)) = &request.terms.kind
        && server.challenges.note(challenge)
    {
        let client = &request.client.id;
        tracing::warn!(target: AUDIT, %client, "a code_challenge was used for another code before");
    }
    tracing::info!(target: AUDIT, client = %request.client.id, "a user allowed an authorization");
    let destination = &request.destination;
    let response = match &blank {
        Blank::Code(code) => destination.answer(server, language, &[("code", code.expose())]),
        Blank::Token(token) => destination.answer(
            server,
            language,
            &[
                ("access_token", token.expose()),
                ("token_type", "Bearer"),
                ("expires_in", &request.client.access_token_lifetime.as_secs().to_string()),
                ("scope", &request.client.write_scopes(&scopes)),
            ],
        ),
    };
    Ok(response)
}

/// Uses the request up where it was pushed: the user said no, and is not to be asked again.
pub(super) async fn use_up(server: &Server, request: &AuthorizationRequest) -> Result<(), Refusal> {
    let Some(reference) = request.pushed.clone() else { return Ok(()) };
    let now = server.clock.now();
    match server.store.write(move |db| pushed_requests::spend(db, &reference, now)).await? {
        true => Ok(()),
        false => Err(Trouble::PushedRequest.into()),
    }
}

struct Issuing {
    new_grant: GrantId,
    session: BrowserSession,
    expires_at: UnixMillis,
    request: AuthorizationRequest,
    now: UnixMillis,
}

impl Issuing {
    fn carry_out(
        &self,
        db: &Connection,
        blank: Blank,
        consent: Consent,
    ) -> rusqlite::Result<Outcome> {
        let Self { session, request, now, .. } = self;
        let AuthorizationRequest { client, terms, pushed, destination } = request;
        if !browser_sessions::is_open(db, session.id)? {
            return Ok(Outcome::Over(Over::Session));
        }
        let before = grants::remembered(db, &session.user, &client.id, *now)?;
        let ends_at = consent.end(&before, session, *now);
        let Some((scopes, remembered)) =
            consent.settle(&terms.scopes, &terms.audience, before, *now)
        else {
            return Ok(Outcome::Over(Over::Consent));
        };
        if let Some(reference) = pushed
            && !pushed_requests::spend(db, reference, *now)?
        {
            return Ok(Outcome::PushedRequestUsed);
        }
        let grant = grants::extend(db, &self.new_grant, &session.user, &client.id, &scopes, *now)?;
        if let Some(remembered) = remembered {
            grants::remember(db, &grant, &remembered)?;
        }
        let fingerprint;
        let code = match (&blank, &terms.kind) {
            (Blank::Code(code), ResponseType::Code(challenge)) => {
                fingerprint = code.fingerprint();
                Some(NewCode {
                    code: &fingerprint,
                    redirect: destination.redirect(),
                    challenge: challenge.as_ref(),
                    expires_at: self.expires_at,
                })
            }
            _ => None,
        };
        let new = NewAuthorization {
            user: Some(&session.user),
            client: &client.id,
            grant: Some(&grant),
            mediator: None,
            session: Some(session.id),
            scopes: &scopes,
            audience: &terms.audience,
            nonce: terms.nonce.as_deref(),
            key: terms.key.as_ref(),
            authenticated_at: Some(session.authenticated_at),
            ends_at,
            code,
        };
        let authorization = authorizations::begin(db, &new, *now)?.id;
        if let Blank::Token(token) = &blank {
            let new = NewAccess {
                token: &token.fingerprint(),
                authorization,
                scopes: &scopes,
                audience: &terms.audience,
                key: None,
                expires_at: now.plus(client.access_token_lifetime),
            };
            tokens::insert_access(db, &new, *now)?;
        }
        Ok(Outcome::Issued(blank, scopes))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::resource::Resource;

    fn scopes(list: &str) -> Scopes {
        Scopes::parse(list).unwrap()
    }

    fn now() -> UnixMillis {
        Timestamp::UNIX_EPOCH.into()
    }

    fn remembered(list: &str) -> Remembered {
        Remembered { scopes: scopes(list), ..Remembered::default() }
    }

    fn here() -> Audience {
        Audience::default()
    }

    fn api() -> Audience {
        Audience::new(vec![Resource::new("urn:a").unwrap()])
    }

    #[test]
    fn what_ended_meanwhile_is_asked_for_anew_and_the_request_goes_on() {
        let request = Continue::parse("/authorize?client_id=a&state=b").unwrap();
        let ask = Prompt::read(None).unwrap();
        let way = |over: Over| over.way_on(ask, &request).unwrap();
        assert_eq!(way(Over::Consent), "/authorize?client_id=a&state=b");
        let login = "/login?continue=%2Fauthorize%3Fclient_id%3Da%26state%3Db";
        assert_eq!(way(Over::Session), login);
        for (over, code) in [(Over::Session, "login_required"), (Over::Consent, "consent_required")]
        {
            let problem = over.way_on(Prompt::Nothing, &request).unwrap_err();
            assert_eq!(problem.code().as_str(), code);
        }
    }

    #[test]
    fn what_ended_before_the_transaction_is_not_given_from_memory() {
        let settle = |before| Consent::Remembered.settle(&scopes("a b"), &here(), before, now());
        let (granted, change) = settle(remembered("a b c")).unwrap();
        assert_eq!((granted, change.is_none()), (scopes("a b"), true));
        assert!(settle(remembered("a c")).is_none());
        assert!(settle(Remembered::default()).is_none());
        assert!(settle(Remembered { audience: api(), ..remembered("a b") }).is_none());
    }

    #[test]
    fn a_cleared_box_is_forgotten_and_others_are_kept() {
        let settle = |duration| {
            let consent = Consent::Given { allowed: scopes("b"), duration };
            let (granted, change) =
                consent.settle(&scopes("a b"), &here(), remembered("a c"), now()).unwrap();
            assert_eq!(granted, scopes("b"));
            change.map(|change| (change.scopes.to_string(), change.until)).unwrap()
        };
        assert_eq!(settle(Duration::Once), ("c".to_owned(), None));
        assert_eq!(settle(Duration::UntilRevoked), ("b c".to_owned(), None));
        assert_eq!(settle(Duration::ThirtyDays), ("b c".to_owned(), Some(now().plus(THIRTY_DAYS))));
    }

    #[test]
    fn scopes_that_were_not_asked_for_keep_the_end_that_the_user_chose_for_them() {
        let soon = now().plus(std::time::Duration::from_secs(60));
        let end = |asked: &str, duration| {
            let consent = Consent::Given { allowed: scopes("b"), duration };
            let before = Remembered { until: Some(soon), ..remembered("a b") };
            consent.settle(&scopes(asked), &here(), before, now()).unwrap().1.unwrap().until
        };
        assert_eq!(end("b", Duration::UntilRevoked), Some(soon));
        assert_eq!(end("b", Duration::ThirtyDays), Some(soon));
        assert_eq!(end("a b", Duration::UntilRevoked), None);
        assert_eq!(end("a b", Duration::ThirtyDays), Some(now().plus(THIRTY_DAYS)));
    }

    #[test]
    fn what_was_remembered_for_another_audience_gives_way_to_what_is_remembered_now() {
        let settle = |duration| {
            let consent = Consent::Given { allowed: scopes("b"), duration };
            let settled = consent.settle(&scopes("b"), &api(), remembered("a"), now());
            settled.unwrap().1.map(|kept| (kept.scopes.to_string(), kept.audience)).unwrap()
        };
        assert_eq!(settle(Duration::Once), ("a".to_owned(), here()));
        assert_eq!(settle(Duration::UntilRevoked), ("b".to_owned(), api()));
    }
}
