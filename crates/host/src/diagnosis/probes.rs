//! Requests that change nothing and whose answers tell something.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::{Doctor, checks::Unproven};
use crate::{
    http::{Answer, Exchange, Fault, Form, server_date},
    issuer::{Destination, MetadataError, ServerMetadata},
    ports::HttpRequest,
};

const TIME_ALLOWED: Duration = Duration::from_secs(15);
/// Any challenge: nothing is redeemed.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the metadata's address gave.
pub(super) struct Seen {
    pub(super) metadata: Result<ServerMetadata, MetadataError>,
    pub(super) date: Option<Timestamp>,
}

/// Whether a server sends browsers to a redirect URI for a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Registered {
    Yes,
    No { status: u16 },
    Unclear(String),
}

impl Doctor {
    /// Fetches the metadata, where servers of OAuth or of OpenID alone have it.
    pub(super) async fn look(&self) -> Result<Seen, Fault> {
        let exchange = self.exchange();
        let mut last = None;
        for url in [self.address.metadata(), self.address.openid_metadata()] {
            let response = exchange.response(HttpRequest::get(url.clone(), TIME_ALLOWED)).await?;
            let date = server_date(&response);
            match exchange.sort(response, url) {
                Ok(Answer::Success(response)) => {
                    let metadata = ServerMetadata::read(&self.address, response.body());
                    return Ok(Seen { metadata, date });
                }
                Ok(Answer::Refused(_)) => {
                    last = Some(Ok(Seen { metadata: Err(MetadataError::Malformed), date }));
                }
                Err(Fault::Unacceptable(_)) => {
                    last = Some(Ok(Seen { metadata: Err(MetadataError::Malformed), date }));
                }
                Err(fault) => last = Some(Err(fault)),
            }
        }
        last.unwrap_or(Err(Fault::TimedOut))
    }

    /// The error of a token request that is refused in any case, for a refresh token that nobody
    /// gave: by it a server shows whether it knows the host.
    pub(super) async fn authenticate(&self, endpoint: &Url) -> Result<String, Unproven> {
        let exchange = self.exchange();
        let mut form = Form::new("grant_type", "refresh_token");
        form.add("refresh_token", "none-that-was-ever-given");
        let issuer = self.address.issuer();
        let destination = Destination { issuer, endpoint, now: exchange.now() };
        let request = self.client.post(form, destination, TIME_ALLOWED).await;
        match exchange.send(request.map_err(Unproven::Credentials)?).await {
            Ok(Answer::Refused(refusal)) => Ok(refusal.error),
            Ok(Answer::Success(_)) => Ok(String::new()),
            Err(fault) => Err(Unproven::Fault(fault)),
        }
    }

    /// Begins an authorization and goes no further. A server that does not know the pair must not
    /// send the browser anywhere (RFC 6749 §4.1.2.1); one that does shows a page or a redirect.
    pub(super) async fn registered(
        &self,
        endpoint: &Url,
        client: &str,
        redirect_uri: &str,
    ) -> Registered {
        let mut page = endpoint.clone();
        let mut query = page.query_pairs_mut();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", redirect_uri),
            ("scope", "openid"),
            ("state", "doctor"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ] {
            query.append_pair(name, value);
        }
        drop(query);
        match self.exchange().response(HttpRequest::get(page, TIME_ALLOWED)).await {
            Ok(response) => match response.status() {
                200..=399 => Registered::Yes,
                status @ (400 | 401 | 403 | 404 | 422) => Registered::No { status },
                status => Registered::Unclear(format!("the server answers with status {status}")),
            },
            Err(_) => Registered::Unclear("the server does not answer".to_owned()),
        }
    }

    fn exchange(&self) -> Exchange {
        Exchange::new(self.transport.clone(), self.clock.clone())
    }
}
