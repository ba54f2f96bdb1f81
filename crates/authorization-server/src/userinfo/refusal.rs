//! Why user details are not given (RFC 6750 §3, RFC 9449 §7.1).

use axum::Json;
use axum::http::header::{CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::dpop;
use crate::http::{Problem, Scheme, Unproven};
use crate::jose::Algorithm;
use crate::scope::OPENID;

/// An answer without user details, and how the token was presented.
pub(crate) enum Refusal {
    /// No error code: who sent no token gets told only that one is needed.
    NoToken,
    Malformed,
    Token(Scheme, Cause),
    Server(Problem),
}

/// What is wrong with a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// Unknown, revoked, or a token for something else.
    NotActive,
    Expired,
    /// Its sender is not who it was made for.
    Unproven(Unproven),
    /// The user did not allow to be recognised.
    NotIdentified,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Server(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let (status, error, description) = match self {
            Self::Server(problem) => return problem.into_response(),
            Self::Token(_, Cause::Unproven(Unproven::Proof(dpop::Refusal::Overloaded))) => {
                return Problem::from(dpop::Refusal::Overloaded).into_response();
            }
            Self::NoToken => {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                headers.append(WWW_AUTHENTICATE, challenge(&format!("DPoP {}", algorithms())));
                return (StatusCode::UNAUTHORIZED, headers).into_response();
            }
            Self::Malformed => {
                let described = (
                    StatusCode::BAD_REQUEST,
                    "invalid_request",
                    "there must be one access token, well-formed and in the Authorization header",
                );
                headers.append(WWW_AUTHENTICATE, error_of("Bearer", &described, ""));
                described
            }
            Self::Token(scheme, cause) => {
                let described = cause.described();
                let needed = match cause {
                    Cause::NotIdentified => format!(r#", scope="{OPENID}""#),
                    _ => String::new(),
                };
                let named = match scheme {
                    Scheme::Bearer => error_of("Bearer", &described, &needed),
                    Scheme::Dpop => {
                        error_of("DPoP", &described, &format!("{needed}, {}", algorithms()))
                    }
                };
                headers.append(WWW_AUTHENTICATE, named);
                if (scheme, cause) == (Scheme::Bearer, Cause::Unproven(Unproven::Key)) {
                    headers.append(WWW_AUTHENTICATE, challenge(&format!("DPoP {}", algorithms())));
                }
                described
            }
        };
        let body = Json(json!({ "error": error, "error_description": description }));
        (status, headers, body).into_response()
    }
}

type Described = (StatusCode, &'static str, &'static str);

impl Cause {
    fn described(self) -> Described {
        let token = |description| (StatusCode::UNAUTHORIZED, "invalid_token", description);
        match self {
            Self::NotActive => token("access token is not active"),
            Self::Expired => token("access token expired"),
            Self::Unproven(Unproven::Key) => {
                token("possession of the key that the access token is bound to is not proven")
            }
            Self::Unproven(Unproven::Proof(refusal)) => {
                let error = match refusal {
                    dpop::Refusal::NonceNeeded => "use_dpop_nonce",
                    _ => "invalid_dpop_proof",
                };
                (StatusCode::UNAUTHORIZED, error, refusal.description())
            }
            Self::NotIdentified => {
                (StatusCode::FORBIDDEN, "insufficient_scope", "the access token lacks a scope")
            }
        }
    }
}

fn error_of(scheme: &str, (_, error, description): &Described, more: &str) -> HeaderValue {
    challenge(&format!(r#"{scheme} error="{error}", error_description="{description}"{more}"#))
}

fn challenge(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("our own texts are visible ASCII")
}

/// What proofs can be signed with (RFC 9449 §7.1).
fn algorithms() -> String {
    format!(r#"algs="{}""#, Algorithm::FOR_CLIENTS.map(Algorithm::as_str).join(" "))
}
