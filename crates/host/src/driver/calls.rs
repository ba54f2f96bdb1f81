//! What waits for a network or for the host's own code, each on a task of its own.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use minihost_core::{
    CodeRequest, EndOutcome, EndingId, GrantId, HostCall, HostMethodFailure, Input, IssueFailure,
    SignInHow, SignInOutcome, SignInRequest,
};
use minihost_protocol::Reason;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    leash::{Leash, Panicked},
    machine::Inner,
};
use crate::ports::{Browser, BrowserOutcome, CodeIssuer, GrantEnding, HostMethod, SignInPrompt};

/// Makes a code request and tells what came of it.
pub(super) async fn issue(
    leash: Leash,
    issuer: Arc<dyn CodeIssuer>,
    request: CodeRequest,
    host: Weak<Inner>,
) {
    let ticket = request.ticket();
    let correlation = request.correlation().clone();
    let time_allowed = request.time_allowed();
    let attempt =
        leash.call(async move { tokio::time::timeout(time_allowed, issuer.issue(&request)).await });
    let outcome = match attempt.await {
        Ok(Ok(Ok(issued))) => Ok(issued),
        Ok(Ok(Err(error))) => {
            tracing::warn!(%correlation, %error, "no code was issued");
            Err(error.failure())
        }
        Ok(Err(_elapsed)) => Err(IssueFailure::because(Reason::Timeout)),
        Err(Panicked) => {
            tracing::error!(%correlation, "the code issuer panicked");
            Err(IssueFailure::because(Reason::Internal))
        }
    };
    if let Some(host) = host.upgrade() {
        host.apply(Input::CodeIssued { ticket, outcome });
    }
}

/// Calls a method of the host's own and tells what came of it.
pub(super) async fn call(
    leash: Leash,
    method: Arc<dyn HostMethod>,
    call: HostCall,
    host: Weak<Inner>,
) {
    let (ticket, correlation) = (call.ticket, call.correlation.clone());
    let time_allowed = call.time_allowed;
    let attempt =
        leash.call(async move { tokio::time::timeout(time_allowed, method.call(&call)).await });
    let failure = |reason, message: &str| HostMethodFailure { reason, message: message.to_owned() };
    let outcome = match attempt.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_elapsed)) => Err(failure(Reason::Timeout, "The host did not answer in time.")),
        Err(Panicked) => {
            tracing::error!(%correlation, "a method of the host panicked");
            Err(failure(Reason::Internal, "The host's method failed."))
        }
    };
    if let Some(host) = host.upgrade() {
        host.apply(Input::MethodReturned { ticket, outcome });
    }
}

/// Has the user sign in and tells what came of it.
pub(super) async fn sign_in(
    leash: Leash,
    prompt: Arc<dyn SignInPrompt>,
    request: SignInRequest,
    host: Weak<Inner>,
) {
    let (ticket, time_allowed) = (request.ticket, request.time_allowed);
    let attempt = leash.call(async move {
        let signing_in = async {
            match &request.how {
                SignInHow::Again { acr_values, max_age } => {
                    prompt.reauthenticate(&request, acr_values, *max_age).await
                }
                SignInHow::ChooseAccount => prompt.select_account(&request).await,
                SignInHow::InBrowser { .. } => SignInOutcome::Failed,
            }
        };
        tokio::time::timeout(time_allowed, signing_in).await
    });
    let outcome = match attempt.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_elapsed)) => SignInOutcome::Failed,
        Err(Panicked) => {
            tracing::error!("the host's sign-in panicked");
            SignInOutcome::Failed
        }
    };
    if let Some(host) = host.upgrade() {
        host.apply(Input::SignInDone { ticket, outcome });
    }
}

/// Takes the user to a page of the authorization server and tells when they are back.
pub(super) async fn visit(
    leash: Leash,
    browser: Arc<dyn Browser>,
    request: SignInRequest,
    page: Url,
    host: Weak<Inner>,
) {
    let (ticket, time_allowed) = (request.ticket, request.time_allowed);
    let attempt = leash.call(async move {
        tokio::time::timeout(time_allowed, browser.visit(&request, &page)).await
    });
    let outcome = match attempt.await {
        Ok(Ok(BrowserOutcome::Returned)) => SignInOutcome::Done,
        Ok(Ok(BrowserOutcome::Cancelled)) => SignInOutcome::Cancelled,
        Ok(Ok(BrowserOutcome::Failed) | Err(_)) => SignInOutcome::Failed,
        Err(Panicked) => {
            tracing::error!("the host's browser panicked");
            SignInOutcome::Failed
        }
    };
    if let Some(host) = host.upgrade() {
        host.apply(Input::SignInDone { ticket, outcome });
    }
}

/// One grant that is to be ended at the authorization server.
pub(super) struct EndAtServer {
    pub(super) ending: EndingId,
    pub(super) grant_id: GrantId,
    pub(super) time_allowed: Duration,
    /// A few at a time.
    pub(super) turns: Arc<Semaphore>,
}

impl EndAtServer {
    /// Has it ended and tells what came of it.
    pub(super) async fn call(self, leash: Leash, issuer: Arc<dyn CodeIssuer>, host: Weak<Inner>) {
        let Self { ending, grant_id, time_allowed, turns } = self;
        let attempt = leash.call(async move {
            let _turn = turns.acquire().await;
            tokio::time::timeout(time_allowed, issuer.end_grant(&grant_id, time_allowed)).await
        });
        let outcome = match attempt.await {
            Ok(Ok(Ok(GrantEnding::Ended))) => EndOutcome::Ended,
            Ok(Ok(Ok(GrantEnding::LocalOnly))) => EndOutcome::LocalOnly,
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "a grant was not ended at the authorization server");
                EndOutcome::Failed
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("a grant was not ended at the authorization server");
                EndOutcome::Failed
            }
        };
        if let Some(host) = host.upgrade() {
            host.apply(Input::EndedAtServer { ending, outcome });
        }
    }
}
