//! Methods of the host's own: what they are called, what they take, and who may call them.

use std::{collections::BTreeSet, fmt, time::Duration};

use minihost_protocol::{
    Failure, Reason,
    declaration::{Form, Member, Presence, Prompting, check, conforms, declared},
    registry::is_host_method_name,
};
use serde_json::{Map, Value};

use crate::{CorrelationId, MiniProgramId, Scope, SessionId, Ticket, User};

/// The name of a method of the host's own: `vendor.name`, in ASCII letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostMethodName(String);

/// The text is no name for a method of the host's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a host's method is named `vendor.name`, both of letters and digits; `host.`, `auth.` and `$/` are reserved"
)]
pub struct InvalidMethodName;

impl HostMethodName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`InvalidMethodName`].
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidMethodName> {
        let name = name.into();
        if is_host_method_name(&name) { Ok(Self(name)) } else { Err(InvalidMethodName) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostMethodName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a host says of one of its methods. A program may call it when its manifest names it in
/// `methods` and the host allows the program; for all others it does not exist.
#[derive(Clone, Debug)]
pub struct HostMethodDeclaration {
    /// Its name.
    pub name: HostMethodName,
    /// What it takes. What does not look like this never reaches the host, nor does anything else
    /// that a page sends with it.
    pub params: Vec<HostMethodMember>,
    /// What it gives: an object with these members and no other. A page never gets anything else;
    /// it hears `internal` then.
    pub result: Vec<HostMethodMember>,
    /// The scope of which the program needs a live grant.
    pub scope: Option<Scope>,
    /// Whether the host may show the user something. The page must be visible and touched then, and
    /// the call may last as long as a consent prompt.
    pub prompting: Prompting,
    /// Which programs may call it, of those that declare it.
    pub programs: Programs,
}

/// One member of what a host's method takes or gives.
#[derive(Clone, Debug)]
pub struct HostMethodMember {
    /// Its name.
    pub name: String,
    /// What it looks like.
    pub form: Form,
    /// Whether it may be left out.
    pub presence: Presence,
}

/// Which programs may call a method, of those whose manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programs {
    /// All of them: the host trusts its publishers' manifests.
    AllThatDeclareIt,
    /// These alone.
    Only(BTreeSet<MiniProgramId>),
}

/// One call of a host's method that is allowed. Has no `Debug`: a page may send what is private.
pub struct HostCall {
    /// To be repeated with what comes of it.
    pub ticket: Ticket,
    /// For the host's log.
    pub correlation: CorrelationId,
    /// Which method.
    pub method: HostMethodName,
    /// Who calls.
    pub mini_program: MiniProgramId,
    /// From which session.
    pub session: SessionId,
    /// Who is signed in. Always somebody where the method needs a scope.
    pub user: Option<User>,
    /// As declared: no other members.
    pub params: Map<String, Value>,
    /// How long the call may take; after that nobody waits for it.
    pub time_allowed: Duration,
}

/// Why a host's method gives no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMethodFailure {
    /// What the mini-program decides on.
    pub reason: Reason,
    /// One English sentence for the mini-program's developer.
    pub message: String,
}

impl HostMethodMember {
    fn declared(&self) -> Member<'_> {
        Member { name: &self.name, form: self.form, presence: self.presence, summary: "" }
    }
}

impl HostMethodDeclaration {
    /// What of a page's parameters the method gets.
    pub(crate) fn take(&self, params: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
        let members = self.params.iter().map(HostMethodMember::declared);
        check(members.clone(), &params)?;
        Ok(declared(members, params))
    }

    /// Whether this is what the method gives.
    pub(crate) fn gives(&self, result: &Value) -> bool {
        let members: Vec<_> = self.result.iter().map(HostMethodMember::declared).collect();
        conforms(&members, result)
    }

    pub(crate) fn allows(&self, program: &MiniProgramId) -> bool {
        match &self.programs {
            Programs::AllThatDeclareIt => true,
            Programs::Only(programs) => programs.contains(program),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_method_is_told_by_its_name() {
        let name = HostMethodName::new("acme.print").unwrap();
        assert_eq!((name.to_string().as_str(), name.as_str()), ("acme.print", "acme.print"));
        assert!(HostMethodName::new("auth.print").is_err());
    }
}
