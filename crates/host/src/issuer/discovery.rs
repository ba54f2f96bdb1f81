//! Fetching the server's metadata when it is first needed, and keeping it for a while.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use url::Url;

use super::server_metadata::{MetadataError, ServerAddress, ServerMetadata};
use crate::{
    clock::Clock,
    http::{Answer, Exchange, Fault, SingleFlight},
    ports::{HttpRequest, HttpResponse},
    sync::lock,
};

/// After this the metadata is fetched anew: a server may move its endpoints.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
const TIME_ALLOWED: Duration = Duration::from_secs(15);

/// Why there is no metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DiscoveryError {
    /// The exchange failed.
    Fault(Fault),
    /// The server answered with something else.
    Metadata(MetadataError),
}

/// The metadata of one server. However many ask at once, it is fetched once; a failure is not
/// kept.
pub(crate) struct Discovery {
    address: ServerAddress,
    exchange: Exchange,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
    fetches: SingleFlight<Result<Arc<ServerMetadata>, DiscoveryError>>,
}

struct Kept {
    metadata: Arc<ServerMetadata>,
    until: Duration,
}

impl Discovery {
    pub(crate) fn new(
        address: ServerAddress,
        exchange: Exchange,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let (kept, fetches) = (Mutex::new(None), SingleFlight::new());
        Arc::new(Self { address, exchange, clock, kept, fetches })
    }

    pub(crate) async fn metadata(self: &Arc<Self>) -> Result<Arc<ServerMetadata>, DiscoveryError> {
        if let Some(metadata) = self.kept() {
            return Ok(metadata);
        }
        let this = self.clone();
        let fetched = self.fetches.join(|| async move {
            match this.kept() {
                Some(metadata) => Ok(metadata),
                None => this.fetch().await,
            }
        });
        let abandoned = |_| Err(DiscoveryError::Fault(Fault::Unreachable("stopped".to_owned())));
        fetched.await.unwrap_or_else(abandoned)
    }

    fn kept(&self) -> Option<Arc<ServerMetadata>> {
        let now = self.clock.now().uptime;
        let kept = lock(&self.kept);
        kept.as_ref().filter(|kept| now < kept.until).map(|kept| kept.metadata.clone())
    }

    async fn fetch(&self) -> Result<Arc<ServerMetadata>, DiscoveryError> {
        let absent = || DiscoveryError::Metadata(MetadataError::Absent);
        let document = match self.get(self.address.metadata()).await? {
            Some(document) => document,
            None => self.get(self.address.openid_metadata()).await?.ok_or_else(absent)?,
        };
        let metadata = ServerMetadata::read(&self.address, document.body());
        let metadata = Arc::new(metadata.map_err(DiscoveryError::Metadata)?);
        let until = self.clock.now().uptime + MAX_AGE;
        let mut kept = lock(&self.kept);
        *kept = Some(Kept { metadata: metadata.clone(), until });
        Ok(metadata)
    }

    /// `None` where the server has nothing at that address.
    async fn get(&self, url: &Url) -> Result<Option<HttpResponse>, DiscoveryError> {
        let request = HttpRequest::get(url.clone(), TIME_ALLOWED);
        let response = self.exchange.response(request).await.map_err(DiscoveryError::Fault)?;
        if matches!(response.status(), 400..=428 | 430..=499) {
            return Ok(None);
        }
        match self.exchange.sort(response, url).map_err(DiscoveryError::Fault)? {
            Answer::Success(response) => Ok(Some(response)),
            Answer::Refused(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use minihost_core::Issuer;
    use tokio::task::JoinSet;

    use super::*;
    use crate::{
        http::scripted::{Reply, Scripted, TestClock, metadata},
        ports::HttpError,
    };

    const ISSUER: &str = "http://127.0.0.1:1";

    fn bench(replies: Vec<Reply>) -> (Arc<Scripted>, Arc<TestClock>, Arc<Discovery>) {
        let (scripted, clock) = (Scripted::new(replies), Arc::new(TestClock::default()));
        let exchange = Exchange::new(scripted.clone(), clock.clone());
        let address = ServerAddress::new(Issuer::new(ISSUER)).unwrap();
        let discovery = Discovery::new(address, exchange, clock.clone());
        (scripted, clock, discovery)
    }

    fn good() -> Reply {
        Reply::json(200, &metadata(ISSUER).to_string())
    }

    #[tokio::test]
    async fn a_hundred_askers_cost_one_request_and_the_answer_is_kept_for_an_hour() {
        let (scripted, clock, discovery) = bench(vec![good().held(), good()]);
        let mut askers = JoinSet::new();
        for _ in 0..100 {
            let discovery = discovery.clone();
            askers.spawn(async move { discovery.metadata().await });
        }
        scripted.until_seen(1).await;
        scripted.release();
        assert!(askers.join_all().await.iter().all(Result::is_ok));
        clock.advance(Duration::from_secs(3599));
        assert!(discovery.metadata().await.is_ok());
        assert_eq!(scripted.seen(), 1);
        clock.advance(Duration::from_secs(1));
        assert!(discovery.metadata().await.is_ok());
        assert_eq!(scripted.seen(), 2);
    }

    fn absent() -> Reply {
        Reply::Response(404, Vec::new(), String::new())
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_a_server_of_openid_alone_is_found() {
        let cut = Reply::Error(HttpError::MaybeSent("reset".into()));
        let other = Reply::json(200, &metadata("http://127.0.0.1:2").to_string());
        let (scripted, _, discovery) =
            bench(vec![cut, other, absent(), absent(), absent(), good()]);
        let lost = DiscoveryError::Fault(Fault::ConnectionLost("reset".into()));
        assert_eq!(discovery.metadata().await, Err(lost));
        let other = DiscoveryError::Metadata(MetadataError::OtherIssuer);
        assert_eq!(discovery.metadata().await, Err(other));
        let nowhere = DiscoveryError::Metadata(MetadataError::Absent);
        assert_eq!(discovery.metadata().await, Err(nowhere));
        let metadata = discovery.metadata().await.unwrap();
        assert_eq!(metadata.challenge_endpoint.as_ref().unwrap().path(), "/challenge");
        let paths: Vec<_> = scripted.take_seen().into_iter().map(|seen| seen.path).collect();
        let [oauth, openid] =
            ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];
        assert_eq!(paths, [oauth, oauth, oauth, openid, oauth, openid]);
    }
}
