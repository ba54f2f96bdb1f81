//! What the page and this process say to each other: JSON text frames with a member `type`.
//!
//! The page is the platform here: it reports what the browser knows of a document, as a WebView
//! would on a phone.

mod from_page;
mod to_page;

pub(crate) use from_page::{Answer, FromPage, ReportedMessage, Steer};
pub(crate) use to_page::{
    AuditEntry, DeviceClient, DeviceProblem, FoundDevice, FrameProblem, Remembered, ServerTold,
    SignInProblem, SignInWanted, SignedIn, State, Tile, ToPage, View,
};
