//! What the page says.

use std::collections::BTreeSet;

use minihost::{
    DocumentId, MiniProgramId, PromptId, Remember, ReplyToken, Scope, SessionId, Ticket, ViewDigest,
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::{super::programs::Variant, FrameProblem};

/// What the page says. Has no `Debug`: it may hold a password.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum FromPage {
    /// The user typed their name and password.
    SignIn { username: String, password: Password },
    /// The user signs out.
    SignOut {},
    /// The user picked another language.
    Locale { locale: String },
    /// The user opened the account screen.
    SettingsOpened {},
    /// The user opens a program, by the manifest that a tester may choose.
    Open {
        program: String,
        #[serde(default)]
        manifest: Variant,
    },
    /// A page load began in the program's frame.
    DocumentStarted { session: SessionId, document: DocumentId },
    /// A message came through a document's port.
    Message(ReportedMessage),
    /// The program came to the screen or left it.
    Visibility { session: SessionId, visible: bool },
    /// The user closed the program.
    Close { session: SessionId },
    /// The user answered a consent prompt.
    Answer {
        prompt: PromptId,
        digest: ViewDigest,
        choice: Answer,
        scopes: Option<BTreeSet<Scope>>,
        /// Where the answer is yes: for how long.
        remember: Option<Remember>,
    },
    /// The settings that a program asked for are on screen.
    SettingsShown { ticket: Ticket },
    /// The user takes grants back, all of a program's where no scopes are named.
    Revoke { program: MiniProgramId, scopes: Option<BTreeSet<Scope>> },
    /// The user typed their name and password because a program asks for it.
    SignInFor { ticket: Ticket, username: String, password: Password },
    /// The user would not.
    LeaveSignIn { ticket: Ticket },
    /// The user typed the code that another device shows.
    FindDevice { code: DeviceCode },
    /// The user answered what that device asks.
    AnswerDevice { approve: bool },
    /// The user went elsewhere without an answer.
    LeaveDevice {},
    /// A tester steers the demonstration.
    Steer(Steer),
}

/// A message with what the browser knows of its sender.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportedMessage {
    pub(crate) session: SessionId,
    pub(crate) document: DocumentId,
    pub(crate) reply_token: ReplyToken,
    pub(crate) origin: String,
    pub(crate) visible: bool,
    pub(crate) gesture_age_ms: Option<u32>,
    pub(crate) text: String,
}

/// Which button of the consent prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Answer {
    Allow,
    Deny,
    Dismiss,
}

/// What a tester wants.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Steer {
    /// All access tokens of one program, or of all programs.
    ExpireAccess { program: Option<String> },
    /// All refresh tokens of one program, or of all programs.
    ExpireRefresh { program: Option<String> },
    /// Sign in as a demo user without typing the password.
    SignInAs { username: String },
}

/// A device's code on its way from the page: who has it can answer the device.
pub(crate) struct DeviceCode(pub(crate) SecretString);

impl<'de> Deserialize<'de> for DeviceCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// A password on its way from the page.
pub(crate) struct Password(pub(crate) SecretString);

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

impl FromPage {
    /// Reads one text frame.
    pub(crate) fn parse(text: &str) -> Result<Self, FrameProblem> {
        // serde's message may quote what it read, so nothing of it is kept.
        serde_json::from_str(text).map_err(|_| FrameProblem::Malformed)
    }

    /// The member `type`, for the log.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "signIn",
            Self::SignOut {} => "signOut",
            Self::Locale { .. } => "locale",
            Self::SettingsOpened {} => "settingsOpened",
            Self::Open { .. } => "open",
            Self::DocumentStarted { .. } => "documentStarted",
            Self::Message(_) => "message",
            Self::Visibility { .. } => "visibility",
            Self::Close { .. } => "close",
            Self::Answer { .. } => "answer",
            Self::SettingsShown { .. } => "settingsShown",
            Self::Revoke { .. } => "revoke",
            Self::SignInFor { .. } => "signInFor",
            Self::LeaveSignIn { .. } => "leaveSignIn",
            Self::FindDevice { .. } => "findDevice",
            Self::AnswerDevice { .. } => "answerDevice",
            Self::LeaveDevice {} => "leaveDevice",
            Self::Steer(_) => "steer",
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::{Value, json};

    use super::*;

    fn parse(value: Value) -> Result<FromPage, FrameProblem> {
        FromPage::parse(&value.to_string())
    }

    #[test]
    fn a_message_carries_what_the_browser_knows() {
        let message = parse(json!({
            "type": "message", "session": 1, "document": 2, "replyToken": 3,
            "origin": "http://teahouse.sim.localhost:1", "visible": true, "gestureAgeMs": null,
            "text": "{\"a\":1}"
        }));
        let Ok(FromPage::Message(message)) = message else { panic!("not a message") };
        assert_eq!(message.reply_token, ReplyToken(3));
        assert_eq!(message.gesture_age_ms, None);
        assert_eq!(message.text, "{\"a\":1}");
    }

    #[test]
    fn answers_and_steering_are_read() {
        let answer = json!({"type": "answer", "prompt": 1, "digest": "d", "choice": "allow",
                            "scopes": ["openid", "email"], "remember": "untilRevoked"});
        let Ok(FromPage::Answer { choice, scopes, remember, .. }) = parse(answer) else {
            panic!("no answer")
        };
        assert_eq!((choice, remember), (Answer::Allow, Some(Remember::UntilRevoked)));
        assert_eq!(scopes.unwrap().len(), 2);
        let steer = json!({"type": "steer", "action": "expireAccess", "program": "teahouse"});
        let Ok(FromPage::Steer(steer)) = parse(steer) else { panic!("no steering") };
        assert_eq!(steer, Steer::ExpireAccess { program: Some("teahouse".into()) });
        let Ok(FromPage::SignIn { username, password }) =
            parse(json!({"type": "signIn", "username": "alice", "password": "p"}))
        else {
            panic!("no sign-in")
        };
        assert_eq!((username.as_str(), password.0.expose_secret()), ("alice", "p"));
    }

    #[test]
    fn whatever_is_not_a_known_message_is_malformed() {
        for value in [
            json!(null),
            json!([]),
            json!({}),
            json!({"type": "unknown"}),
            json!({"type": "open"}),
            json!({"type": "open", "program": 1}),
            json!({"type": "open", "program": "teahouse", "manifest": "forged"}),
            json!({"type": "revoke"}),
            json!({"type": "close", "session": -1}),
            json!({"type": "answer", "prompt": 1, "digest": "d", "choice": "maybe"}),
            json!({"type": "steer", "action": "unknown"}),
            json!({"type": "message", "session": 1}),
        ] {
            assert_eq!(parse(value.clone()).err(), Some(FrameProblem::Malformed), "{value}");
        }
        assert_eq!(FromPage::parse("{").err(), Some(FrameProblem::Malformed));
    }
}
