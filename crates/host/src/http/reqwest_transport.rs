//! The transport that comes with the SDK.

use std::{error::Error as _, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use reqwest::{
    Client, ClientBuilder, Method, Response,
    header::{AUTHORIZATION, COOKIE, HeaderValue},
    redirect::Policy,
};
use rustls::crypto::{CryptoProvider, ring};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use super::{InvalidNetwork, Network, Proxy, exchange::MAX_BODY, is_loopback, tls};
use crate::ports::{HttpError, HttpRequest, HttpResponse, HttpTransport, SecretBytes};

/// Shorter than servers keep idle connections, so that a request rarely meets one that is closing.
const IDLE_TIME: Duration = Duration::from_secs(15);

/// HTTP/1.1 with reqwest and rustls: no redirects, no cookies, no compression, nothing repeated.
/// `https` goes the way that [`Network`] says; to the loopback interface, for which alone `http` is, all
/// goes straight.
pub struct ReqwestTransport {
    network: Network,
    // Each client is made when it is first needed: a host that talks to loopback alone works on a
    // machine without root certificates.
    secure: OnceLock<Result<Client, String>>,
    straight: OnceLock<Result<Client, String>>,
    loopback: OnceLock<Result<Client, String>>,
}

impl ReqwestTransport {
    /// A transport without connections, on the default [`Network`].
    pub fn new() -> Self {
        Self::on(Network::default())
    }

    /// A transport without connections. Installs the `ring` provider of rustls for the process
    /// where none is installed yet.
    ///
    /// # Errors
    /// [`InvalidNetwork`].
    pub fn with(network: Network) -> Result<Self, InvalidNetwork> {
        network.check()?;
        Ok(Self::on(network))
    }

    fn on(network: Network) -> Self {
        if CryptoProvider::get_default().is_none() {
            // Failing means that another thread was faster, which is as good.
            let _ = ring::default_provider().install_default();
        }
        Self {
            network,
            secure: OnceLock::new(),
            straight: OnceLock::new(),
            loopback: OnceLock::new(),
        }
    }

    fn client(&self, url: &Url) -> Result<&Client, HttpError> {
        let client = match url.scheme() {
            "https" if is_loopback(url) => {
                self.straight.get_or_init(|| secure(&self.network, &Proxy::Direct))
            }
            "https" => self.secure.get_or_init(|| secure(&self.network, &self.network.proxy)),
            // No certificate is looked at here, so none is loaded.
            "http" if is_loopback(url) => self.loopback.get_or_init(|| {
                let builder = base(&self.network).no_proxy().tls_certs_only([]);
                builder.build().map_err(chain)
            }),
            _ => return Err(HttpError::NotSent("only https leaves this machine".to_owned())),
        };
        client.as_ref().map_err(|why| HttpError::NotSent(why.clone()))
    }
}

impl Default for ReqwestTransport {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let method = Method::from_bytes(request.method().as_bytes()).map_err(unsendable)?;
        let mut building = self.client(request.url())?.request(method, request.url().clone());
        for (name, value) in request.headers() {
            let mut value = HeaderValue::from_str(value).map_err(unsendable)?;
            value.set_sensitive(name == AUTHORIZATION || name == COOKIE);
            building = building.header(name, value);
        }
        if let Some(body) = request.body() {
            building = building.body(body.to_vec());
        }
        let (begun, allowed) = (Instant::now(), request.time_allowed());
        let first_byte = self.network.limits.first_byte.min(allowed);
        let head = timeout(first_byte, building.send()).await;
        let head = head.map_err(|_| HttpError::TimedOut)?.map_err(explain)?;
        let rest = timeout_at(begun + allowed, read(head)).await;
        rest.unwrap_or(Err(HttpError::TimedOut))
    }
}

fn base(network: &Network) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("minihost/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(network.limits.connect)
        .pool_idle_timeout(IDLE_TIME)
}

fn secure(network: &Network, proxy: &Proxy) -> Result<Client, String> {
    let tls = tls::config(network).map_err(|error| error.to_string())?;
    let builder = base(network).https_only(true).tls_backend_preconfigured(tls);
    let builder = match proxy {
        Proxy::Environment => builder,
        Proxy::Direct => builder.no_proxy(),
        Proxy::At(url) => builder.proxy(reqwest::Proxy::https(url.as_str()).map_err(chain)?),
    };
    builder.build().map_err(chain)
}

async fn read(mut response: Response) -> Result<HttpResponse, HttpError> {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    // What the server announces is a hint for the first allocation and nothing else.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(HttpError::TooLarge);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced.unwrap_or(4096)));
    while let Some(chunk) = response.chunk().await.map_err(explain)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse::new(status, headers, SecretBytes::new(std::mem::take(&mut *body))))
}

fn explain(error: reqwest::Error) -> HttpError {
    if (error.is_connect() || error.is_builder()) && is_distrust(&error) {
        HttpError::Untrusted(chain(error))
    } else if error.is_connect() || error.is_builder() {
        HttpError::NotSent(chain(error))
    } else if error.is_timeout() {
        HttpError::TimedOut
    } else {
        HttpError::MaybeSent(chain(error))
    }
}

/// Whether TLS has found the server not to be the one that was meant.
fn is_distrust(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return matches!(error, rustls::Error::InvalidCertificate(_));
        }
        // An I/O error keeps what it wraps out of its own chain.
        cause = match error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref()) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// Says nothing of the value: it may be a secret.
fn unsendable<E>(_: E) -> HttpError {
    HttpError::NotSent("a header cannot be sent over HTTP".to_owned())
}

/// The error with its causes. The address is left out: a query may hold what a log must not.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
