use std::{path::Path, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    middleware::map_response,
    response::Response,
    routing::{get, post},
};
use serde_json::Value;

use crate::{
    OpenError, ProgramConfig, ProgramId, assets,
    database::Database,
    manifest,
    oauth::{Issuer, OAuthClient},
    origin::Origin,
    session::{Session, SessionId, Sessions},
    trade, web,
};

/// What any request may carry.
const BODY_LIMIT: usize = 16 * 1024;

/// One running program: its client, its users, its sessions.
pub(crate) struct Program {
    id: ProgramId,
    origin: Origin,
    host_origins: Vec<String>,
    manifest: Value,
    scopes: Vec<String>,
    client: Arc<OAuthClient>,
    cookie: web::SessionCookie,
    sessions: Sessions,
    database: Database,
}

impl Program {
    pub(crate) fn open(
        config: ProgramConfig,
        http: reqwest::Client,
        issuer: Issuer,
        host_origins: Vec<String>,
        data_dir: &Path,
    ) -> Result<Self, OpenError> {
        let ProgramConfig { id, origin, client_id, client_secret, redirect_uri, customers } =
            config;
        let origin = Origin::parse(&origin)?;
        let file = data_dir.join(format!("{id}.sqlite3"));
        let database = Database::open(&file, trade::schema(id), &customers)?;
        let manifest = manifest::manifest(id, &origin, &client_id, &redirect_uri);
        Ok(Self {
            id,
            host_origins,
            scopes: manifest::scopes(&manifest),
            manifest,
            client: Arc::new(OAuthClient::new(
                http,
                issuer,
                client_id,
                client_secret,
                redirect_uri,
            )),
            cookie: web::SessionCookie::new(id, &origin),
            sessions: Sessions::default(),
            database,
            origin,
        })
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let this = Arc::clone(self);
        Router::new()
            .route("/", get(page))
            .route("/sign-in", get(web::begin))
            .route("/callback", get(web::callback))
            .route("/link", get(web::link_page))
            .route("/api/link", get(web::link).post(web::decide))
            .route("/api/account", get(web::account))
            .route("/api/session", get(web::session))
            .route("/api/sign-in/start", post(web::start))
            .route("/api/sign-in/finish", post(web::finish))
            .route("/api/details", post(web::details))
            .route("/api/sign-out", post(web::sign_out))
            .merge(trade::routes(self.id))
            .fallback(get(asset))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(map_response(move |response| protected(Arc::clone(&this), response)))
            .with_state(Arc::clone(self))
    }

    /// The living session that the browser's cookie names.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<(SessionId, Arc<Session>)> {
        let id = self.cookie.read(headers)?;
        let session = self.sessions.find(&id, Instant::now())?;
        Some((id, session))
    }

    pub(crate) fn id(&self) -> ProgramId {
        self.id
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn manifest(&self) -> &Value {
        &self.manifest
    }

    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(crate) fn client(&self) -> &Arc<OAuthClient> {
        &self.client
    }

    pub(crate) fn cookie(&self) -> &web::SessionCookie {
        &self.cookie
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

async fn page(State(program): State<Arc<Program>>) -> Response {
    assets::page(program.id, assets::Page::First, &program.host_origins)
}

async fn asset(State(program): State<Arc<Program>>, uri: Uri) -> Response {
    assets::asset(program.id, &uri)
}

async fn protected(program: Arc<Program>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    web::protect(headers, &program.host_origins, "'self'");
    // What is not a file is about one user.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
