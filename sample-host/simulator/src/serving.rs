//! Serving HTTP on listeners until it is time to stop.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::header,
    middleware::{self, Next},
    response::Response,
};
use minihost_authorization_server::{AuthorizationServer, Limits, Listener, ServeOptions};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long connections may take to end what they have begun.
const PATIENCE: Duration = Duration::from_secs(3);

/// The listeners that are being served.
#[derive(Default)]
pub(crate) struct Serving {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Serving {
    /// Serves until [`Serving::stop`].
    pub(crate) fn serve(&self, listener: TcpListener, router: Router) {
        let service = router
            .layer(middleware::from_fn(log_request))
            .into_make_service_with_connect_info::<SocketAddr>();
        let stopping = self.stopping.clone().cancelled_owned();
        let server = axum::serve(listener, service).with_graceful_shutdown(stopping);
        self.tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "a listener has failed");
            }
        });
    }

    /// Serves the authorization server until [`Serving::stop`].
    pub(crate) fn serve_authorization(&self, listener: Listener, server: AuthorizationServer) {
        let stopping = self.stopping.clone().cancelled_owned();
        self.tasks.spawn(async move {
            let options = ServeOptions {
                limits: Limits { drain: PATIENCE, ..Limits::default() },
                ..ServeOptions::default()
            };
            server.serve(listener, options, stopping).await;
        });
    }

    /// Works beside it, until [`Serving::stop`].
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move { stopping.run_until_cancelled(work).await });
    }

    /// Takes no more connections and waits a while for those that there are.
    pub(crate) async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time; they are cut off");
        }
    }
}

/// Queries, headers and bodies may hold codes, tokens and passwords: they are not logged.
async fn log_request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let host = request.headers().get(header::HOST).cloned();
    let response = next.run(request).await;
    tracing::debug!(%method, ?host, path, status = response.status().as_u16(), "request");
    response
}
