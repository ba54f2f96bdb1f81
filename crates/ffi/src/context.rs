//! What the platform knows of a message's sender.

use std::time::Duration;

use minihost::{Capability, DocumentId, Frame, ReplyToken, Visibility};

/// What the platform, not the page, says of a message's sender.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CallContext {
    /// The page load; minted by the container at each navigation.
    pub document: u64,
    /// The container's name for the way back of this message.
    pub reply_token: u64,
    /// The sender's origin, ASCII serialisation; none where the platform does not tell.
    pub origin: Option<String>,
    /// Whether the document itself sent it, and not a frame within; none where the platform does
    /// not tell.
    pub main_frame: Option<bool>,
    /// Whether it came through a port or with a secret that only this document's main frame was
    /// given. Needed where `origin` or `main_frame` is none.
    pub capability: bool,
    /// Whether the document is on screen.
    pub visible: bool,
    /// Milliseconds since the user touched the page; none where the platform does not tell. Never
    /// the page's word.
    pub gesture_age_ms: Option<u32>,
}

impl From<CallContext> for minihost::CallContext {
    fn from(context: CallContext) -> Self {
        Self {
            document: DocumentId(context.document),
            reply_token: ReplyToken(context.reply_token),
            origin: context.origin,
            frame: match context.main_frame {
                Some(true) => Frame::Main,
                Some(false) => Frame::Sub,
                None => Frame::Unknown,
            },
            capability: if context.capability { Capability::Held } else { Capability::NotHeld },
            visibility: visibility(context.visible),
            gesture_age: context.gesture_age_ms.map(|ms| Duration::from_millis(ms.into())),
        }
    }
}

pub(crate) fn visibility(visible: bool) -> Visibility {
    if visible { Visibility::Visible } else { Visibility::Hidden }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing_told() -> CallContext {
        CallContext {
            document: 1,
            reply_token: 2,
            origin: None,
            main_frame: None,
            capability: false,
            visible: false,
            gesture_age_ms: None,
        }
    }

    #[test]
    fn what_the_platform_does_not_tell_is_not_made_up() {
        let context = minihost::CallContext::from(nothing_told());
        let expected = minihost::CallContext {
            document: DocumentId(1),
            reply_token: ReplyToken(2),
            origin: None,
            frame: Frame::Unknown,
            capability: Capability::NotHeld,
            visibility: Visibility::Hidden,
            gesture_age: None,
        };
        assert_eq!(context, expected);
    }

    #[test]
    fn what_the_platform_tells_arrives() {
        let told = CallContext {
            origin: Some("https://tea.example".into()),
            main_frame: Some(false),
            capability: true,
            visible: true,
            gesture_age_ms: Some(1_500),
            ..nothing_told()
        };
        let context = minihost::CallContext::from(told.clone());
        assert_eq!(context.origin.as_deref(), Some("https://tea.example"));
        assert_eq!(context.frame, Frame::Sub);
        assert_eq!(context.capability, Capability::Held);
        assert_eq!(context.visibility, Visibility::Visible);
        assert_eq!(context.gesture_age, Some(Duration::from_millis(1_500)));
        let main = minihost::CallContext::from(CallContext { main_frame: Some(true), ..told });
        assert_eq!(main.frame, Frame::Main);
    }
}
