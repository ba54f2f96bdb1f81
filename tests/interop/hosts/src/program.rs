//! The mini-program's backend: the crate `oauth2`, which knows the standards and nothing of this
//! project.

use std::pin::Pin;

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, TokenResponse as _, TokenUrl, http,
};
use serde_json::Value;

use crate::failure::Failure;
use crate::settings::{ProgramMethod, Settings};

type Client =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub(crate) type Tokens = BasicTokenResponse;

/// A request that the server refuses is no failure of the suite.
pub(crate) enum Outcome<T> {
    Given(T),
    Refused(String),
}

/// The program, set up from the server's metadata as its users do it.
pub(crate) struct Program {
    client: Client,
    http: reqwest::Client,
    credentials: (String, String),
    method: ProgramMethod,
    userinfo: String,
    revocation: Option<String>,
}

impl Program {
    pub(crate) async fn new(settings: &Settings) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let metadata = metadata(&http, &settings.server.issuer).await?;
        let url = |name: &str| {
            let url = metadata[name].as_str().map(str::to_owned);
            url.ok_or_else(|| Failure::new(format!("the metadata has no {name}")))
        };
        let program = &settings.program;
        let client = BasicClient::new(ClientId::new(program.client_id.clone()))
            .set_auth_type(match program.method {
                ProgramMethod::ClientSecretBasic => AuthType::BasicAuth,
                ProgramMethod::ClientSecretPost | ProgramMethod::None => AuthType::RequestBody,
            })
            .set_redirect_uri(RedirectUrl::new(program.redirect_uri.clone())?)
            .set_token_uri(TokenUrl::new(url("token_endpoint")?)?);
        let client = match program.method {
            ProgramMethod::ClientSecretBasic | ProgramMethod::ClientSecretPost => {
                client.set_client_secret(ClientSecret::new(program.client_secret.clone()))
            }
            ProgramMethod::None => client,
        };
        Ok(Self {
            client,
            http,
            credentials: (program.client_id.clone(), program.client_secret.clone()),
            method: program.method,
            userinfo: url("userinfo_endpoint")?,
            revocation: url("revocation_endpoint").ok(),
        })
    }

    /// A challenge for the page and what stays with the program.
    pub(crate) fn challenge() -> (String, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        (challenge.as_str().to_owned(), verifier)
    }

    pub(crate) async fn redeem(
        &self,
        code: &str,
        verifier: &PkceCodeVerifier,
    ) -> Result<Outcome<Tokens>, Failure> {
        let code = AuthorizationCode::new(code.to_owned());
        let verifier = PkceCodeVerifier::new(verifier.secret().clone());
        let request = self.client.exchange_code(code).set_pkce_verifier(verifier);
        outcome(request.request_async(&self.sender()).await)
    }

    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Result<Outcome<Tokens>, Failure> {
        let token = refresh_token(tokens)?;
        outcome(self.client.exchange_refresh_token(token).request_async(&self.sender()).await)
    }

    /// Ends a refresh token (RFC 7009). By hand: the crate revokes over TLS alone.
    pub(crate) async fn revoke(&self, tokens: &Tokens) -> Result<(), Failure> {
        let endpoint = self.revocation.as_ref();
        let endpoint =
            endpoint.ok_or_else(|| Failure::new("the metadata has no revocation_endpoint"))?;
        let token = refresh_token(tokens)?.secret().as_str();
        let mut form = vec![("token", token), ("token_type_hint", "refresh_token")];
        let (id, secret) = &self.credentials;
        let mut request = self.http.post(endpoint);
        match self.method {
            ProgramMethod::ClientSecretBasic => request = request.basic_auth(id, Some(secret)),
            ProgramMethod::ClientSecretPost => {
                form.extend([("client_id", id.as_str()), ("client_secret", secret)]);
            }
            ProgramMethod::None => form.push(("client_id", id)),
        }
        let status = request.form(&form).send().await?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(Failure::new(format!("revoking was answered {status}")))
        }
    }

    /// The user's details, or the status of the refusal.
    pub(crate) async fn userinfo(&self, tokens: &Tokens) -> Result<Outcome<Value>, Failure> {
        let request = self.http.get(&self.userinfo).bearer_auth(tokens.access_token().secret());
        let response = request.send().await?;
        let status = response.status();
        Ok(match status.as_u16() {
            200 => Outcome::Given(response.json().await?),
            401 | 403 => Outcome::Refused(status.to_string()),
            _ => return Err(Failure::new(format!("the user's details were answered {status}"))),
        })
    }

    fn sender(
        &self,
    ) -> impl Fn(
        HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send>>
    + use<> {
        let http = self.http.clone();
        move |request| Box::pin(send(http.clone(), request))
    }
}

fn refresh_token(tokens: &Tokens) -> Result<&RefreshToken, Failure> {
    tokens.refresh_token().ok_or_else(|| Failure::new("the program got no refresh token"))
}

/// What a server says no with differs: an error of RFC 6749 §5.2, another, or an empty body.
fn outcome<T>(
    answer: Result<T, RequestTokenError<reqwest::Error, oauth2::basic::BasicErrorResponse>>,
) -> Result<Outcome<T>, Failure> {
    match answer {
        Ok(given) => Ok(Outcome::Given(given)),
        Err(RequestTokenError::ServerResponse(error)) => Ok(Outcome::Refused(error.to_string())),
        Err(RequestTokenError::Other(what)) => Ok(Outcome::Refused(what)),
        Err(error) => Err(error.into()),
    }
}

/// RFC 8414 §3.1, or OpenID Connect Discovery §4.
async fn metadata(http: &reqwest::Client, issuer: &str) -> Result<Value, Failure> {
    let mut url: url::Url = issuer.parse()?;
    let path = url.path().trim_end_matches('/').to_owned();
    let well_known = "/.well-known";
    for place in [
        format!("{well_known}/oauth-authorization-server{path}"),
        format!("{path}{well_known}/openid-configuration"),
    ] {
        url.set_path(&place);
        let response = http.get(url.clone()).send().await?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
    }
    Err(Failure::new(format!("{issuer} has no metadata")))
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let mut answer = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let body = response.bytes().await?.to_vec();
    Ok(answer.body(body).expect("the parts come from an answer"))
}
