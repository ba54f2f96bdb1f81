//! Why a request failed: the stable part of an error, on which a mini-program decides.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $code:literal, $retry:ident;)*) => {
        /// A stable reason. Its text never changes once released.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Reason] = &[$(Reason::$variant),*];

            /// The stable text, as it stands in `error.data.reason`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What it means, in one sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim(),)* }
            }

            /// The JSON-RPC error code that goes with the reason in the answer to a request.
            /// Clients decide on the reason, not on the code.
            pub const fn code(self) -> i32 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether the same request may succeed later without anyone changing it.
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => retryable!($retry),)* }
            }
        }
    };
}

macro_rules! retryable {
    (retry) => {
        true
    };
    (final_) => {
        false
    };
}

reasons! {
    /// The user closed the prompt without answering.
    UserCancelled = "user_cancelled", -32000, final_;
    /// The user said no, or cleared every box.
    UserDenied = "user_denied", -32000, final_;
    /// The authorization server refused.
    DeniedByServer = "denied_by_server", -32000, final_;
    /// Only a visible prompt could answer this, and none may be shown.
    InteractionRequired = "interaction_required", -32000, final_;
    /// The user has not agreed to what this needs.
    ConsentRequired = "consent_required", -32000, final_;
    /// Nobody is signed in to the host, or the sign-in has ended.
    LoginRequired = "login_required", -32000, final_;
    /// The user must choose an account first.
    AccountSelectionRequired = "account_selection_required", -32000, final_;
    /// The request is not what the method takes.
    InvalidRequest = "invalid_request", -32602, final_;
    /// A scope is malformed or the server does not know it.
    InvalidScope = "invalid_scope", -32602, final_;
    /// A scope is not in the mini-program's manifest; `data.scopes` names it.
    ScopeNotDeclared = "scope_not_declared", -32602, final_;
    /// This host may not ask for that mini-program.
    UnauthorizedClient = "unauthorized_client", -32000, final_;
    /// The document's origin is not one of the mini-program's, or nothing proves that it is.
    UntrustedOrigin = "untrusted_origin", -32000, final_;
    /// Only the main frame may speak to the host.
    NotMainFrame = "not_main_frame", -32000, final_;
    /// The host has no such method.
    UnsupportedMethod = "unsupported_method", -32601, final_;
    /// No bridge version in common; `data.versions` tells the host's.
    UnsupportedVersion = "unsupported_version", -32000, final_;
    /// The page does not run inside a host. Given by the page side alone.
    NotInContainer = "not_in_container", -32000, final_;
    /// Too many requests.
    Throttled = "throttled", -32000, retry;
    /// The user refused a short while ago.
    Cooldown = "cooldown", -32000, retry;
    /// Too many prompts of this program are waiting.
    Busy = "busy", -32000, retry;
    /// The user or the network took too long.
    Timeout = "timeout", -32000, retry;
    /// The mini-program cancelled the request, or the host shut down.
    Aborted = "aborted", -32800, final_;
    /// The document went away. Given by the page side alone.
    ContextDestroyed = "context_destroyed", -32000, final_;
    /// The user signed out or another one signed in meanwhile.
    AccountChanged = "account_changed", -32000, final_;
    /// The authorization server could not be reached.
    Network = "network", -32000, retry;
    /// The authorization server failed or answered something unacceptable.
    ServerError = "server_error", -32000, retry;
    /// Something that is needed is not available just now.
    TemporarilyUnavailable = "temporarily_unavailable", -32000, retry;
    /// The host has switched this mini-program off.
    DisabledByHost = "disabled_by_host", -32000, final_;
    /// The host has a fault of its own.
    Internal = "internal", -32603, final_;
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_reasons_that_time_can_cure_are_retryable() {
        let retryable: Vec<&str> =
            Reason::ALL.iter().filter(|r| r.is_retryable()).map(|r| r.as_str()).collect();
        assert_eq!(
            retryable,
            [
                "throttled",
                "cooldown",
                "busy",
                "timeout",
                "network",
                "server_error",
                "temporarily_unavailable"
            ]
        );
    }

    #[test]
    fn no_two_reasons_share_a_text() {
        let mut texts: Vec<&str> = Reason::ALL.iter().map(|r| r.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Reason::ALL.len());
    }
}
