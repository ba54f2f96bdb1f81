//! A client of the crate, set up from the server's metadata as its users do it.

use minihost_interop::{ClientMetadata, RegisteredClient, Stage, User};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::http;
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointMaybeSet,
    EndpointSet, HttpRequest, HttpResponse, IntrospectionUrl, RedirectUrl, RevocationUrl, TokenUrl,
};
use serde_json::Value;

pub(crate) const REDIRECT: &str = "https://program.example/callback";

pub(crate) type Client = BasicClient<
    EndpointMaybeSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
    EndpointSet,
>;

/// A stage with one client and one user.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) registered: RegisteredClient,
    pub(crate) client: Client,
    pub(crate) user: User,
    pub(crate) metadata: Value,
    http: reqwest::Client,
}

impl Play {
    pub(crate) async fn begin(client: ClientMetadata) -> Self {
        let method = client.token_endpoint_auth_method.clone();
        let stage = Stage::set().await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([reqwest::Certificate::from_pem(stage.authority().as_bytes()).unwrap()])
            .build()
            .unwrap();
        let registered = stage.register(client).await.unwrap();
        let address = format!("{}/.well-known/oauth-authorization-server", stage.issuer());
        let metadata: Value = http.get(address).send().await.unwrap().json().await.unwrap();
        let url = |name: &str| metadata[name].as_str().map(str::to_owned);
        let mut client = BasicClient::new(ClientId::new(registered.client_id.clone()))
            .set_token_uri(TokenUrl::new(url("token_endpoint").unwrap()).unwrap())
            .set_auth_uri_option(
                url("authorization_endpoint").map(|url| AuthUrl::new(url).unwrap()),
            )
            .set_device_authorization_url_option(
                url("device_authorization_endpoint")
                    .map(|url| DeviceAuthorizationUrl::new(url).unwrap()),
            )
            .set_introspection_url_option(
                url("introspection_endpoint").map(|url| IntrospectionUrl::new(url).unwrap()),
            )
            .set_revocation_url_option(
                url("revocation_endpoint").map(|url| RevocationUrl::new(url).unwrap()),
            )
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap());
        if let Some(secret) = &registered.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.clone()));
        }
        if method.as_deref() == Some("client_secret_post") {
            client = client.set_auth_type(AuthType::RequestBody);
        }
        let user = stage.new_user().await.unwrap();
        Self { stage, registered, client, user, metadata, http }
    }

    /// What the crate sends its requests with.
    pub(crate) fn http(
        &self,
    ) -> impl Fn(
        HttpRequest,
    ) -> std::pin::Pin<
        Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send>,
    > + use<> {
        let http = self.http.clone();
        move |request| Box::pin(send(http.clone(), request))
    }

    /// The user's details, or the status of the refusal.
    pub(crate) async fn userinfo(&self, tokens: &Tokens) -> Result<Value, u16> {
        use oauth2::TokenResponse as _;
        let address = self.metadata["userinfo_endpoint"].as_str().unwrap();
        let request = self.http.get(address).bearer_auth(tokens.access_token().secret());
        let response = request.send().await.unwrap();
        let status = response.status();
        if status.is_success() { Ok(response.json().await.unwrap()) } else { Err(status.as_u16()) }
    }
}

pub(crate) type Tokens = BasicTokenResponse;

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let mut answer = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let body = response.bytes().await?.to_vec();
    Ok(answer.body(body).expect("the parts come from an answer"))
}
