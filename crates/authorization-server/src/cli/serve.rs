//! `serve`: the server itself.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use clap::Args;
use minihost_authorization_server::{AuthorizationServer, Listener, Tls};
use serde_json::json;

use super::{ConfigFile, Failure};

/// Serve until SIGTERM or Ctrl-C; SIGHUP reads the certificate anew.
#[derive(Args)]
pub(super) struct Serve {
    /// Listen here instead of where the configuration file says.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Let other machines reach the server. It needs a certificate then.
    #[arg(long)]
    allow_remote: bool,

    /// Say that it is ready with one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Serve {
    pub(super) async fn run(self, config: ConfigFile) -> Result<(), Failure> {
        config.logging().start();
        let tls = config.tls().map(|(certificate, key)| Tls::open(certificate, key)).transpose()?;
        let listener = self.listen(&config, tls.clone()).await?;
        let stop = stopped(tls)?;
        let database = config.existing_database()?;
        let settings = config.server()?;
        let issuer = settings.issuer.as_str().trim_end_matches('/').to_owned();
        let server = AuthorizationServer::open(settings).await?;
        let address = listener.address().map_err(Failure::Signals)?;
        tracing::info!(issuer, %address, database = %database.display(), "serving");
        self.say_ready(&issuer, address);
        server.serve(listener, config.serving(), stop).await;
        server.close().await;
        tracing::info!("stopped");
        Ok(())
    }

    async fn listen(&self, config: &ConfigFile, tls: Option<Tls>) -> Result<Listener, Failure> {
        let address = self.listen.unwrap_or_else(|| config.listen());
        if address.ip().is_loopback() {
            return Ok(Listener::loopback(address, tls).await?);
        }
        if !self.allow_remote {
            return Err(Failure::Remote(address));
        }
        let tls = tls.ok_or(Failure::RemoteWithoutTls(address))?;
        Ok(Listener::remote(address, tls).await?)
    }

    fn say_ready(&self, issuer: &str, address: SocketAddr) {
        let line = match self.json {
            true => json!({ "issuer": issuer, "address": address }).to_string(),
            false => format!("Serving {issuer} at {address}"),
        };
        // The server works as well when nobody reads this.
        let _ = writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush());
    }
}

/// Ready when the process is to end. Until then SIGHUP reads the certificate anew.
#[cfg(unix)]
fn stopped(tls: Option<Tls>) -> Result<impl Future<Output = ()> + Send, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let on = |kind| signal(kind).map_err(Failure::Signals);
    let (mut terminate, mut interrupt, mut hang_up) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?, on(SignalKind::hangup())?);
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = interrupt.recv() => return,
                _ = hang_up.recv() => reload(tls.clone()).await,
            }
        }
    })
}

#[cfg(not(unix))]
fn stopped(_: Option<Tls>) -> Result<impl Future<Output = ()> + Send, Failure> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "the end cannot be waited for");
        }
    })
}

#[cfg(unix)]
async fn reload(tls: Option<Tls>) {
    let Some(tls) = tls else { return };
    match tokio::task::spawn_blocking(move || tls.reload()).await {
        Ok(Ok(())) => tracing::info!("the certificate was read anew"),
        Ok(Err(error)) => tracing::error!(%error, "the certificate from before stays in use"),
        Err(error) => tracing::error!(%error, "the certificate from before stays in use"),
    }
}
