use serde::Deserialize;

use super::{AccessToken, ExchangeError, OAuthClient, http::exchange};

/// The user as this program alone knows them: a pairwise subject (OpenID Connect Core §8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenId(String);

impl OpenId {
    #[cfg(test)]
    pub(crate) fn for_test(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A subject that is not empty.
    pub(super) fn new(subject: String) -> Option<Self> {
        (!subject.is_empty()).then_some(Self(subject))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the user details endpoint tells. What the user did not grant is absent.
pub(crate) struct UserDetails {
    pub(crate) open_id: OpenId,
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<bool>,
    pub(crate) phone: Option<String>,
}

impl UserDetails {
    /// The address, where the authorization server says that it is really this user's.
    pub(crate) fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified == Some(true))
    }
}

/// Why there are no details.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DetailsError {
    /// 401 `invalid_token`: the access token has expired or was revoked.
    #[error("the access token is no longer good")]
    InvalidToken,
    /// Anything else.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    open_id: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    phone_number: Option<String>,
}

impl OAuthClient {
    /// Asks for the details of the user whom the token stands for (OpenID Connect Core §5.3).
    pub(crate) async fn user_details(
        &self,
        token: &AccessToken,
    ) -> Result<UserDetails, DetailsError> {
        let endpoint = self.metadata().await?.userinfo_endpoint.clone();
        let answer = exchange(self.http.get(endpoint).bearer_auth(token.expose())).await?;
        if answer.is_invalid_token() {
            return Err(DetailsError::InvalidToken);
        }
        let claims: Claims = answer.json()?;
        if claims.open_id.is_some_and(|open_id| open_id != claims.sub) {
            return Err(ExchangeError::Unacceptable("two subjects in one answer").into());
        }
        let open_id =
            OpenId::new(claims.sub).ok_or(ExchangeError::Unacceptable("details of nobody"))?;
        Ok(UserDetails {
            open_id,
            username: claims.preferred_username,
            email: claims.email,
            email_verified: claims.email_verified,
            phone: claims.phone_number,
        })
    }
}
