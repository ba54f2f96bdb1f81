use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    Config, OpenError, ProgramId,
    notebook::Notebook,
    oauth::{Issuer, http_client},
    origin::Origin,
    program::Program,
};

/// The running programs. Cheap to clone.
#[derive(Clone)]
pub struct SamplePrograms {
    programs: Arc<BTreeMap<ProgramId, Arc<Program>>>,
    notebook: Option<Arc<Notebook>>,
}

impl SamplePrograms {
    /// Opens the programs' databases. Nothing is asked of the authorization server yet.
    ///
    /// Installs ring as the process's TLS provider where none has been chosen.
    ///
    /// # Errors
    /// A setting that cannot work, or a data directory that cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        // Opening a database reads the whole file.
        match tokio::task::spawn_blocking(|| Self::open_now(config)).await {
            Ok(opened) => opened,
            Err(cut_off) => std::panic::resume_unwind(cut_off.into_panic()),
        }
    }

    fn open_now(config: Config) -> Result<Self, OpenError> {
        let Config { issuer, programs, notebook, host_origins, data_dir } = config;
        for origin in &host_origins {
            Origin::parse(origin)?;
        }
        let notebook = match notebook {
            Some(config) => Some(Arc::new(Notebook::open(config, &issuer, &host_origins)?)),
            None => None,
        };
        let issuer = Issuer::new(issuer)?;
        let http = http_client(&issuer)?;
        std::fs::create_dir_all(&data_dir)
            .map_err(|cause| OpenError::Directory { path: data_dir.clone(), cause })?;

        let mut opened: BTreeMap<ProgramId, Arc<Program>> = BTreeMap::new();
        for config in programs {
            let id = config.id;
            let program = Program::open(
                config,
                http.clone(),
                issuer.clone(),
                host_origins.clone(),
                &data_dir,
            )?;
            let is_known =
                |known: &Arc<Program>| known.id() == id || known.origin() == program.origin();
            let is_the_notebooks =
                notebook.as_ref().is_some_and(|notebook| notebook.origin() == program.origin());
            if opened.values().any(is_known) || is_the_notebooks {
                return Err(OpenError::Twice(id.as_str()));
            }
            opened.insert(id, Arc::new(program));
        }
        Ok(Self { programs: Arc::new(opened), notebook })
    }

    /// Serves every program on one listener, told apart by the `Host` header.
    pub fn router(&self) -> Router {
        by_host(self.programs.values().map(with_backend).chain(self.without_backend()))
    }

    /// Serves one program on a listener of its own; nothing at all where it is not configured.
    /// The `Host` header must still be the program's, so that no other name leads there.
    pub fn router_for(&self, id: ProgramId) -> Router {
        by_host(self.programs.get(&id).map(with_backend))
    }

    /// Serves the notebook on a listener of its own, in the same way.
    pub fn router_for_notebook(&self) -> Router {
        by_host(self.without_backend())
    }

    /// The program's manifest with its real origin, where the program is configured.
    pub fn manifest(&self, id: ProgramId) -> Option<Value> {
        self.programs.get(&id).map(|program| program.manifest().clone())
    }

    /// The notebook's manifest with its real origin, where it is configured.
    pub fn notebook_manifest(&self) -> Option<Value> {
        self.notebook.as_ref().map(|notebook| notebook.manifest().clone())
    }

    fn without_backend(&self) -> Option<(String, Router)> {
        let notebook = self.notebook.as_ref()?;
        Some((notebook.origin().authority().to_owned(), notebook.router()))
    }

    /// Writes the databases back. Call it when nothing is served any more.
    pub async fn close(self) {
        for program in self.programs.values() {
            program.database().clone().close().await;
        }
    }
}

fn with_backend(program: &Arc<Program>) -> (String, Router) {
    (program.origin().authority().to_owned(), program.router())
}

/// Tells apart by the `Host` header what each authority serves.
fn by_host(routers: impl IntoIterator<Item = (String, Router)>) -> Router {
    let routers: Arc<BTreeMap<String, Router>> = Arc::new(routers.into_iter().collect());
    Router::new().fallback(move |request: Request| dispatch(Arc::clone(&routers), request))
}

async fn dispatch(routers: Arc<BTreeMap<String, Router>>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let router = host.and_then(|host| routers.get(&host.to_ascii_lowercase()));
    match router {
        Some(router) => router.clone().oneshot(request).await.into_response(),
        None => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}
