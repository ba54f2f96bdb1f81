//! Telling the server that tokens are not used any more (RFC 7009).

use std::{sync::Arc, time::Duration};

use super::{token_session::Inner, tokens::Tokens};
use crate::http::{Answer, Form};

/// Whoever signs out does not wait for longer.
const TIME_ALLOWED: Duration = Duration::from_secs(5);

impl Inner {
    /// Revokes what was given in one sign-in, where the server can be told. What cannot be revoked
    /// expires by itself, and nobody has it any more.
    pub(super) async fn revoke(self: &Arc<Self>, tokens: Tokens) {
        let done = tokio::time::timeout(TIME_ALLOWED, self.revoke_all(&tokens)).await;
        if !matches!(done, Ok(Some(()))) {
            tracing::warn!("the user's tokens are not revoked; they expire by themselves");
        }
    }

    /// The refresh token, with which servers end all that came of it (RFC 7009 §2.1), or else the
    /// access token.
    async fn revoke_all(self: &Arc<Self>, tokens: &Tokens) -> Option<()> {
        let endpoint = self.discovery.metadata().await.ok()?.revocation_endpoint.clone();
        let Some(endpoint) = endpoint else { return Some(()) };
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh.expose(), "refresh_token"),
            None => (tokens.access.expose(), "access_token"),
        };
        let mut form = Form::new("token", token);
        form.add("token_type_hint", hint);
        let request = self.as_host(&endpoint, form).await.ok()?.within(TIME_ALLOWED);
        let response = self.exchange.response(request).await.ok()?;
        match response.status() {
            200 => Some(()),
            // A server that revokes no access tokens says so (RFC 7009 §2.2.1); they are short-lived.
            _ => match self.exchange.sort(response, &endpoint) {
                Ok(Answer::Refused(refusal)) if refusal.error == "unsupported_token_type" => {
                    Some(())
                }
                _ => None,
            },
        }
    }
}
