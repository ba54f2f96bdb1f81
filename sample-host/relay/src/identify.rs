//! Whose token an app shows.

use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use minihost::{
    Reason,
    backend::{Binding, Holder, ProofChecker, ProofError, Proven},
    ports::UserToken,
};

use crate::problem::Problem;
use crate::state::Relay;

const LONGEST_TOKEN: usize = 16 * 1024;

/// A user, and the token that proves it.
pub(crate) struct Caller {
    pub(crate) holder: Holder,
    pub(crate) token: UserToken,
}

/// What an app sent.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// How a token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// RFC 6750 §2.1.
    Bearer,
    /// RFC 9449 §7.1.
    Dpop,
}

/// Asks the server whose token it is and holds that against what this host takes.
pub(crate) async fn identify(relay: &Relay, sent: Sent<'_>) -> Result<Caller, Problem> {
    let (wanted, time_allowed) = (&relay.config.token, relay.config.limits.time_allowed());
    let (scheme, token) = shown(sent.headers)
        .ok_or(Problem::login_required("the user's token must come as a Bearer or DPoP token"))?;
    let holder = relay.backend.holder(&token, time_allowed).await.map_err(|error| {
        tracing::warn!(%error, "nobody says whose token it is");
        Problem::from(&error)
    })?;
    let holder = holder.ok_or(Problem::login_required("the user's token is not active"))?;
    // A mini-program has tokens of the same user: they must open nothing here.
    if !holder.client.as_ref().is_some_and(|client| wanted.client_ids.contains(client)) {
        return Err(Problem::login_required("the token was not issued to this host"));
    }
    match (scheme, &holder.binding, &relay.proofs) {
        (Scheme::Bearer, Binding::Bearer, _) => {}
        (Scheme::Dpop, Binding::Key(key), Some(proofs)) => prove(proofs, &sent, &token, key)?,
        (Scheme::Bearer, Binding::Key(_), Some(_)) => {
            return Err(Problem::unproven("the token is of no use without a proof of its key"));
        }
        (Scheme::Dpop, Binding::Bearer, _) => {
            return Err(Problem::login_required("the token is bound to no key"));
        }
        (_, Binding::Key(_) | Binding::Other, _) => {
            return Err(Problem::login_required(
                "the token needs a proof that this relay cannot check",
            ));
        }
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

fn prove(
    proofs: &ProofChecker,
    sent: &Sent<'_>,
    token: &UserToken,
    key: &str,
) -> Result<(), Problem> {
    let Sent { method, path, headers } = *sent;
    let mut values = headers.get_all("dpop").iter();
    let (Some(proof), None) = (values.next(), values.next()) else {
        return Err(Problem::unproven("one proof must come in the header DPoP"));
    };
    let proof = proof.to_str().map_err(|_| Problem::unproven("the proof is no text"))?;
    let now = Timestamp::now();
    proofs.check(&Proven { proof, method, path, token, key, now }).map_err(|error| match error {
        ProofError::Invalid(why) => {
            tracing::debug!(why, "a proof is refused");
            Problem::unproven("the proof does not fit the request, its token or its key")
        }
        ProofError::Overloaded => Problem::unavailable("too many proofs come in a minute"),
    })
}

fn shown(headers: &HeaderMap) -> Option<(Scheme, UserToken)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let scheme = match scheme {
        scheme if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        scheme if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        _ => return None,
    };
    let token68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let good = (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(token68);
    good.then(|| (scheme, UserToken::new(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_is_taken_and_nothing_else() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            shown(&headers).map(|(scheme, token)| (scheme, token.expose().to_owned()))
        };
        assert_eq!(read(&["bearer t.1"]), Some((Scheme::Bearer, "t.1".to_owned())));
        assert_eq!(read(&["DPoP t.1"]), Some((Scheme::Dpop, "t.1".to_owned())));
        for bad in [
            &[][..],
            &["Bearer"],
            &["Bearer "],
            &["Basic t"],
            &["Bearer a b"],
            &["Bearer a", "Bearer b"],
            &["Bearer a", "DPoP a"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
