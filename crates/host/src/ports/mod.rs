//! What a host brings: one trait each. The same list holds for Rust, Kotlin and Swift.
//!
//! A port that talks to the user or the container returns at once and is never called under a
//! lock; one that waits for a disk or a network is async.

mod audit_sink;
mod browser;
mod code_issuer;
mod consent_prompt;
mod container_sink;
mod credential_signer;
mod grant_store;
mod host_method;
mod http_transport;
mod later;
mod log_sink;
mod own_thread;
mod secret_store;
mod settings_page;
mod sign_in_prompt;
mod user_observer;
mod user_session;

pub use audit_sink::AuditSink;
pub use browser::{Browser, BrowserOutcome};
pub use code_issuer::{CodeIssuer, GrantEnding, IssueError};
pub use consent_prompt::ConsentPrompt;
pub use container_sink::ContainerSink;
pub use credential_signer::{CredentialSigner, KeyProtection, PublicKey, SignerError};
pub use grant_store::{GrantStore, GrantStoreError};
pub use host_method::HostMethod;
pub(crate) use http_transport::{AskedBy, ToProve};
pub use http_transport::{HttpError, HttpRequest, HttpResponse, HttpTransport};
pub use later::{Later, NotAsked};
pub use log_sink::{LogLevel, LogLine, LogSink};
pub use own_thread::{NoAnswer, OwnThread};
pub use secret_store::{SecretBytes, SecretName, SecretStore, SecretStoreError};
pub use settings_page::{SettingsPage, SettingsRequest};
pub use sign_in_prompt::SignInPrompt;
pub use user_observer::UserObserver;
pub use user_session::{SessionError, UserSession, UserToken};
