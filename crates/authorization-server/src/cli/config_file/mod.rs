//! The configuration file.

mod tables;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use minihost_authorization_server::{
    AuthenticationSystem, ClientSecret, Config, HttpAccountService, KeyRotation, Lifetimes, Limits,
    LoginPlace, Names, OpenRequests, ProxyHeader, PublicKeys, ServeOptions, TrustedProxies,
};
use url::Url;

use super::Failure;
use super::logging::Logging;

use tables::{Contents, Header};

/// What `init` writes. Each `{name}` is replaced by a value.
const TEMPLATE: &str = include_str!("../template.toml");

/// The configuration file, read.
pub(super) struct ConfigFile {
    contents: Contents,
    directory: PathBuf,
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|reason| Failure::NoConfig { path: path.to_owned(), reason })?;
        let contents = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            Failure::Config {
                path: path.to_owned(),
                line: line.map(|line| format!(" in line {line}")).unwrap_or_default(),
                reason: error.message().replace('\n', " "),
            }
        })?;
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { contents, directory })
    }

    /// The text of a new file.
    pub(super) fn template(issuer: &Url, database: &Path, listen: SocketAddr) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        TEMPLATE
            .replace("{issuer}", &quoted(issuer.as_str().trim_end_matches('/')))
            .replace("{database}", &quoted(&database.to_string_lossy()))
            .replace("{listen}", &quoted(&listen.to_string()))
    }

    /// A path in the file is relative to the file.
    fn at(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.at(&self.contents.database)
    }

    pub(super) fn existing_database(&self) -> Result<PathBuf, Failure> {
        let path = self.database();
        if path.exists() { Ok(path) } else { Err(Failure::NoDatabase { path }) }
    }

    pub(super) fn listen(&self) -> SocketAddr {
        self.contents.listen
    }

    /// Certificate and key.
    pub(super) fn tls(&self) -> Option<(PathBuf, PathBuf)> {
        let files = self.contents.tls.as_ref()?;
        Some((self.at(&files.certificate), self.at(&files.key)))
    }

    pub(super) fn logging(&self) -> &Logging {
        &self.contents.log
    }

    pub(super) fn server(&self) -> Result<Config, Failure> {
        let table = &self.contents.lifetimes;
        let usual = Lifetimes::default();
        let mut config = Config::new(self.contents.issuer.clone(), self.database());
        config.lifetimes = Lifetimes {
            code: seconds(table.code_seconds, usual.code),
            refresh_grace: seconds(table.refresh_grace_seconds, usual.refresh_grace),
            consent_prompt: seconds(table.consent_prompt_seconds, usual.consent_prompt),
            session_idle: seconds(table.session_idle_seconds, usual.session_idle),
            session: seconds(table.session_seconds, usual.session),
        };
        let header = match self.contents.proxy_header {
            Header::XForwardedFor => ProxyHeader::XForwardedFor,
            Header::Forwarded => ProxyHeader::Forwarded,
        };
        config.trusted_proxies = TrustedProxies::new(&self.contents.trusted_proxies, header)?;
        let (table, usual) = (&self.contents.limits, OpenRequests::default());
        config.open_requests = OpenRequests {
            per_address: table.open_requests_per_address.unwrap_or(usual.per_address),
            per_client: table.open_requests_per_client.unwrap_or(usual.per_client),
        };
        if let Some(accounts) = &self.contents.accounts {
            let token = accounts.token_file.as_deref().map(|file| self.secret(file)).transpose()?;
            let service = HttpAccountService::new(accounts.url.clone(), token.as_ref())?;
            config.accounts = Some(Arc::new(service));
        }
        if let Some(login) = &self.contents.login {
            let system = AuthenticationSystem {
                id: login.id.clone(),
                names: Names::new(login.name.as_str())?,
                url: login.url.clone(),
                keys: PublicKeys::from_json(&self.text(&login.keys_file)?)?,
            };
            config.login = match login.own_page {
                true => LoginPlace::Either(system),
                false => LoginPlace::Elsewhere(system),
            };
        }
        Ok(config)
    }

    /// How signing keys are rotated while nothing is wrong with the old ones.
    pub(super) fn key_rotation(&self) -> KeyRotation {
        let lead = self.contents.keys.lead_seconds.map(Duration::from_secs);
        lead.map(KeyRotation::Ahead).unwrap_or_default()
    }

    pub(super) fn serving(&self) -> ServeOptions {
        let (table, usual) = (&self.contents.limits, Limits::default());
        ServeOptions {
            limits: Limits {
                connections: table.connections.map_or(usual.connections, Into::into),
                head: seconds(table.head_seconds, usual.head),
                request: seconds(table.request_seconds, usual.request),
                keep_alive: seconds(table.keep_alive_seconds, usual.keep_alive),
                drain: seconds(table.drain_seconds, usual.drain),
            },
            hosts: self.contents.hosts.clone(),
        }
    }

    fn secret(&self, file: &Path) -> Result<ClientSecret, Failure> {
        Ok(ClientSecret::new(self.text(file)?.trim_end())?)
    }

    fn text(&self, file: &Path) -> Result<String, Failure> {
        let path = self.at(file);
        fs::read_to_string(&path).map_err(|reason| Failure::Read { path, reason })
    }
}

fn seconds(given: Option<u64>, usual: Duration) -> Duration {
    given.map_or(usual, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("server.toml");
        fs::write(&path, text).unwrap();
        ConfigFile::read(&path)
    }

    fn template() -> String {
        let issuer = Url::parse("https://id.example").unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 7500));
        ConfigFile::template(&issuer, Path::new("a \"b\".sqlite"), listen)
    }

    #[test]
    fn what_init_writes_means_the_defaults() {
        let config = read(&template()).ok().unwrap();
        assert_eq!(config.database().file_name().unwrap(), "a \"b\".sqlite");
        let server = config.server().ok().unwrap();
        assert_eq!(server.lifetimes, Lifetimes::default());
        assert_eq!(server.trusted_proxies, TrustedProxies::default());
        assert_eq!(config.key_rotation(), KeyRotation::default());
        assert_eq!(config.serving().limits, Limits::default());
        assert_eq!(server.open_requests, OpenRequests::default());
        assert_eq!(config.serving().hosts, [""; 0]);
        assert!(config.tls().is_none());
    }

    /// Each commented setting is taken when the comment sign goes, and shows the default.
    #[test]
    fn what_init_shows_as_a_comment_is_right_too() {
        let text: Vec<_> = template()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') => setting.to_owned(),
                _ => line.to_owned(),
            })
            .collect();
        let config = read(&text.join("\n")).ok().unwrap();
        let defaults = Lifetimes::default();
        let table = &config.contents.lifetimes;
        let shown = |given: Option<u64>, usual| assert_eq!(seconds(given, Duration::ZERO), usual);
        shown(table.code_seconds, defaults.code);
        shown(table.refresh_grace_seconds, defaults.refresh_grace);
        shown(table.consent_prompt_seconds, defaults.consent_prompt);
        shown(table.session_idle_seconds, defaults.session_idle);
        shown(table.session_seconds, defaults.session);
        assert_eq!(config.serving().limits, Limits::default());
        let table = &config.contents.limits;
        assert!(table.connections.is_some());
        let usual = OpenRequests::default();
        assert_eq!(table.open_requests_per_address, Some(usual.per_address));
        assert_eq!(table.open_requests_per_client, Some(usual.per_client));
        assert!(config.contents.keys.lead_seconds.is_some());
        assert_eq!(config.key_rotation(), KeyRotation::default());
        assert!(matches!(config.contents.proxy_header, Header::XForwardedFor));
        assert!(config.tls().is_some());
        assert!(config.contents.accounts.is_some());
        assert!(config.contents.login.is_some());
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (right, wrong, named) in [
            ("listen =", "lisen =", "lisen"),
            ("#trusted_proxies = []", "trusted_proxies = [\"10.0.0.0/33\"]", "10.0.0.0/33"),
            ("#lead_seconds = 3600", "lead_seconds = 10", "not for 10"),
            ("#lead_seconds = 3600", "lead_seconds = 604801", "not for 604801"),
        ] {
            let text = template().replace(right, wrong);
            let sentence = read(&text).err().unwrap().to_string();
            assert!(sentence.contains("in line") && sentence.contains(named), "{sentence}");
            assert!(!sentence.contains('\n'), "{sentence}");
        }
    }
}
