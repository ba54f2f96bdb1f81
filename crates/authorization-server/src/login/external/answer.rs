//! Taking the answer of the authentication system.

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::{AuthenticationSystem, LIFETIME, SKEW};
use crate::accounts::{Account, Credential};
use crate::audit::AUDIT;
use crate::clock::UnixMillis;
use crate::config::Issuer;
use crate::http::Form;
use crate::jose::Jws;
use crate::login::complete::{Login, complete};
use crate::login::{Continue, LoginMethod, Visitor};
use crate::pages::Trouble;
use crate::secret::{Fingerprint, LoginRequest};
use crate::server::Server;
use crate::store::{external_logins, users};
use crate::user::UserId;

const KIND: &str = "minihost-login-answer+jwt";

/// Signs the user in whom the system vouches for, in the browser that was sent there.
pub(in crate::login) async fn finish(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::from_query(query.as_deref().unwrap_or_default());
    let language = visitor.language(None);
    let answer = async {
        let system = server.login.system().ok_or(Trouble::Malformed)?;
        let form = form?;
        let sent = form.get("answer")?.ok_or(Trouble::ExternalLogin)?;
        let now = server.clock.now();
        let answer = Answer::read(system, &server.issuer, sent, now).ok_or_else(|| {
            tracing::warn!(target: AUDIT, "an answer of the authentication system was refused");
            Trouble::ExternalLogin
        })?;
        sign_in(&server, &visitor, answer, now).await
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

async fn sign_in(
    server: &Server,
    visitor: &Visitor,
    answer: Answer,
    now: UnixMillis,
) -> Result<Response, Trouble> {
    let browser = visitor.known_browser().ok_or(Trouble::ExternalLogin)?;
    let new_id = UserId::new()?;
    let Answer { request, account, authenticated_at } = answer;
    let found = server
        .store
        .write(move |db| {
            let Some(asked) = external_logins::spend(db, &request, &browser, now)? else {
                return Ok(None);
            };
            if asked.needs_proof && authenticated_at < asked.created_at.minus(SKEW) {
                return Ok(None);
            }
            let source = users::Source::AuthenticationSystem;
            let user = users::put_external(db, &new_id, source, &account.external_id, &account)?;
            Ok(Some((asked, user)))
        })
        .await?;
    let Some((asked, user)) = found else {
        tracing::warn!(target: AUDIT, "an answer came from another browser, too late, again, or not fresh");
        return Err(Trouble::ExternalLogin);
    };
    let continue_to = Continue::parse(&asked.continue_to).unwrap_or_else(Continue::account);
    let (method, asked_at) = (LoginMethod::External, asked.created_at);
    let credential = Credential::Elsewhere;
    let login = Login { user, method, credential, authenticated_at, asked_at };
    complete(server, visitor, login, &continue_to).await
}

/// An answer that the system signed for this server just now.
struct Answer {
    request: Fingerprint<LoginRequest>,
    account: Account,
    authenticated_at: UnixMillis,
}

impl Answer {
    fn read(
        system: &AuthenticationSystem,
        issuer: &Issuer,
        token: &str,
        now: UnixMillis,
    ) -> Option<Self> {
        let jws = Jws::parse(token).filter(|jws| jws.kind() == Some(KIND))?;
        let named = |id: Option<&str>| jws.key_id().is_none() || id == jws.key_id();
        let mut keys = system.keys.iter().filter(|key| named(key.id()));
        let claims = keys.find_map(|key| jws.verify(key))?;
        let is = |name, expected: &str| claims.text(name) == Some(expected);
        if !(is("iss", &system.id) && is("aud", issuer.as_str())) {
            return None;
        }
        let (issued_at, expires_at) = (claims.time("iat")?, claims.time("exp")?);
        let is_now =
            issued_at <= now.plus(SKEW) && now.since(issued_at) <= LIFETIME && now < expires_at;
        let authenticated_at = claims.time("auth_time")?;
        if !is_now || authenticated_at > now.plus(SKEW) {
            return None;
        }
        let text = |name| claims.text(name).map(str::to_owned);
        let account = Account {
            external_id: text("sub")?,
            tenant: None,
            preferred_username: text("preferred_username"),
            email: text("email"),
            email_verified: claims.get("email_verified").is_some_and(|value| value == true),
            phone_number: text("phone_number"),
        };
        account.is_sound().then_some(Self {
            request: Fingerprint::of(claims.text("in_response_to")?),
            account,
            authenticated_at: authenticated_at.min(now),
        })
    }
}
