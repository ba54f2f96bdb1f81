//! Identifiers that must not be mixed up: one type each, compared as they are written. The many copies
//! that requests and grants hold of one share its text.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

macro_rules! text_names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into().into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

macro_rules! number_names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
    )*};
}

text_names! {
    /// A mini-program's name for machines: the manifest's `id`.
    MiniProgramId;
    /// Who publishes a mini-program, as the manifest says.
    PublisherId;
    /// The key that vouches for a manifest, by its thumbprint (RFC 7638).
    PublisherKey;
    /// An OAuth client (RFC 6749 §2.2).
    ClientId;
    /// The user as the host knows it: stable, never shown.
    UserId;
    /// An authorization server's issuer identifier (RFC 8414 §2).
    Issuer;
    /// The resource that a code is meant for (RFC 8707).
    Audience;
    /// A redirect URI, compared as a string (RFC 9700 §2.1).
    RedirectUri;
    /// The authorization server's name for a grant (Grant Management for OAuth 2.0).
    GrantId;
    /// One decision of the user. Repeated for as long as it is remembered.
    DecisionId;
    /// Finds one request in the host's log, the audit stream and the page's error.
    CorrelationId;
    /// A language, BCP 47, such as `en` or `zh-Hans`.
    Locale;
    /// The SHA-256 of a consent view's canonical form, base64url.
    ViewDigest;
}

number_names! {
    /// One opened mini-program, from open to close.
    SessionId;
    /// One page load within a session; minted by the container at each navigation.
    DocumentId;
    /// The container's name for the way back of one message.
    ReplyToken;
    /// One consent prompt.
    PromptId;
    /// One pending request within the mediator.
    Ticket;
    /// One write of the remembered grants.
    SaveId;
    /// One end of a grant at the authorization server.
    EndingId;
    /// One taking back of grants in the host's own settings; minted by whoever asks for it.
    RevokeCall;
}
