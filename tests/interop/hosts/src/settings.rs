//! A server and what it has registered, as a file describes it.

use std::collections::BTreeMap;
use std::path::Path;

use minihost::issuer::ProfileSettings;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::host_client::Host;
use crate::variables::Variables;

/// A settings file.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) user: User,
    pub(crate) host: Option<Host>,
    pub(crate) sign_in: SignIn,
    pub(crate) program: Program,
    /// How the SDK is set up; exactly as an app has it.
    pub(crate) profile: ProfileSettings,
    pub(crate) expect: Expect,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) issuer: String,
}

/// What is started beside the suite, read before everything else.
#[derive(Deserialize, Default)]
pub(crate) struct Starting {
    #[serde(default)]
    pub(crate) start: Vec<Start>,
}

/// A program that says in one line of JSON what the variables of the file are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    pub(crate) command: Vec<String>,
    /// Files that it wants in `${WORK}`.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) ends: Ends,
}

/// When a program that was started ends.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ends {
    #[default]
    WithItsInput,
    WhenKilled,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) name: String,
    /// For a sign-in with the SDK's password grant.
    #[serde(default)]
    pub(crate) password: String,
}

/// How the host signs its user in.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SignIn {
    /// With the SDK's password grant.
    Password { scopes: Vec<String> },
    /// With a session of its own, as a host that has one already: a call to the server gives what
    /// the SDK takes for the user's token.
    Call(SignInCall),
    /// With nothing: this is a token of the user.
    Token(String),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInCall {
    /// The address.
    pub(crate) url: String,
    /// What is posted as JSON.
    pub(crate) json: Option<Value>,
    /// Or as a form.
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    /// Which cookie is the token.
    pub(crate) cookie: Option<String>,
    /// Or where in the JSON answer it stands (RFC 6901).
    pub(crate) token: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) client_id: String,
    /// A public client has none.
    #[serde(default)]
    pub(crate) client_secret: String,
    #[serde(default)]
    pub(crate) method: ProgramMethod,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    /// A scope that the server does not give to this program.
    pub(crate) unregistered_scope: String,
    /// A member that the user's details have.
    pub(crate) details_have: String,
}

/// How the program proves itself when it redeems a code.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProgramMethod {
    #[default]
    ClientSecretBasic,
    ClientSecretPost,
    /// It is public: the verifier alone is its proof.
    None,
}

/// Where servers may differ.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// How long the program's access tokens live.
    pub(crate) access_token_seconds: u64,
    pub(crate) refresh_tokens: RefreshTokens,
    /// Whether revoking in the host ends the tokens at the server.
    pub(crate) revoking_ends: RevokingEnds,
    /// The reason when the host's secret is wrong at the code request; none where it is not used
    /// there.
    pub(crate) wrong_secret: Option<String>,
    /// The reason when the server does not know the program.
    pub(crate) unknown_program: String,
    pub(crate) unregistered_scope: UnregisteredScope,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefreshTokens {
    Rotate,
    Stay,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RevokingEnds {
    TokensAtServer,
    GrantAtHost,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnregisteredScope {
    /// The whole request is refused with `invalid_scope`.
    Refused,
    /// The code is for the others.
    LeftOut,
}

/// Reads a file as TOML.
pub(crate) fn read(file: &Path) -> Result<toml::Table, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    text.parse().map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

/// What is to be started first.
pub(crate) fn starting(table: &toml::Table) -> Result<Starting, Failure> {
    let table: toml::Table = table
        .iter()
        .filter(|(name, _)| *name == "start")
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    Ok(table.try_into()?)
}

/// The settings with every variable in its place.
pub(crate) fn settings(mut table: toml::Table, variables: &Variables) -> Result<Settings, Failure> {
    table.remove("start");
    Ok(variables.fill(toml::Value::Table(table))?.try_into()?)
}
