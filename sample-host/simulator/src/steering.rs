//! Steering the authorization server from outside of this process, by scripts and by the sample hosts on
//! phones: words in a form, at an address of their own, for whoever knows this run's token.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Json, Router,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_authorization_server::{
    ClientId, KeyRotation, Registry, RegistryError, Steering as Controls, StoreError,
};
use sample_miniprogram::{NOTEBOOK, PROGRAMS};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{demo::random, node_program::POSTCARDS};

/// What is steered, and by whom.
pub(crate) struct Steering {
    token: SecretString,
    controls: Controls,
    registry: Registry,
}

/// Where a script steers, and how it shows that it may. Has no `Debug`: it holds a secret.
pub(crate) struct Door {
    pub(crate) url: String,
    pub(crate) token: SecretString,
}

/// The words of one request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    /// What expires now.
    expire: Option<Expire>,
    /// Of which client; of every mini-program, where none is named.
    client: Option<String>,
    /// By how many seconds the server's clock goes ahead: `+60`.
    clock: Option<String>,
    /// Whether every signing key is replaced, by whatever value.
    rotate_keys: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expire {
    Access,
    Refresh,
    Code,
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("`Authorization` must be `Bearer` and this run's token")]
    Token,
    #[error("the words are not understood: {0}")]
    Words(String),
    #[error("the clock goes ahead by whole seconds, as `+60`")]
    Clock,
    #[error("there is no such client")]
    Client,
    #[error("the server did not take it: {0}")]
    Server(String),
}

impl Steering {
    /// With a token that is new.
    pub(crate) fn new(controls: Controls, registry: Registry) -> Arc<Self> {
        let token = URL_SAFE_NO_PAD.encode(random::<32>()).into();
        Arc::new(Self { token, controls, registry })
    }

    /// The way in, for whoever serves it here.
    pub(crate) fn door(&self, authority: impl std::fmt::Display) -> Door {
        Door { url: format!("http://{authority}/"), token: self.token.clone() }
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new().route("/", post(steer)).with_state(self.clone())
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let is_ours = bool::from(shown.as_bytes().ct_eq(self.token.expose_secret().as_bytes()));
        is_ours.then_some(()).ok_or(Refusal::Token)
    }

    /// Carries out the words; gives how many things have expired.
    async fn carry_out(&self, words: Words) -> Result<usize, Refusal> {
        let Words { expire, client, clock, rotate_keys } = words;
        // Before anything is done: half of what was asked would be worse than nothing.
        let ahead = clock.map(|text| seconds(&text).ok_or(Refusal::Clock)).transpose()?;
        let clients = clients(client)?;
        if let Some(ahead) = ahead {
            self.controls.advance_clock(ahead);
        }
        if rotate_keys.is_some() {
            self.registry.rotate_keys(KeyRotation::AtOnce).await?;
        }
        let mut count = 0;
        for client in expire.iter().flat_map(|_| &clients) {
            count += match expire {
                Some(Expire::Access) => self.controls.expire_access_tokens(client).await?,
                Some(Expire::Refresh) => self.controls.expire_refresh_tokens(client).await?,
                Some(Expire::Code) => self.controls.expire_codes(client).await?,
                None => 0,
            };
        }
        Ok(count)
    }
}

async fn steer(
    State(steering): State<Arc<Steering>>,
    headers: HeaderMap,
    words: Result<Form<Words>, FormRejection>,
) -> Result<Response, Refusal> {
    steering.check(&headers)?;
    let Form(words) = words.map_err(|error| Refusal::Words(error.body_text()))?;
    let expired = steering.carry_out(words).await?;
    Ok(Json(json!({"expired": expired})).into_response())
}

/// `+60`, whose sign is a space where the form was not encoded.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.strip_prefix(['+', ' ']).unwrap_or(text);
    digits.parse().ok().map(Duration::from_secs)
}

fn clients(named: Option<String>) -> Result<Vec<ClientId>, Refusal> {
    let programs = PROGRAMS.iter().map(|id| id.as_str()).chain([NOTEBOOK, POSTCARDS]);
    let ids: Vec<&str> = match &named {
        Some(id) => vec![id],
        None => programs.collect(),
    };
    ids.into_iter().map(ClientId::new).collect::<Result<_, _>>().map_err(|_| Refusal::Client)
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Server(error.to_string())
    }
}

impl From<RegistryError> for Refusal {
    fn from(error: RegistryError) -> Self {
        Self::Server(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Words(_) | Self::Clock | Self::Client => StatusCode::BAD_REQUEST,
            Self::Server(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("{self}\n")).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_ahead_and_never_back() {
        assert_eq!(seconds("+60"), Some(Duration::from_secs(60)));
        assert_eq!(seconds(" 60"), Some(Duration::from_secs(60)));
        assert_eq!(seconds("60"), Some(Duration::from_secs(60)));
        assert_eq!(seconds("-60"), None);
        assert_eq!(seconds("+1.5"), None);
    }

    #[test]
    fn without_a_name_every_mini_program_is_meant_and_the_host_is_not() {
        let all = clients(None).ok().unwrap();
        assert_eq!(all.len(), PROGRAMS.len() + 2);
        assert_eq!(clients(Some("harbour".into())).ok().unwrap().len(), 1);
        assert!(clients(Some("no client\n".into())).is_err());
    }
}
