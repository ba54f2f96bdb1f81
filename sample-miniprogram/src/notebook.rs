use std::sync::Arc;

use axum::{
    Router, extract::State, http::Uri, middleware::map_response, response::Response, routing::get,
};
use serde_json::Value;
use url::Url;

use crate::{OpenError, assets, manifest, oauth::Issuer, origin::Origin, web};

/// The id of the program without a backend in its manifest. It needs a public OAuth client with the
/// redirect URI `<origin>/callback`, the scopes `openid profile email`, and leave for its origin to
/// ask the authorization server from within a browser.
pub const NOTEBOOK: &str = "notebook";

/// The program without a backend and its registration at the authorization server.
pub struct NotebookConfig {
    /// Where browsers reach it, ASCII serialised.
    pub origin: String,
    /// Its client at the authorization server, which has no secret.
    pub client_id: String,
    /// The registered redirect URI, `<origin>/callback`.
    pub redirect_uri: String,
}

/// A page and its files: what it does, it does in the browser.
pub(crate) struct Notebook {
    origin: Origin,
    /// ASCII serialised, and its origin beside it.
    issuer: (String, String),
    client_id: String,
    host_origins: Vec<String>,
    manifest: Value,
}

impl Notebook {
    pub(crate) fn open(
        config: NotebookConfig,
        issuer: &Url,
        host_origins: &[String],
    ) -> Result<Self, OpenError> {
        let NotebookConfig { origin, client_id, redirect_uri } = config;
        let origin = Origin::parse(&origin)?;
        let manifest = manifest::notebook_manifest(&origin, &client_id, &redirect_uri);
        let text = Issuer::new(issuer.clone())?.as_str().to_owned();
        Ok(Self {
            origin,
            issuer: (text, issuer.origin().ascii_serialization()),
            client_id,
            host_origins: host_origins.to_vec(),
            manifest,
        })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn manifest(&self) -> &Value {
        &self.manifest
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let this = Arc::clone(self);
        Router::new()
            .route("/", get(page))
            // Where the authorization server sends a browser back to.
            .route("/callback", get(page))
            .fallback(get(asset))
            .layer(map_response(move |response| protected(Arc::clone(&this), response)))
            .with_state(Arc::clone(self))
    }
}

async fn page(State(notebook): State<Arc<Notebook>>) -> Response {
    let Notebook { issuer, client_id, host_origins, .. } = &*notebook;
    assets::notebook_page(&issuer.0, client_id, host_origins)
}

async fn asset(uri: Uri) -> Response {
    assets::notebook_asset(&uri)
}

async fn protected(notebook: Arc<Notebook>, mut response: Response) -> Response {
    let Notebook { issuer, host_origins, .. } = &*notebook;
    web::protect(response.headers_mut(), host_origins, &issuer.1);
    response
}
