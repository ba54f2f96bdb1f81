//! What the page is told.

use minihost::{DocumentId, PromptId, ReplyToken, SessionId, Shown, Ticket, ViewDigest};
use serde::Serialize;

/// What the page is told. Has no `Debug`: a delivered text may hold an authorization code.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ToPage {
    /// Everything that the host app's own screens show.
    State(State),
    /// Nobody was signed in.
    SignInFailed {
        message: SignInProblem,
        /// Seconds, where it is known how long to wait.
        retry_after: Option<u64>,
    },
    /// A program was opened.
    Opened {
        session: SessionId,
        program: String,
        name: String,
        start_url: String,
        origin: String,
        unsigned: bool,
    },
    /// A program was not opened.
    OpenFailed { program: String },
    /// A message for one document.
    Deliver {
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    },
    /// A message that gets no reply.
    Settle { session: SessionId, reply_token: ReplyToken },
    /// A consent prompt to draw.
    Present { view: View },
    /// A consent prompt that nobody waits for any more.
    Dismiss { prompt: PromptId },
    /// A program wants the user to see what it was granted.
    ShowSettings { ticket: Ticket, program: String },
    /// What came of taking grants back.
    Revoked { program: String, scopes: Vec<String>, server: ServerTold, stored: bool },
    /// A program wants the user to sign in again.
    SignInAgain { ticket: Ticket, program: String, user: Option<String>, wanted: SignInWanted },
    /// That sign-in did not work; another try may.
    SignInAgainFailed {
        ticket: Ticket,
        message: SignInProblem,
        /// Seconds, where it is known how long to wait.
        retry_after: Option<u64>,
    },
    /// Nobody waits for that sign-in any more.
    SignInOver { ticket: Ticket },
    /// What another device asks of the user.
    DeviceFound(FoundDevice),
    /// The device has the user's answer.
    DeviceAnswered { approved: bool },
    /// The device was not found, or not answered.
    DeviceFailed {
        message: DeviceProblem,
        /// Seconds, where it is known how long to wait.
        retry_after: Option<u64>,
    },
    /// A tester's wish was carried out.
    Steered { action: &'static str, count: usize },
    /// Something that the host writes down.
    Audit(AuditEntry),
    /// Another tab shows the phone now.
    Replaced {},
    /// A frame that could not be used; the connection goes on.
    Error { problem: FrameProblem },
}

/// The host app's own state.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) user: Option<SignedIn>,
    pub(crate) programs: Vec<Tile>,
    pub(crate) grants: Vec<Remembered>,
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) locale: &'static str,
    pub(crate) demo_users: Vec<&'static str>,
    /// Whether tokens and remembered grants outlive the process.
    pub(crate) persistent: bool,
}

/// Who is signed in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    /// Tells users apart; not for showing.
    pub(crate) id: String,
    pub(crate) display_name: String,
}

/// A program that can be opened.
#[derive(Serialize)]
pub(crate) struct Tile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) publisher: String,
    pub(crate) icon: Option<String>,
    /// What installs it, where it cannot be opened before.
    pub(crate) install: Option<&'static str>,
}

/// What the user allowed a program and wants remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remembered {
    pub(crate) program: String,
    pub(crate) scope: String,
    pub(crate) granted_at: String,
    pub(crate) expires_at: Option<String>,
}

/// One line of what the host writes down. No member can hold a code or a token.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntry {
    pub(crate) at: String,
    pub(crate) program: String,
    pub(crate) asked: Vec<String>,
    pub(crate) outcome: &'static str,
    pub(crate) scopes: Vec<String>,
    pub(crate) mode: Option<&'static str>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) took_ms: u64,
    pub(crate) correlation_id: String,
}

/// A consent view: what was verified, and how to answer.
#[derive(Serialize)]
pub(crate) struct View {
    pub(crate) prompt: PromptId,
    pub(crate) digest: ViewDigest,
    #[serde(flatten)]
    pub(crate) shown: Shown,
}

/// What the authorization server knows of the end of grants; the page has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ServerTold {
    /// Its codes and tokens have ended.
    Ended,
    /// It is told at the next start.
    Later,
    /// It cannot be told, or other grants rest on the same.
    Nothing,
}

/// How a program wants the user to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SignInWanted {
    /// Once more.
    Again,
    /// With an account of their choice.
    ChooseAccount,
}

/// Why nobody was signed in; the page has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SignInProblem {
    /// Name and password do not belong together.
    WrongCredentials,
    /// Too many attempts have failed.
    Throttled,
    /// Try again in a while.
    Unavailable,
}

/// What another device asks. The texts about the device are its own.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundDevice {
    /// `None`: a browser signs in to the authorization server itself.
    pub(crate) client: Option<DeviceClient>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) requested_at: String,
}

/// A client that asks by a code.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DeviceClient {
    pub(crate) name: String,
    pub(crate) publisher: Option<String>,
    pub(crate) scopes: Vec<String>,
    /// The resources that its tokens will be for; none for the authorization server itself.
    pub(crate) resources: Vec<String>,
}

/// Why a device was not found or not answered; the page has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DeviceProblem {
    /// No device shows this code.
    Unknown,
    /// Too many wrong codes were tried.
    Throttled,
    /// What asks cannot be answered here.
    NotAllowed,
    /// Try again in a while.
    Unavailable,
}

/// What is wrong with a frame. The page's text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FrameProblem {
    /// Not text.
    NotText,
    /// Not JSON, or not one of the known messages.
    Malformed,
    /// A program, language or user that there is not.
    Unknown,
    /// An answer that does not count any more.
    AnswerNotAccepted,
    /// The demonstration could not be steered.
    SteeringFailed,
}

impl ToPage {
    /// One text frame.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists always serialise to JSON")
    }

    /// The member `type`, for the log.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::State(_) => "state",
            Self::SignInFailed { .. } => "signInFailed",
            Self::Opened { .. } => "opened",
            Self::OpenFailed { .. } => "openFailed",
            Self::Deliver { .. } => "deliver",
            Self::Settle { .. } => "settle",
            Self::Present { .. } => "present",
            Self::Dismiss { .. } => "dismiss",
            Self::ShowSettings { .. } => "showSettings",
            Self::Revoked { .. } => "revoked",
            Self::SignInAgain { .. } => "signInAgain",
            Self::SignInAgainFailed { .. } => "signInAgainFailed",
            Self::SignInOver { .. } => "signInOver",
            Self::DeviceFound(_) => "deviceFound",
            Self::DeviceAnswered { .. } => "deviceAnswered",
            Self::DeviceFailed { .. } => "deviceFailed",
            Self::Steered { .. } => "steered",
            Self::Audit(_) => "audit",
            Self::Replaced {} => "replaced",
            Self::Error { .. } => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_page_is_told_in_the_agreed_form() {
        let delivered = ToPage::Deliver {
            session: SessionId(1),
            document: DocumentId(2),
            in_reply_to: None,
            text: "t".into(),
        };
        let value: Value = serde_json::from_str(&delivered.to_text()).unwrap();
        assert_eq!(
            value,
            json!({"type": "deliver", "session": 1, "document": 2, "inReplyTo": null, "text": "t"})
        );
        let replaced: Value = serde_json::from_str(&ToPage::Replaced {}.to_text()).unwrap();
        assert_eq!(replaced, json!({"type": "replaced"}));
        let failed =
            ToPage::SignInFailed { message: SignInProblem::Throttled, retry_after: Some(7) };
        let failed: Value = serde_json::from_str(&failed.to_text()).unwrap();
        assert_eq!(
            failed,
            json!({"type": "signInFailed", "message": "throttled", "retryAfter": 7})
        );
    }
}
