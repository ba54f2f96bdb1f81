//! Holding the backend's answer against what was asked.

use minihost_core::{IssuedCode, Issuer, Scope};
use minihost_protocol::Reason;
use serde::Deserialize;
use url::Url;
use zeroize::Zeroize;

use super::{
    IssueError, code_checks::CodeAnswer, grant_handle::GrantHandle, setback::Setback,
    wanted::Wanted,
};
use crate::{
    http::{Exchange, Fault, is_html, is_json},
    ports::{GrantEnding, HttpResponse},
};

/// No answer is believed that wants to be left alone for longer, in seconds.
const LONGEST_WAIT: u64 = 300;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    code: String,
    client_id: Option<String>,
    iss: Option<String>,
    scopes: Vec<String>,
    expires_in: Option<u64>,
    grant_id: Option<String>,
}

impl Drop for Body {
    fn drop(&mut self) {
        self.code.zeroize();
    }
}

/// Reads the code. One that does not fit the request is dropped.
pub(super) fn read(
    json: &[u8],
    wanted: &Wanted<'_>,
    issuer: &Issuer,
) -> Result<IssuedCode, IssueError> {
    let what = "it is not JSON in the form of a relay's answer";
    let body: Body = serde_json::from_slice(json).map_err(|_| IssueError::BadAnswer { what })?;
    let answer = CodeAnswer {
        code: &body.code,
        client_id: body.client_id.as_deref(),
        iss: body.iss.as_deref(),
        scopes: Some(body.scopes.iter().map(|scope| Scope::new(scope.as_str())).collect()),
        expires_in: body.expires_in,
        grant_id: body.grant_id.as_deref(),
    };
    Ok(IssuedCode {
        issuer: body.iss.is_some().then(|| issuer.clone()),
        grant_id: Some(GrantHandle::of(wanted, body.grant_id.clone()).to_grant_id()),
        ..answer.fitting(wanted, issuer)?
    })
}

/// Whether an answer says that the grant has ended, and where.
pub(super) fn ending(response: &HttpResponse) -> Option<GrantEnding> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ending {
        at_server: bool,
    }
    match response.status() {
        204 => Some(GrantEnding::Ended),
        404 | 410 if !is_html(response) => Some(GrantEnding::Ended),
        200 if is_json(response) => {
            let ending: Ending = serde_json::from_slice(response.body()).ok()?;
            Some(if ending.at_server { GrantEnding::Ended } else { GrantEnding::LocalOnly })
        }
        _ => None,
    }
}

/// The members of a problem (RFC 9457) that say what is wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    reason: Option<String>,
    retry_after: Option<u64>,
}

/// Sorts what is no success.
pub(super) fn refusal(exchange: &Exchange, response: HttpResponse, from: &Url) -> Setback {
    let status = response.status();
    let problem: Option<Problem> =
        is_json(&response).then(|| serde_json::from_slice(response.body()).ok()).flatten();
    let reason = problem.as_ref().and_then(|problem| problem.reason.as_deref());
    let reason = reason.and_then(|name| Reason::ALL.iter().find(|reason| reason.as_str() == name));
    let retry_after = problem.and_then(|problem| problem.retry_after);
    let fault = exchange.sort(response, from).err();
    let unavailable = match fault {
        Some(Fault::Unavailable { retry_after: header, .. }) => header,
        _ => None,
    };
    let retry_after = retry_after.map(|seconds| seconds.min(LONGEST_WAIT)).or(unavailable);
    match (status, reason, fault) {
        (401, _, _) => Setback::UserToken,
        (400..=599, Some(reason), _) => of_reason(*reason, status, retry_after).into(),
        (_, _, Some(Fault::Unavailable { status, .. })) => {
            IssueError::TemporarilyUnavailable { status, retry_after }.into()
        }
        (_, _, Some(fault)) => fault.into(),
        (_, _, None) => IssueError::BadAnswer { what: "it is an error without a reason" }.into(),
    }
}

fn of_reason(reason: Reason, status: u16, retry_after: Option<u64>) -> IssueError {
    match reason {
        Reason::DeniedByServer => IssueError::AccessDenied,
        Reason::ConsentRequired => IssueError::ConsentRequired,
        Reason::InteractionRequired => IssueError::InteractionRequired,
        Reason::LoginRequired => IssueError::LoginRequired,
        Reason::AccountSelectionRequired => IssueError::AccountSelectionRequired,
        Reason::InvalidScope => IssueError::InvalidScope,
        Reason::UnauthorizedClient => IssueError::UnauthorizedClient,
        Reason::InvalidRequest => IssueError::HostRejected { error: "invalid_request" },
        Reason::Internal => IssueError::HostRejected { error: "the relay is set up wrongly" },
        Reason::Throttled | Reason::Busy | Reason::TemporarilyUnavailable => {
            IssueError::TemporarilyUnavailable { status, retry_after }
        }
        Reason::Network => IssueError::ServerUnreachableFromRelay { status },
        Reason::Timeout => IssueError::Deadline,
        Reason::ServerError => IssueError::ServerFailed { status },
        _ => IssueError::BadAnswer { what: "its reason is none that a relay has" },
    }
}
