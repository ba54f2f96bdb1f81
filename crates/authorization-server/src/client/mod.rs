//! OAuth clients: hosts, mini-programs and resource servers.

mod authentication;
mod checked;
mod dialect;
mod id;
mod legible;
mod lookalike;
mod names;
mod origin;
mod registered;
mod registration;
mod rules;
mod settings;

pub use authentication::{ClientAuthentication, PublicKeys};
pub use id::ClientId;
pub use names::Names;
pub use origin::WebOrigin;
pub use registered::{AuthenticationKind, RegisteredClient};
pub use registration::{ClientKind, ClientRegistration, RefreshPolicy};
pub use settings::{AccountRule, Application, AssertionRules, Dialect, GrantType, Requirement};

pub(crate) use authentication::{KeptSecret, Proof};
pub(crate) use checked::Client;
