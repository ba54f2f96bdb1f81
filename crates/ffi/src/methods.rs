//! Methods of the host app's own, which mini-programs call.

use std::sync::Arc;

use async_trait::async_trait;
use minihost::{
    Form, HostMethodFailure, HostMethodName, InvalidMethodName, MiniProgramId, Presence, Programs,
    Prompting, Reason, Scope,
    ports::{self, Later},
};
use serde_json::Value;

use crate::{
    audit::milliseconds,
    config::User,
    error::MethodResultError,
    port_error::{PortError, asked},
};

/// One method, and what answers it.
#[derive(Clone, uniffi::Record)]
pub struct OwnMethod {
    /// What it is.
    pub declaration: HostMethodDeclaration,
    /// What answers it.
    pub method: Arc<dyn HostMethod>,
}

/// Answers a method of the host app's own. The SDK has checked who calls, with what, and with which
/// grant. Called on a thread of the SDK.
#[uniffi::export(foreign)]
pub trait HostMethod: Send + Sync {
    /// Takes one call, and returns; `params` is a JSON object, and may hold what is private. Its
    /// answer is given by [`method_returned`](crate::MiniHost::method_returned) or
    /// [`method_failed`](crate::MiniHost::method_failed).
    ///
    /// # Errors
    /// [`PortError`]; the page hears `internal`.
    fn call(&self, call: HostCall, params: String) -> Result<(), PortError>;

    /// Gives a call up: nobody waits for its answer any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn abandon(&self, ticket: u64) -> Result<(), PortError>;
}

/// What a host app says of one of its methods. A program may call it when its manifest names it in
/// `methods` and the host app allows the program; for all others it does not exist.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HostMethodDeclaration {
    /// Its name: `vendor.name`, both of letters and digits.
    pub name: String,
    /// What it takes. What does not look like this never reaches the host app, nor does anything else
    /// that a page sends with it.
    pub params: Vec<HostMethodMember>,
    /// What it gives: an object with these members and no other. A page never gets anything else;
    /// it hears `internal` then.
    pub result: Vec<HostMethodMember>,
    /// The scope of which the program needs a live grant.
    pub scope: Option<String>,
    /// Whether the host app may show the user something. The page must be visible and touched then,
    /// and the call may last as long as a consent prompt.
    pub prompts: bool,
    /// The programs that may call it, by their manifests' `id`; none where all may that declare it.
    pub only: Option<Vec<String>>,
}

/// One member of what a method takes or gives.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HostMethodMember {
    /// Its name.
    pub name: String,
    /// What it looks like.
    pub form: MemberForm,
    /// Whether it must be there.
    pub required: bool,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MemberForm {
    /// A string.
    Text,
    /// A string of at most so many characters.
    ShortText {
        /// How many.
        characters: u32,
    },
    /// A list of strings.
    Texts,
    /// A whole number that is not negative.
    Whole,
    /// `true` or `false`.
    Flag,
    /// An instant in UTC (RFC 3339).
    Time,
    /// Whatever JSON can say.
    Anything,
}

/// One call that is allowed. What the page sent is not in it, since a record's text shows all.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HostCall {
    /// To be repeated with the answer.
    pub ticket: u64,
    /// The same as in the page's error and the host app's log.
    pub correlation: String,
    /// Which method.
    pub method: String,
    /// Who calls: the manifest's `id`.
    pub mini_program: String,
    /// From which session.
    pub session: u64,
    /// Who is signed in. Always somebody where the method needs a scope.
    pub user: Option<User>,
    /// Milliseconds that it may take; after that nobody waits for it.
    pub time_allowed_ms: u64,
}

/// What comes of a call.
pub(crate) type Returned = Result<Value, HostMethodFailure>;

/// Reads what a method gave.
pub(crate) fn result(json: &str) -> Result<Returned, MethodResultError> {
    Ok(Ok(serde_json::from_str(json).map_err(|_| MethodResultError::NotJson)?))
}

/// Reads why a method gave nothing.
pub(crate) fn failure(reason: &str, message: String) -> Result<Returned, MethodResultError> {
    Ok(Err(HostMethodFailure { reason: self::reason(reason)?, message }))
}

/// Reads one of the bridge's reasons.
pub(crate) fn reason(text: &str) -> Result<Reason, MethodResultError> {
    let known = Reason::ALL.iter().copied().find(|known| known.as_str() == text);
    known.ok_or(MethodResultError::UnknownReason)
}

/// A foreign method as a port of the SDK.
pub(crate) struct ForeignMethod {
    declaration: minihost::HostMethodDeclaration,
    port: Arc<dyn HostMethod>,
    later: Later<Returned>,
}

impl ForeignMethod {
    pub(crate) fn new(own: OwnMethod, later: Later<Returned>) -> Result<Self, InvalidMethodName> {
        Ok(Self { declaration: own.declaration.read()?, port: own.method, later })
    }
}

#[async_trait]
impl ports::HostMethod for ForeignMethod {
    fn declaration(&self) -> minihost::HostMethodDeclaration {
        self.declaration.clone()
    }

    async fn call(&self, call: &minihost::HostCall) -> Returned {
        let ticket = call.ticket;
        let params = Value::Object(call.params.clone()).to_string();
        let call = HostCall {
            ticket: ticket.0,
            correlation: call.correlation.as_str().to_owned(),
            method: call.method.as_str().to_owned(),
            mini_program: call.mini_program.as_str().to_owned(),
            session: call.session.0,
            user: call.user.clone().map(User::from),
            time_allowed_ms: milliseconds(call.time_allowed),
        };
        let (begin, abandon) = (self.port.clone(), self.port.clone());
        let answer = self.later.ask(
            ticket,
            move || asked("HostMethod.call", begin.call(call, params)),
            move || PortError::note("HostMethod.abandon", abandon.abandon(ticket.0)),
        );
        answer.await.unwrap_or_else(|_| {
            let message = "The host's method failed.".to_owned();
            Err(HostMethodFailure { reason: Reason::Internal, message })
        })
    }
}

impl HostMethodDeclaration {
    fn read(self) -> Result<minihost::HostMethodDeclaration, InvalidMethodName> {
        Ok(minihost::HostMethodDeclaration {
            name: HostMethodName::new(self.name)?,
            params: self.params.into_iter().map(Into::into).collect(),
            result: self.result.into_iter().map(Into::into).collect(),
            scope: self.scope.map(Scope::new),
            prompting: if self.prompts { Prompting::Possible } else { Prompting::Never },
            programs: match self.only {
                Some(only) => Programs::Only(only.into_iter().map(MiniProgramId::new).collect()),
                None => Programs::AllThatDeclareIt,
            },
        })
    }
}

impl From<HostMethodMember> for minihost::HostMethodMember {
    fn from(HostMethodMember { name, form, required }: HostMethodMember) -> Self {
        let presence = if required { Presence::Required } else { Presence::Optional };
        Self { name, form: form.into(), presence }
    }
}

impl From<MemberForm> for Form {
    fn from(form: MemberForm) -> Self {
        match form {
            MemberForm::Text => Self::Text,
            MemberForm::ShortText { characters } => Self::ShortText(characters as usize),
            MemberForm::Texts => Self::Texts,
            MemberForm::Whole => Self::Whole,
            MemberForm::Flag => Self::Flag,
            MemberForm::Time => Self::Time,
            MemberForm::Anything => Self::Anything,
        }
    }
}
