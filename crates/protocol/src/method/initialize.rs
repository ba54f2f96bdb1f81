//! `host.initialize`: the first message of every document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ParamsResult, invalid};
use crate::{
    BridgeVersion, VersionRange,
    declaration::{Access, Call, Form, Member, Method, Prompting, Rule, check},
    limits::Limits,
};

/// The declaration.
pub const METHOD: Method = Method {
    name: "host.initialize",
    summary: "Agrees on a version of the bridge and tells both sides whom they speak with.",
    call: Call::Request,
    params: &[
        Member::required(
            "versions",
            Form::Object(VERSIONS),
            "The bridge versions the page speaks.",
        ),
        Member::optional("client", Form::Object(CLIENT), "The page's library, for the host's log."),
    ],
    result: &[
        Member::required("version", Form::Whole, "The version that both sides will speak."),
        Member::required(
            "miniProgram",
            Form::Object(MINI_PROGRAM),
            "Whom the host takes the page for.",
        ),
        Member::required("host", Form::Object(HOST), "Who the host is."),
        Member::required("locale", Form::Text, "The user's language, BCP 47."),
        Member::required(
            "launch",
            Form::Object(LAUNCH),
            "How the program was opened; untrusted input.",
        ),
        Member::required(
            "capabilities",
            Form::Object(CAPABILITIES),
            "What can be called, heard and sent.",
        ),
    ],
    rule: Rule { access: Access::First, scope: None, prompting: Prompting::Never },
};

const VERSIONS: &[Member<'static>] = &[
    Member::required("min", Form::Whole, "The oldest."),
    Member::required("max", Form::Whole, "The newest."),
];
const CLIENT: &[Member<'static>] = &[
    Member::optional("name", Form::ShortText(128), "Its name."),
    Member::optional("version", Form::ShortText(128), "Its version."),
];
const MINI_PROGRAM: &[Member<'static>] = &[
    Member::required("id", Form::Text, "The manifest's `id`."),
    Member::required("version", Form::Text, "The manifest's `version`."),
];
const HOST: &[Member<'static>] = &[
    Member::required("name", Form::Text, "The app's name."),
    Member::required("version", Form::Text, "The app's version."),
    Member::required("platform", Form::Text, "Such as `android`, `ios`, `simulator`."),
];
const LAUNCH: &[Member<'static>] = &[
    Member::optional("path", Form::Text, "A path within the program."),
    Member::optional("query", Form::Text, "A query string without its question mark."),
    Member::optional("source", Form::Text, "Where the user came from."),
];
const CAPABILITIES: &[Member<'static>] = &[
    Member::required("methods", Form::Texts, "The methods that this document may call."),
    Member::required("events", Form::Texts, "The events that it may hear."),
    Member::required("limits", Form::Object(LIMITS), "How large a message may be."),
];
const LIMITS: &[Member<'static>] = &[
    Member::required("messageBytes", Form::Whole, "The longest message, in bytes of UTF-8."),
    Member::required("depth", Form::Whole, "The deepest nesting."),
    Member::required("members", Form::Whole, "The most object members in one message."),
    Member::required("pending", Form::Whole, "The most requests that may wait for their answer."),
];

/// The bridge versions the page speaks. The page's `client` name and version are for the host's
/// log only and are not read here.
pub fn versions(params: &Map<String, Value>) -> ParamsResult<VersionRange> {
    check(METHOD.params.iter().copied(), params)?;
    let read = params.get("versions").map(VersionRange::deserialize);
    read.and_then(Result::ok).ok_or_else(|| invalid("`versions` has a number that is no version."))
}
/// What the page learns.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialized<'a> {
    /// The version that both sides will speak.
    pub version: BridgeVersion,
    /// Whom the host takes the page for.
    pub mini_program: MiniProgram<'a>,
    /// Who the host is.
    pub host: Host<'a>,
    /// The user's language, BCP 47.
    pub locale: &'a str,
    /// How the program was opened; untrusted input for the program.
    pub launch: &'a Launch,
    /// What can be called, heard and sent.
    pub capabilities: Capabilities<'a>,
}

/// A mini-program as its manifest names it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MiniProgram<'a> {
    /// The manifest's `id`.
    pub id: &'a str,
    /// The manifest's `version`.
    pub version: &'a str,
}

/// A host as it names itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Host<'a> {
    /// The host app's name.
    pub name: &'a str,
    /// The host app's version.
    pub version: &'a str,
    /// Such as `android`, `ios`, `simulator`.
    pub platform: &'a str,
}

/// How a program was opened, as the host asserts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// A path within the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A query string without its question mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Where the user came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a page can call, hear and send.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Capabilities<'a> {
    /// Methods that this session may call.
    pub methods: &'a [&'a str],
    /// Events that it may hear.
    pub events: &'a [&'a str],
    /// How large a message may be.
    pub limits: Limits,
}
