//! What the requests share.

use std::sync::Arc;

use minihost::{
    SystemClock,
    backend::{Backend, BackendConfig, ProofChecker},
    http::ReqwestTransport,
};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::failure::Failure;
use crate::grants::Grants;
use crate::idempotency::Idempotency;
use crate::limits::RateLimit;

/// A relay that is set up.
pub(crate) struct Relay {
    pub(crate) backend: Backend,
    pub(crate) proofs: Option<ProofChecker>,
    pub(crate) config: Config,
    pub(crate) grants: Grants,
    pub(crate) idempotency: Idempotency,
    pub(crate) limit: RateLimit,
    pub(crate) in_flight: Semaphore,
}

impl Relay {
    pub(crate) fn new(config: Config, grants: Grants) -> Result<Arc<Self>, Failure> {
        let backend = BackendConfig {
            issuer: config.issuer(),
            client: config.authentication()?,
            profile: config.profile.clone(),
        };
        let transport = Arc::new(ReqwestTransport::new());
        let backend = Backend::new(backend, transport, Arc::new(SystemClock::new()))?;
        Ok(Arc::new(Self {
            backend,
            proofs: config.proofs()?,
            grants,
            idempotency: Idempotency::default(),
            limit: RateLimit::new(config.limits.per_user_per_minute),
            in_flight: Semaphore::new(config.limits.in_flight),
            config,
        }))
    }
}
