//! Redeeming an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::issue::{self, Blank, Reach, Stored, TokenAnswer};
use crate::audit::AUDIT;
use crate::client::Requirement;
use crate::clock::UnixMillis;
use crate::http::{Authenticated, ErrorCode, Form, Problem, audience, redirect_uri};
use crate::pkce::{CodeChallenge, CodeVerifier};
use crate::resource::Audience;
use crate::secret::{Code, Fingerprint};
use crate::server::Server;
use crate::store::authorizations;
use crate::store::codes::{self, StoredCode};

/// Spends the code and issues the first tokens of its authorization.
///
/// A code that belongs to another client is left as it is, so that no client can harm another. For
/// its own client it works once: a wrong verifier or redirect URI spends it too, and presenting it
/// again ends everything it led to.
pub(super) async fn redeem(
    server: &Server,
    client: &Authenticated,
    form: &Form,
) -> Result<TokenAnswer, Problem> {
    let code = Fingerprint::<Code>::of(form.require("code", "code is missing")?);
    let redemption = Redemption {
        code,
        redirect_uri: redirect_uri(client, form)?.map(str::to_owned),
        verifier: verifier(form)?,
        resources: form.has("resource").then(|| audience(server, client, form)).transpose()?,
        client: client.clone(),
        now: server.clock.now(),
    };
    let blank = Blank::new()?;
    let now = redemption.now;
    let outcome = server.store.write(move |db| redemption.carry_out(db, blank)).await?;
    match &outcome {
        Ok(_) => tracing::info!(target: AUDIT, client = %client.id, "code redeemed"),
        Err(problem) => {
            tracing::warn!(target: AUDIT, client = %client.id, ?problem, "code refused")
        }
    }
    outcome?.into_answer(server, client, now).await
}

fn verifier(form: &Form) -> Result<Option<Zeroizing<String>>, Problem> {
    let verifier = form.get("code_verifier")?;
    if verifier.is_some_and(|verifier| CodeVerifier::parse(verifier).is_none()) {
        return Err(Problem::invalid_request("code_verifier is malformed"));
    }
    Ok(verifier.map(|verifier| Zeroizing::new(verifier.to_owned())))
}

struct Redemption {
    code: Fingerprint<Code>,
    redirect_uri: Option<String>,
    verifier: Option<Zeroizing<String>>,
    /// Where the token is to be good for less than the code allows (RFC 8707 §2.2).
    resources: Option<Audience>,
    client: Authenticated,
    now: UnixMillis,
}

impl Redemption {
    // The inner result is committed either way: a refusal spends the code or ends what it led to.
    fn carry_out(
        &self,
        db: &Connection,
        blank: Blank,
    ) -> rusqlite::Result<Result<Stored, Problem>> {
        let refuse = |description| Ok(Err(Problem::invalid_grant(description)));
        let Some(stored) = codes::find(db, &self.code)? else {
            return refuse("the code is unknown");
        };
        if !stored.belongs_to(&self.client.id) {
            return refuse("the code is unknown");
        }
        if let Some(problem) = self.missing(&stored) {
            return Ok(Err(problem));
        }
        let authorization = stored.authorization();
        let Some(code) = stored.spend(db, self.now)? else {
            authorizations::revoke(db, authorization, self.now)?;
            tracing::warn!(target: AUDIT, client = %self.client.id, "code replayed; what it led to is revoked"
            );
            return refuse("the code was used before; what it led to is revoked");
        };
        if code.authorization.revoked_at.is_some() {
            return refuse("the code was revoked");
        }
        if code.expires_at <= self.now {
            return refuse("the code has expired");
        }
        if !code.redirect.accepts(self.redirect_uri.as_deref()) {
            return refuse("redirect_uri differs from the one the code was issued for");
        }
        if code.authorization.key.as_ref().is_some_and(|key| self.client.key.as_ref() != Some(key))
        {
            return refuse("the code is bound to another key");
        }
        if !self.proves(code.challenge.as_ref()) {
            return refuse("code_verifier does not match the code_challenge");
        }
        let authorization = &code.authorization;
        let audience = self.resources.as_ref().unwrap_or(&authorization.audience);
        if !audience.is_subset(&authorization.audience) {
            return Ok(Err(Problem::new(
                ErrorCode::InvalidTarget,
                "resource goes beyond what the code was issued for",
            )));
        }
        let reach =
            Reach { scopes: &authorization.scopes, audience, key: self.client.key.as_ref() };
        issue::first(db, &self.client, authorization, &reach, blank, self.now).map(Ok)
    }

    /// What the code asks for and the request does not have. Such a request says nothing about the
    /// code, and leaves it as it is.
    fn missing(&self, stored: &StoredCode) -> Option<Problem> {
        if stored.redirect().was_given && self.redirect_uri.is_none() {
            Some(Problem::invalid_request("redirect_uri is missing"))
        } else if stored.has_challenge() && self.verifier.is_none() {
            Some(Problem::invalid_request("code_verifier is missing"))
        } else if stored.key().is_some() && self.client.key.is_none() {
            let description = "the code is bound to a key, and the DPoP proof is missing";
            Some(Problem::new(ErrorCode::InvalidDpopProof, description))
        } else {
            None
        }
    }

    /// A verifier without a challenge is refused too: the challenge may have been taken out on the
    /// way (RFC 9700 §4.8.2).
    fn proves(&self, challenge: Option<&CodeChallenge>) -> bool {
        let verifier = self.verifier.as_deref().and_then(|text| CodeVerifier::parse(text));
        match (challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.accepts(&verifier),
            // The code may be from before the client was registered to need it.
            (None, None) => self.client.pkce == Requirement::Optional,
            _ => false,
        }
    }
}
