//! Tokens that are bound to a key of the app, from the app to the relay behind its proxy.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use minihost::http::ReqwestTransport;
use minihost::issuer::{
    ClientAuthentication, ClientSecret, RelayConfig, RelayIssuer, RelaySettings,
};
use minihost::ports::{CodeIssuer as _, GrantEnding, UserSession as _};
use minihost::session::{Password, SignInConfig, TokenBinding, TokenSession};
use minihost::store::MemorySecretStore;
use minihost::{ClientId, Issuer, SystemClock};
use minihost_testkit::code_request_approved_by;
use tokio::net::TcpListener;

use crate::stage::{self, Answer, HOST_SECRET, PASSWORD, Relay, Server, http, request};

/// Where apps reach the relay: another address than its own, with a path before it.
struct Proxy {
    address: String,
    listener: TcpListener,
}

#[derive(Clone)]
struct Way {
    to: String,
    proof: Arc<Mutex<Option<HeaderValue>>>,
}

impl Proxy {
    async fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { address: format!("http://{}/shop", listener.local_addr().unwrap()), listener }
    }

    /// Hands on what comes; the last proof that came stays here.
    fn start(self, relay: &Relay) -> Arc<Mutex<Option<HeaderValue>>> {
        let proof = Arc::default();
        let way = Way { to: relay.address.clone(), proof: Arc::clone(&proof) };
        let router = Router::new().fallback(hand_on).with_state(way);
        tokio::spawn(async move { axum::serve(self.listener, router).await });
        proof
    }
}

async fn hand_on(State(way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix("/shop") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    *way.proof.lock().unwrap() = parts.headers.get("dpop").cloned();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers;
    headers.remove("host");
    let sent =
        http().request(parts.method, format!("{}{path}", way.to)).headers(headers).body(body);
    let answer = sent.send().await.unwrap();
    let (status, headers): (StatusCode, HeaderMap) = (answer.status(), answer.headers().clone());
    let body: Bytes = answer.bytes().await.unwrap();
    (status, headers, body).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_token_is_taken_with_a_proof_of_its_key_and_from_a_thief_not() {
    let server = Server::start().await;
    let behind = stage::impersonating_users_of(&server).await;
    let proxy = Proxy::bind().await;
    let address = proxy.address.clone();
    let more = format!(
        "[token]\naddress = '{address}'\n[[programs]]\nclient_id = 'teahouse'\n\
         redirect_uris = ['https://teahouse.example/callback']\nscopes = ['openid', 'email']\n"
    );
    let relay = Relay::start_at(&behind.issuer, stage::IMPERSONATION, &more).await;
    let last_proof = proxy.start(&relay);

    let (transport, clock) = (Arc::new(ReqwestTransport::new()), Arc::new(SystemClock::new()));
    let client = ClientAuthentication::ClientSecretPost {
        client_id: ClientId::new("host"),
        client_secret: ClientSecret::new(HOST_SECRET),
    };
    let mut config = SignInConfig::new(Issuer::new(server.issuer.as_str()), client);
    config.scopes = minihost::Scope::parse_list("openid profile email mediate");
    config.binding = TokenBinding::WhereOffered;
    let secrets = Arc::new(MemorySecretStore::default());
    let session = TokenSession::new(config, transport.clone(), secrets, clock.clone()).unwrap();
    let user = session.sign_in_with_password("alice", Password::new(PASSWORD)).await.unwrap();
    let issuer = Issuer::new(behind.issuer.as_str());
    let config = RelayConfig { issuer, settings: RelaySettings { base: address.clone() } };
    let app = RelayIssuer::new(config, transport, Arc::new(session.clone()), clock).unwrap();

    let issued = app.issue(&code_request_approved_by(user.clone(), Timestamp::now())).await;
    let issued = issued.expect("the proof is of the token's key");
    assert_eq!(issued.code.expose(), format!("code-for-{}", user.id.as_str()));
    let used = last_proof.lock().unwrap().clone().expect("the request had a proof");

    let token = session.access_token(&user).await.ok().unwrap();
    let steal = async |scheme: &str, proof: Option<HeaderValue>| {
        let body = request("jti-of-a-thief");
        let stolen = http().post(format!("{address}/v1/codes")).json(&body);
        let stolen = stolen.header("authorization", format!("{scheme} {}", token.expose()));
        let stolen = stolen.header("idempotency-key", "jti-of-a-thief");
        Answer::of(proof.into_iter().fold(stolen, |stolen, proof| stolen.header("dpop", proof)))
            .await
    };
    for (scheme, proof) in [("Bearer", None), ("DPoP", None), ("DPoP", Some(used))] {
        let refused = steal(scheme, proof).await;
        assert_eq!((refused.status, refused.reason()), (401, "login_required"), "{scheme}");
        assert!(refused.headers["www-authenticate"].starts_with("DPoP error="), "{scheme}");
    }
    let unbound = server.token_of_alice().await;
    let refused = http().post(format!("{address}/v1/codes")).json(&request("jti-2"));
    let refused = refused.header("authorization", format!("DPoP {unbound}"));
    assert_eq!(Answer::of(refused).await.status, 401, "what is bound to nothing has no proof");
    assert_eq!(relay.post(&unbound, "jti-3", &request("jti-3")).await.status, 200);

    let grant = issued.grant_id.expect("a relay's grant can be ended by its program");
    let ended = app.end_grant(&grant, std::time::Duration::from_secs(10)).await;
    assert_eq!(ended, Ok(GrantEnding::LocalOnly), "a proof goes along there too");
}
