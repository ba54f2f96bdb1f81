//! What must hold with any server.

use std::time::{Duration, Instant};

use oauth2::{PkceCodeVerifier, TokenResponse as _};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::failure::Failure;
use crate::host::{Answer, Heard, Stage};
use crate::program::{Outcome, Program, Tokens};
use crate::settings::{RefreshTokens, RevokingEnds, Settings, UnregisteredScope};

/// How much longer than its life a token may be taken: servers count whole seconds, and machines
/// are busy.
const GRACE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(200);

/// One property.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    WholeStory,
    Denial,
    WrongSecret,
    UnknownProgram,
    UnregisteredScope,
}

impl Case {
    pub(crate) const ALL: [Self; 5] = [
        Self::WholeStory,
        Self::Denial,
        Self::WrongSecret,
        Self::UnknownProgram,
        Self::UnregisteredScope,
    ];

    /// The property as a sentence.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::WholeStory => {
                "a code is redeemed, its tokens expire, are refreshed and end; nothing works twice"
            }
            Self::Denial => "what the user denies is not asked of the server",
            Self::WrongSecret => "a host with a wrong secret gets no code",
            Self::UnknownProgram => "a program that the server does not know gets no code",
            Self::UnregisteredScope => "a scope beyond the registration is given to nobody",
        }
    }

    /// Plays it. `Ok(false)` where the server has nothing that it speaks of.
    pub(crate) async fn play(self, settings: &Settings) -> Result<bool, Failure> {
        match self {
            Self::WholeStory => whole_story(settings).await?,
            Self::Denial => denial(settings).await?,
            Self::UnknownProgram => unknown_program(settings).await?,
            Self::UnregisteredScope => unregistered_scope(settings).await?,
            Self::WrongSecret => return wrong_secret(settings).await,
        }
        Ok(true)
    }
}

/// What a page gets, and what its backend keeps.
struct Code {
    result: Value,
    code: String,
    verifier: PkceCodeVerifier,
}

async fn set(settings: &Settings) -> Result<Stage, Failure> {
    Stage::set(settings, settings.host.as_ref(), &settings.program.client_id).await
}

async fn ask(
    stage: &mut Stage,
    scopes: &[&str],
    answer: Answer,
) -> Result<(Heard, PkceCodeVerifier), Failure> {
    let (challenge, verifier) = Program::challenge();
    let params = json!({
        "scopes": scopes,
        "codeChallenge": challenge,
        "codeChallengeMethod": "S256",
        "state": "the page's own",
        "nonce": "a nonce",
    });
    Ok((stage.call("auth.requestCode", params, answer).await?, verifier))
}

async fn code(stage: &mut Stage, settings: &Settings) -> Result<Code, Failure> {
    let scopes: Vec<&str> = settings.program.scopes.iter().map(String::as_str).collect();
    let (heard, verifier) = ask(stage, &scopes, Answer::Allow).await?;
    let result = result(heard, "a code")?;
    let code = result["code"].as_str().map(str::to_owned);
    let code = code.ok_or_else(|| Failure::new("the result has no code"))?;
    Ok(Code { result, code, verifier })
}

fn result(heard: Heard, what: &str) -> Result<Value, Failure> {
    match heard {
        Heard::Result(result) => Ok(result),
        Heard::Reason(reason) => {
            Err(Failure::new(format!("the page did not get {what}: {reason}")))
        }
    }
}

fn given<T>(outcome: Outcome<T>, what: &str) -> Result<T, Failure> {
    match outcome {
        Outcome::Given(given) => Ok(given),
        Outcome::Refused(why) => Err(Failure::new(format!("the server refused {what}: {why}"))),
    }
}

fn refused<T>(outcome: Outcome<T>, what: &str) -> Result<(), Failure> {
    match outcome {
        Outcome::Refused(_) => Ok(()),
        Outcome::Given(_) => Err(Failure::new(format!("the server accepted {what}"))),
    }
}

fn hold(holds: bool, otherwise: impl Into<String>) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(otherwise)) }
}

async fn whole_story(settings: &Settings) -> Result<(), Failure> {
    let mut stage = set(settings).await?;
    let program = Program::new(settings).await?;

    let first = code(&mut stage, settings).await?;
    hold(stage.prompts == 1, format!("the user was asked {} times", stage.prompts))?;
    let Code { result, .. } = &first;
    hold(result["state"] == "the page's own", "the page's state did not come back")?;
    hold(
        result["clientId"] == settings.program.client_id.as_str(),
        "the code is for another client",
    )?;
    hold(
        result["iss"].is_null() || result["iss"] == settings.server.issuer.as_str(),
        "the code is another issuer's",
    )?;
    let tokens = given(program.redeem(&first.code, &first.verifier).await?, "the code")?;
    let details = given(program.userinfo(&tokens).await?, "the user's details")?;
    let member = &settings.program.details_have;
    hold(details.get(member).is_some(), format!("the user's details have no {member}"))?;

    expire(&program, &tokens, settings).await?;
    let renewed = given(program.refresh(&tokens).await?, "the refresh token")?;
    given(program.userinfo(&renewed).await?, "the user's details after a refresh")?;
    if settings.expect.refresh_tokens == RefreshTokens::Rotate {
        // Until its successor is used, a repeated request may be one whose answer got lost.
        given(program.refresh(&renewed).await?, "the refresh token after it")?;
        refused(program.refresh(&tokens).await?, "a refresh token that was replaced")?;
    }
    refused(program.redeem(&first.code, &first.verifier).await?, "a code for the second time")?;

    // The replay may have ended all that came of the code.
    let second = code(&mut stage, settings).await?;
    hold(stage.prompts == 1, "the user was asked again for what is remembered")?;
    let (_, other_verifier) = Program::challenge();
    refused(program.redeem(&second.code, &other_verifier).await?, "a code with another verifier")?;
    let third = code(&mut stage, settings).await?;
    let tokens = given(program.redeem(&third.code, &third.verifier).await?, "a later code")?;
    revoke(&mut stage, &program, tokens, settings).await?;
    Ok(())
}

async fn expire(program: &Program, tokens: &Tokens, settings: &Settings) -> Result<(), Failure> {
    let life = Duration::from_secs(settings.expect.access_token_seconds);
    let begun = Instant::now();
    // A server's clock cannot be moved, so its tokens are waited for.
    while let Outcome::Given(_) = program.userinfo(tokens).await? {
        hold(begun.elapsed() < life + GRACE, "an access token outlives its expiry")?;
        sleep(PAUSE).await;
    }
    Ok(())
}

async fn revoke(
    stage: &mut Stage,
    program: &Program,
    tokens: Tokens,
    settings: &Settings,
) -> Result<(), Failure> {
    let heard = stage.call("auth.revoke", json!({}), Answer::Allow).await?;
    let revoked = result(heard, "the end of its grant")?;
    let expected = settings.expect.revoking_ends;
    let at_server = revoked["atServer"] == true;
    hold(
        at_server == (expected == RevokingEnds::TokensAtServer),
        format!("the page heard that the grant ended at the server: {at_server}"),
    )?;
    let tokens = if at_server {
        refused(program.refresh(&tokens).await?, "a refresh token whose grant was revoked")?;
        refused(program.userinfo(&tokens).await?, "an access token whose grant was revoked")?;
        tokens
    } else {
        let tokens = given(program.refresh(&tokens).await?, "what was not revoked at the server")?;
        program.revoke(&tokens).await?;
        tokens
    };
    refused(program.refresh(&tokens).await?, "a refresh token that was revoked")?;
    let prompts = stage.prompts;
    let (heard, _) = ask(stage, &["openid"], Answer::Deny).await?;
    hold(stage.prompts == prompts + 1, "what was revoked was still remembered")?;
    reason(heard, "user_denied")
}

async fn denial(settings: &Settings) -> Result<(), Failure> {
    let mut stage = set(settings).await?;
    let (heard, _) = ask(&mut stage, &["openid"], Answer::Deny).await?;
    hold(stage.prompts == 1, "the user was not asked")?;
    reason(heard, "user_denied")?;
    let (heard, _) = ask(&mut stage, &["openid"], Answer::Allow).await?;
    reason(heard, "cooldown")
}

fn reason(heard: Heard, expected: &str) -> Result<(), Failure> {
    match heard {
        Heard::Reason(reason) if reason == expected => Ok(()),
        Heard::Reason(reason) => {
            Err(Failure::new(format!("the page heard {reason}, and not {expected}")))
        }
        Heard::Result(_) => Err(Failure::new(format!("the page got a code, and not {expected}"))),
    }
}

async fn wrong_secret(settings: &Settings) -> Result<bool, Failure> {
    let Some(host) = &settings.host else { return Ok(false) };
    let Some(wrong) = host.with_wrong_secret()? else { return Ok(false) };
    let Some(expected) = &settings.expect.wrong_secret else {
        // The secret is used when the user signs in and never again.
        let settings = Settings { host: Some(wrong), ..settings.clone() };
        return match set(&settings).await {
            Err(failure) if failure.to_string().contains("host_rejected") => Ok(true),
            Err(failure) => Err(failure),
            Ok(_) => Err(Failure::new("the user was signed in by a host with a wrong secret")),
        };
    };
    let client_id = &settings.program.client_id;
    let mut stage = Stage::set(settings, Some(&wrong), client_id).await?;
    let (heard, _) = ask(&mut stage, &["openid"], Answer::Allow).await?;
    reason(heard, expected)?;
    Ok(true)
}

async fn unknown_program(settings: &Settings) -> Result<(), Failure> {
    let mut stage = Stage::set(settings, settings.host.as_ref(), "nobody-knows-it").await?;
    let (heard, _) = ask(&mut stage, &["openid"], Answer::Allow).await?;
    reason(heard, &settings.expect.unknown_program)
}

async fn unregistered_scope(settings: &Settings) -> Result<(), Failure> {
    let mut stage = set(settings).await?;
    let unregistered = settings.program.unregistered_scope.as_str();
    let (heard, verifier) = ask(&mut stage, &["openid", unregistered], Answer::Allow).await?;
    if settings.expect.unregistered_scope == UnregisteredScope::Refused {
        return reason(heard, "invalid_scope");
    }
    let result = result(heard, "a code for the other scopes")?;
    let code = result["code"].as_str().ok_or_else(|| Failure::new("the result has no code"))?;
    let program = Program::new(settings).await?;
    let tokens = given(program.redeem(code, &verifier).await?, "the code")?;
    let scopes = tokens.scopes().map(Vec::as_slice).unwrap_or_default();
    let has = scopes.iter().any(|scope| **scope == unregistered);
    hold(!scopes.is_empty() && !has, format!("the tokens are for {unregistered} too"))
}
