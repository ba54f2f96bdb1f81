//! Where the server listens.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::Tls;

/// How long to wait for what is used up, such as file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// A port that is listened to. One that others than this machine reach speaks TLS: there is no way
/// to make it without.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<Tls>,
}

/// Why the server does not listen. Each message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Whoever reaches the machine would reach the server.
    #[error(
        "{0} can be reached from other machines; listen on 127.0.0.1, or allow it and give a certificate"
    )]
    NotLoopback(SocketAddr),
    /// The operating system refuses.
    #[error("{address} cannot be listened to: {reason}; choose another address or port")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        reason: io::Error,
    },
}

impl Listener {
    /// Listens on the loopback interface, which only programs on this machine reach.
    ///
    /// # Errors
    /// When the address is not on the loopback interface, or cannot be listened to.
    pub async fn loopback(address: SocketAddr, tls: Option<Tls>) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        Ok(Self { tcp: bind(address).await?, tls })
    }

    /// Listens on any address.
    ///
    /// # Errors
    /// When the address cannot be listened to.
    pub async fn remote(address: SocketAddr, tls: Tls) -> Result<Self, ListenError> {
        Ok(Self { tcp: bind(address).await?, tls: Some(tls) })
    }

    /// Takes a port of the loopback interface that is listened to already.
    ///
    /// # Errors
    /// When it is another interface's.
    pub fn on_loopback(listener: TcpListener) -> Result<Self, ListenError> {
        match listener.local_addr() {
            Ok(address) if address.ip().is_loopback() => Ok(Self { tcp: listener, tls: None }),
            Ok(address) => Err(ListenError::NotLoopback(address)),
            Err(reason) => {
                Err(ListenError::Refused { address: SocketAddr::from(([0; 4], 0)), reason })
            }
        }
    }

    /// Where it listens; the port is known even if any free one was asked for.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// The next connection. Failures are waited out.
    pub(super) async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.tcp.accept().await {
                Ok((stream, address)) => {
                    // An answer is one piece; holding it back for more to come only delays it.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection broke");
                    }
                    return (stream, address);
                }
                Err(error) if is_the_callers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be taken now");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }

    /// What its connections are secured with, if they are.
    pub(super) fn tls(&self) -> Option<Tls> {
        self.tls.clone()
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let refused = |reason| ListenError::Refused { address, reason };
    TcpListener::bind(address).await.map_err(refused)
}

/// Whether only the connection that was to be taken has failed.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
