//! One authorization server, as the profiles reach it.

use std::{future::Future, sync::Arc, time::Duration};

use minihost_core::Issuer;
use tokio::time::timeout;

use super::{Discovery, DiscoveryError, InvalidIssuer, IssueError, ServerAddress, ServerMetadata};
use crate::{clock::Clock, http::Exchange, ports::HttpTransport};

/// A server whose endpoints are found by its metadata at the first request.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) exchange: Exchange,
    discovery: Arc<Discovery>,
}

impl Server {
    /// A server that nobody has talked to yet.
    pub(super) fn new(
        issuer: Issuer,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidIssuer> {
        let exchange = Exchange::new(transport, clock.clone());
        let discovery = Discovery::new(ServerAddress::new(issuer)?, exchange.clone(), clock);
        Ok(Self { exchange, discovery })
    }

    pub(super) async fn metadata(&self) -> Result<Arc<ServerMetadata>, DiscoveryError> {
        self.discovery.metadata().await
    }
}

/// Leaves what takes longer than the time allowed in all.
pub(super) async fn in_time<T>(
    time_allowed: Duration,
    run: impl Future<Output = Result<T, IssueError>>,
) -> Result<T, IssueError> {
    timeout(time_allowed, run).await.unwrap_or(Err(IssueError::Deadline))
}
