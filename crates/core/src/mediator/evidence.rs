//! Identity comes from the container: what the platform knows of a message's sender is held
//! against the manifest. Nothing in the message counts.

use minihost_protocol::{Failure, Reason};

use super::{CallContext, Capability, Frame};
use crate::Manifest;

/// Whether the sender is the mini-program's own main frame.
pub(super) fn check(manifest: &Manifest, context: &CallContext) -> Result<(), Failure> {
    if context.frame == Frame::Sub {
        let message = "Only the page itself may speak to the host, not a frame within it.";
        return Err(Failure::new(Reason::NotMainFrame, message));
    }
    // An origin has one serialisation: any other text, however alike, is not one of the program's.
    let is_own = |origin: &str| manifest.origins.iter().any(|own| own.as_str() == origin);
    let origin_is_own = context.origin.as_deref().map(is_own);
    let fully_told = context.origin.is_some() && context.frame == Frame::Main;
    if origin_is_own == Some(false) || !(fully_told || context.capability == Capability::Held) {
        let message = "This page's origin is not one of the mini-program's.";
        return Err(Failure::new(Reason::UntrustedOrigin, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mediator::Visibility,
        names::{DocumentId, ReplyToken},
    };

    fn verdict(origin: Option<&str>, frame: Frame, capability: Capability) -> Option<Reason> {
        let manifest = Manifest::unsigned_for_development(
            br#"{"manifestVersion":1,"id":"tea","version":"1.0.0","name":{"en":"Tea"},
                "publisher":{"id":"acme","name":{"en":"Acme"}},"startUrl":"https://tea.example/",
                "origins":["https://tea.example"],"clientId":"tea",
                "redirectUris":["https://tea.example/cb"],"scopes":[]}"#,
        )
        .unwrap();
        let context = CallContext {
            document: DocumentId(1),
            reply_token: ReplyToken(1),
            origin: origin.map(str::to_owned),
            frame,
            capability,
            visibility: Visibility::Visible,
            gesture_age: None,
        };
        check(&manifest, &context).err().map(|failure| failure.reason)
    }

    #[test]
    fn the_programs_own_main_frame_is_believed() {
        assert_eq!(verdict(Some("https://tea.example"), Frame::Main, Capability::NotHeld), None);
        assert_eq!(verdict(Some("https://tea.example"), Frame::Unknown, Capability::Held), None);
        assert_eq!(verdict(None, Frame::Main, Capability::Held), None);
        assert_eq!(verdict(None, Frame::Unknown, Capability::Held), None);
    }

    #[test]
    fn a_sub_frame_never_is() {
        for capability in [Capability::Held, Capability::NotHeld] {
            let verdict = verdict(Some("https://tea.example"), Frame::Sub, capability);
            assert_eq!(verdict, Some(Reason::NotMainFrame));
        }
    }

    #[test]
    fn what_the_platform_does_not_tell_needs_a_capability() {
        let untrusted = Some(Reason::UntrustedOrigin);
        assert_eq!(verdict(None, Frame::Main, Capability::NotHeld), untrusted);
        let origin = Some("https://tea.example");
        assert_eq!(verdict(origin, Frame::Unknown, Capability::NotHeld), untrusted);
    }

    #[test]
    fn look_alike_origins_are_refused_whatever_they_hold() {
        for origin in [
            "null",
            "",
            "http://tea.example",
            "https://tea.example:444",
            "https://tea.example.evil.example",
            "https://eviltea.example",
            "https://tea.example@evil.example",
            "https://tea.example.",
            "https://TEA.example",
            "https://tea.example/",
            "https://tеa.example",
        ] {
            let verdict = verdict(Some(origin), Frame::Main, Capability::Held);
            assert_eq!(verdict, Some(Reason::UntrustedOrigin), "{origin}");
        }
    }
}
