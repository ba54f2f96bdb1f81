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
    No { status: u16, unknown: Unknown },
    Unclear(String),
}

/// What of a pair it is that a server does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Client,
    /// It knows the client.
    RedirectUri,
    /// It tells neither.
    Either,
}

/// A client that no server has.
const NOBODY: [&str; 2] = ["nobody-0c7e5f3a", "nobody-91d2b864"];
/// An address that nobody has registered.
const NOWHERE: &str = "https://nowhere.invalid/0c7e5f3a";

/// What a server shows a browser that it sends nowhere.
struct Page {
    status: u16,
    /// Without what the request itself said.
    words: Vec<String>,
}

impl Page {
    fn new(status: u16, text: &str) -> Self {
        let apart = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'');
        Self { status, words: text.split(apart).map(str::to_owned).collect() }
    }

    fn has_the_form_of(&self, other: &Self) -> bool {
        self.status == other.status && self.words.len() == other.words.len()
    }
}

/// What a server shows for clients that it cannot know: two pages, in which what differs is of the one
/// request alone, as a nonce of its styles is.
struct Unknowns(Page, Page);

impl Unknowns {
    /// Whether the pages are alike enough to tell others from them.
    fn tell(&self) -> bool {
        self.0.has_the_form_of(&self.1)
    }

    fn are_like(&self, page: &Page) -> bool {
        let Self(one, other) = self;
        let mut words = one.words.iter().zip(&other.words).zip(&page.words);
        page.has_the_form_of(one) && words.all(|((one, other), word)| one != other || word == one)
    }
}

impl Doctor {
    /// Fetches the metadata, where servers of OAuth or of OpenID alone have it.
    pub(super) async fn look(&self) -> Result<Seen, Fault> {
        let exchange = self.exchange();
        let mut last = None;
        for url in [self.address.metadata(), self.address.openid_metadata()] {
            let response = exchange.response(HttpRequest::get(url.clone(), TIME_ALLOWED)).await?;
            let date = server_date(&response);
            let why = match response.status() {
                400..=499 => MetadataError::Absent,
                _ => MetadataError::Malformed,
            };
            match exchange.sort(response, url) {
                Ok(Answer::Success(response)) => {
                    let metadata = ServerMetadata::read(&self.address, response.body());
                    return Ok(Seen { metadata, date });
                }
                Ok(Answer::Refused(_)) | Err(Fault::Unacceptable(_)) => {
                    last = Some(Ok(Seen { metadata: Err(why), date }));
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
        let page = match self.begin(endpoint, client, redirect_uri).await {
            Ok(page) => page,
            Err(_) => return Registered::Unclear("the server does not answer".to_owned()),
        };
        match page.status {
            200..=399 => Registered::Yes,
            status @ (400 | 401 | 403 | 404 | 422) => {
                let unknown = self.unknown(endpoint, client, redirect_uri).await;
                Registered::No { status, unknown: unknown.unwrap_or(Unknown::Either) }
            }
            status => Registered::Unclear(format!("the server answers with status {status}")),
        }
    }

    /// Holds what the server shows for a pair that it refuses against what it shows for a client that
    /// it cannot know, and for one that it knows with an address that it cannot know.
    async fn unknown(
        &self,
        endpoint: &Url,
        client: &str,
        redirect_uri: &str,
    ) -> Result<Unknown, Fault> {
        let nobody = self.begin(endpoint, NOBODY[0], redirect_uri).await?;
        let here = self.begin(endpoint, client, redirect_uri).await?;
        let host = self.begin(endpoint, self.client.client_id().as_str(), NOWHERE).await?;
        let unknowns = Unknowns(nobody, self.begin(endpoint, NOBODY[1], redirect_uri).await?);
        Ok(if !unknowns.tell() {
            Unknown::Either
        } else if !unknowns.are_like(&here) {
            Unknown::RedirectUri
        } else if !unknowns.are_like(&host) {
            Unknown::Client
        } else {
            Unknown::Either
        })
    }

    async fn begin(&self, endpoint: &Url, client: &str, redirect_uri: &str) -> Result<Page, Fault> {
        let mut page = endpoint.clone();
        page.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", redirect_uri),
            ("scope", "openid"),
            ("state", "doctor"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let response = self.exchange().response(HttpRequest::get(page, TIME_ALLOWED)).await?;
        let text = String::from_utf8_lossy(response.body());
        let text = text.replace(client, "").replace(redirect_uri, "");
        Ok(Page::new(response.status(), &text))
    }

    fn exchange(&self) -> Exchange {
        Exchange::new(self.transport.clone(), self.clock.clone())
    }
}
