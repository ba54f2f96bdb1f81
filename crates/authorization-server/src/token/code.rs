//! Redeeming an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).

use rusqlite::Connection;

use super::issue::{self, Blank, Issued};
use crate::client::Client;
use crate::clock::UnixMillis;
use crate::http::{Form, Problem};
use crate::pkce::CodeVerifier;
use crate::secret::{Code, Fingerprint};
use crate::server::Server;
use crate::store::{authorizations, codes};

/// Spends the code and issues the first tokens of its authorization.
///
/// A code that belongs to another client is left as it is, so that no client can harm another. For
/// its own client it works once: a wrong verifier or redirect URI spends it too, and presenting it
/// again ends everything it led to.
pub(super) async fn redeem(
    server: &Server,
    client: &Client,
    form: &Form,
) -> Result<Issued, Problem> {
    let code = Fingerprint::<Code>::of(form.require("code", "code is missing")?);
    let redirect_uri = form.require("redirect_uri", "redirect_uri is missing")?.to_owned();
    let verifier = zeroize::Zeroizing::new(
        form.require("code_verifier", "code_verifier is missing")?.to_owned(),
    );
    if CodeVerifier::parse(&verifier).is_none() {
        return Err(Problem::invalid_request("code_verifier is malformed"));
    }
    let blank = Blank::new()?;
    let now = server.clock.now();
    let redeeming = client.clone();
    let outcome = server
        .store
        .write(move |db| {
            let redemption =
                Redemption { code, redirect_uri: &redirect_uri, verifier: &verifier, now };
            redemption.carry_out(db, &redeeming, blank)
        })
        .await?;
    match &outcome {
        Ok(_) => tracing::info!(client = %client.id, "code redeemed"),
        Err(problem) => tracing::warn!(client = %client.id, ?problem, "code refused"),
    }
    outcome
}

struct Redemption<'a> {
    code: Fingerprint<Code>,
    redirect_uri: &'a str,
    verifier: &'a str,
    now: UnixMillis,
}

impl Redemption<'_> {
    // The inner result is committed either way: a refusal spends the code or ends what it led to.
    fn carry_out(
        &self,
        db: &Connection,
        client: &Client,
        blank: Blank,
    ) -> rusqlite::Result<Result<Issued, Problem>> {
        let refuse = |description| Ok(Err(Problem::invalid_grant(description)));
        let Some(stored) = codes::find(db, &self.code)? else {
            return refuse("the code is unknown");
        };
        if !stored.belongs_to(&client.id) {
            return refuse("the code is unknown");
        }
        let authorization = stored.authorization();
        let Some(code) = stored.spend(db, self.now)? else {
            authorizations::revoke(db, authorization, self.now)?;
            return refuse("the code was used before; what it led to is revoked");
        };
        if code.revoked_at.is_some() {
            return refuse("the code was revoked");
        }
        if code.expires_at <= self.now {
            return refuse("the code has expired");
        }
        if code.redirect_uri != self.redirect_uri {
            return refuse("redirect_uri differs from the one the code was issued for");
        }
        let proven = CodeVerifier::parse(self.verifier)
            .is_some_and(|verifier| code.challenge.accepts(&verifier));
        if !proven {
            return refuse("code_verifier does not match the code_challenge");
        }
        issue::first(db, client, code.authorization, &code.scopes, blank, self.now).map(Ok)
    }
}
