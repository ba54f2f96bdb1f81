//! A small, real OAuth 2 authorization server on SQLite.
//!
//! Its own part is the host and its mini-programs: a host, authenticated as a client and holding its
//! user's access token, asks the **challenge endpoint** for an authorization code for a mini-program;
//! the mini-program redeems the code at the **token endpoint** as a client of its own, reads the
//! **user details**, and refreshes its tokens. Around it are the ordinary flows of OAuth 2 and OpenID
//! Connect, for users in a browser, for devices, and for clients that act for themselves.
//!
//! | path | what |
//! |---|---|
//! | `/.well-known/oauth-authorization-server` | metadata (RFC 8414) |
//! | `/authorize`, `/login`, `/consent` | the authorization endpoint (RFC 6749 §3.1) and the pages on which its users sign in and allow |
//! | `/par` | authorization requests that are pushed first (RFC 9126) |
//! | `/account` | what a user allowed, where they are signed in, and their sign-ins |
//! | `/challenge` | the host's code request, a profile of draft-ietf-oauth-first-party-apps |
//! | `/token` | authorization code with PKCE (RFC 6749 §4.1.3, RFC 7636), refresh (§6); for clients that are allowed it also password (§4.3) and client credentials (§4.4) |
//! | `/device_authorization`, `/device/approval` | codes that the user confirms on another device (RFC 8628), in the browser or in a host app |
//! | `/revoke` | giving tokens back (RFC 7009) |
//! | `/introspect` | whether a token is good, for its client and for resource servers (RFC 7662) |
//! | `/grants/{grant_id}` | what a grant holds, and its end (Grant Management for OAuth 2.0) |
//! | `/userinfo` | user details, with a pairwise `open_id` (OpenID Connect Core §5.3, §8.1) |
//!
//! What always holds: a code works once, and using it again ends what it led to; a spent code and a
//! rotated refresh token stay so through a crash, because every answer waits until the disk has it;
//! no code, token, secret or password is stored in clear.
//!
//! The README beside the crate has a section for each flow with examples to try, the configuration file,
//! and every command of the program.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use minihost_authorization_server::{AuthorizationServer, Config, Listener, ServeOptions};
//!
//! let listener = Listener::loopback("127.0.0.1:0".parse()?, None).await?;
//! let issuer = format!("http://{}", listener.address()?).parse()?;
//! let server =
//!     AuthorizationServer::open(Config::new(issuer, "authorization-server.sqlite")).await?;
//! server.serve(listener, ServeOptions::default(), std::future::pending()).await;
//! server.close().await;
//! # Ok(())
//! # }
//! ```

mod account;
mod accounts;
mod argon2id;
mod audit;
mod authorize;
mod challenge;
mod client;
mod clock;
mod config;
mod consent;
mod crash;
mod device;
mod dpop;
mod error;
mod freshness;
mod grant_management;
mod http;
mod introspection;
mod jose;
mod keys;
mod login;
#[cfg(test)]
mod memory;
mod metadata;
mod pages;
mod pairwise;
mod password;
mod pkce;
mod proxy;
mod redirect_uri;
mod registry;
mod resource;
mod revocation;
mod scope;
mod secret;
mod serve;
mod server;
mod steering;
mod store;
mod throttle;
mod token;
mod user;
mod userinfo;

pub use accounts::{
    Account, AccountService, AccountServiceError, HttpAccountService, InvalidAccountService,
};
pub use client::{
    AccountRule, Application, AssertionRules, AuthenticationKind, ClientAuthentication, ClientId,
    ClientKind, ClientRegistration, Dialect, GrantType, Names, PublicKeys, RefreshPolicy,
    RegisteredClient, Requirement, WebOrigin,
};
pub use clock::{Clock, SystemClock};
pub use config::{Config, Lifetimes, OpenRequests};
pub use error::{InvalidRegistration, OpenError, RandomnessError, RegistryError, StoreError};
pub use jose::SigningAlgorithm;
pub use login::{AuthenticationSystem, LoginPlace};
pub use password::Password;
pub use proxy::{InvalidProxy, ProxyHeader, TrustedProxies};
pub use redirect_uri::RedirectUri;
pub use registry::{KeyRotation, Registry};
pub use resource::Resource;
pub use scope::Scopes;
pub use secret::ClientSecret;
pub use serve::{Limits, ListenError, Listener, ServeOptions, Tls, TlsError};
pub use server::AuthorizationServer;
pub use steering::Steering;
pub use user::UserRegistration;
