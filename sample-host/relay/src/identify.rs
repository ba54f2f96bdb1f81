//! Whose token an app shows.

use axum::http::{HeaderMap, StatusCode, header};
use minihost::{
    Reason,
    backend::{Backend, Binding, Holder},
    ports::UserToken,
};
use std::time::Duration;

use crate::config::Token;
use crate::problem::Problem;

const LONGEST_TOKEN: usize = 16 * 1024;

/// A user, and the token that proves it.
pub(crate) struct Caller {
    pub(crate) holder: Holder,
    pub(crate) token: UserToken,
}

/// Asks the server whose token it is and holds that against what this host takes.
pub(crate) async fn identify(
    backend: &Backend,
    headers: &HeaderMap,
    wanted: &Token,
    time_allowed: Duration,
) -> Result<Caller, Problem> {
    let token = bearer(headers)
        .ok_or(Problem::login_required("the user's token must come as a Bearer token"))?;
    let holder = backend.holder(&token, time_allowed).await.map_err(|error| {
        tracing::warn!(%error, "nobody says whose token it is");
        Problem::from(&error)
    })?;
    let holder = holder.ok_or(Problem::login_required("the user's token is not active"))?;
    // A mini-program has tokens of the same user: they must open nothing here.
    if !holder.client.as_ref().is_some_and(|client| wanted.client_ids.contains(client)) {
        return Err(Problem::login_required("the token was not issued to this host"));
    }
    if holder.binding == Binding::Key {
        return Err(Problem::login_required(
            "the token needs a proof that this relay cannot check",
        ));
    }
    let scoped = wanted
        .scope
        .as_ref()
        .is_none_or(|scope| holder.scopes.iter().any(|held| held.as_str() == scope));
    if !scoped {
        let detail = "the token is not for code requests";
        return Err(Problem::new(StatusCode::FORBIDDEN, Reason::LoginRequired, detail));
    }
    Ok(Caller { holder, token })
}

fn bearer(headers: &HeaderMap) -> Option<UserToken> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    // RFC 6750 §2.1.
    let b64token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let good = scheme.eq_ignore_ascii_case("bearer")
        && (1..=LONGEST_TOKEN).contains(&token.len())
        && token.bytes().all(b64token);
    good.then(|| UserToken::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_is_taken_and_nothing_else() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(|token| token.expose().to_owned())
        };
        assert_eq!(read(&["bearer t.1"]).as_deref(), Some("t.1"));
        for bad in [
            &[][..],
            &["Bearer"],
            &["Bearer "],
            &["Basic t"],
            &["Bearer a b"],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
