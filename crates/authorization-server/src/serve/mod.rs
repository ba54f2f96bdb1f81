//! Serving HTTP within limits: whatever a caller sends or does not send, it costs the server a
//! bounded amount of memory and time, and the others nothing.

mod connections;
mod guard;
mod hosts;
mod limits;
mod listener;
mod tls;
mod watched;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::from_fn_with_state;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::server::AuthorizationServer;

pub use limits::{Limits, ServeOptions};
pub use listener::{ListenError, Listener};
pub use tls::{Tls, TlsError};

use connections::{Connection, Connections};
use guard::Guard;
pub(crate) use limits::BODY;
use limits::HEAD;
use watched::Watched;

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

impl AuthorizationServer {
    /// Serves the endpoints until `stop` is ready, then takes no more connections and lets those that
    /// there are end what they have begun, for [`Limits::drain`] at most. The database stays open.
    ///
    /// Only requests for the issuer's own host, and for [`ServeOptions::hosts`], are answered: a page
    /// whose name was made to point here (DNS rebinding) gets 421.
    pub async fn serve(
        &self,
        listener: Listener,
        options: ServeOptions,
        stop: impl Future<Output = ()> + Send,
    ) {
        let limits = options.limits;
        let guard = Arc::new(Guard::new(self.issuer(), &options));
        let router = self.router().layer(from_fn_with_state(guard, guard::attend));
        let connections = Connections::new(limits.connections);
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mut look = interval(BETWEEN_LOOKS);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = look.tick() => connections.end_overdue(&limits),
                (stream, address) = listener.accept(), if connections.has_room() => {
                    let connection = connections.enter();
                    let caller = Caller {
                        router: router.clone(),
                        address,
                        connection,
                        stopping: stopping.clone(),
                    };
                    tasks.spawn(caller.begin(stream, listener.tls()));
                }
            }
        }
        drop(listener);
        stopping.cancel();
        tasks.close();
        let ended = async {
            let mut ended = pin!(tasks.wait());
            loop {
                tokio::select! {
                    () = &mut ended => break,
                    _ = look.tick() => connections.end_overdue(&limits),
                }
            }
        };
        if timeout(limits.drain, ended).await.is_err() {
            tracing::warn!("some connections did not end in time; they are cut off");
            connections.end_all();
        }
    }
}

/// One connection and what it needs to be answered.
struct Caller {
    router: Router,
    address: SocketAddr,
    connection: Arc<Connection>,
    stopping: CancellationToken,
}

impl Caller {
    async fn begin(self, stream: TcpStream, tls: Option<Tls>) {
        let Some(tls) = tls else {
            return self.attend(stream).await;
        };
        tokio::select! {
            secured = tls.accept(stream) => match secured {
                Ok(stream) => self.attend(stream).await,
                Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
            },
            () = self.connection.ended() => {}
        }
    }

    async fn attend<Stream>(self, stream: Stream)
    where
        Stream: AsyncRead + AsyncWrite + Unpin,
    {
        let Self { router, address, connection, stopping } = self;
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&connection)));
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let connection = Arc::clone(&connection);
            connection.works();
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            let answer = router.clone().call(request);
            async move {
                let answer = answer.await;
                connection.rests();
                Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
            }
        });
        let serving = http1::Builder::new().max_buf_size(HEAD).serve_connection(io, service);
        let mut serving = pin!(serving);
        let mut is_last = false;
        loop {
            tokio::select! {
                // An error is the caller's: a broken connection, or what is no HTTP.
                ended = serving.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke");
                    }
                    return;
                }
                () = connection.ended() => return,
                () = stopping.cancelled(), if !is_last => {
                    is_last = true;
                    serving.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
