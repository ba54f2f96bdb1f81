//! What the outside knows of programs and of what their pages ask.

use std::collections::BTreeSet;

use minihost::{DocumentId, Grant, ReplyToken, SessionId};
use serde_json::Value;

/// Between whom a grant is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Party {
    pub(crate) user: String,
    pub(crate) program: String,
    pub(crate) publisher_key: String,
    pub(crate) client: String,
    pub(crate) audience: Option<String>,
}

/// One scope of one party.
pub(crate) type Key = (Party, String);

/// One release of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) publisher_key: String,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
}

/// One message on its way to the host.
pub(crate) struct Sent {
    pub(crate) session: SessionId,
    pub(crate) document: DocumentId,
    pub(crate) token: ReplyToken,
    pub(crate) program: Program,
    pub(crate) wants: Wants,
    /// What the answer must repeat; null where the host cannot know it.
    pub(crate) id: Value,
    /// Whether the platform says that the program's own main frame sent it.
    pub(crate) genuine: bool,
    /// Whether a prompt may follow, by what the platform says.
    pub(crate) may_prompt: bool,
    /// Who is signed in.
    pub(crate) user: Option<String>,
}

/// What a message wants.
pub(crate) enum Wants {
    Code(CodeAsked),
    Revoke(Option<BTreeSet<String>>),
    Method(&'static str),
    /// Something that is no request: refused at once.
    Nonsense,
    /// Nothing that is answered.
    NoAnswer,
}

/// What a page asks a code for.
#[derive(Clone)]
pub(crate) struct CodeAsked {
    pub(crate) challenge: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) audience: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) prompt: &'static str,
}

/// A code request as the authorization server gets it.
pub(crate) struct CodeSent {
    pub(crate) challenge: String,
    pub(crate) method: String,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) audience: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) consent: Value,
    /// Whose token it carries.
    pub(crate) token_user: Option<String>,
}

impl Party {
    pub(crate) fn of(user: &str, program: &Program, audience: Option<String>) -> Self {
        Self {
            user: user.to_owned(),
            program: program.id.clone(),
            publisher_key: program.publisher_key.clone(),
            client: program.client.clone(),
            audience,
        }
    }

    /// Whether it is a grant to this release, or to one that is as good as this.
    pub(crate) fn is_of(&self, program: &Program) -> bool {
        self.program == program.id
            && self.publisher_key == program.publisher_key
            && self.client == program.client
    }

    pub(crate) fn of_grant(grant: &Grant) -> Self {
        let party = &grant.key.party;
        Self {
            user: party.user.to_string(),
            program: party.mini_program.to_string(),
            publisher_key: party.publisher_key.to_string(),
            client: party.client_id.to_string(),
            audience: party.audience.as_ref().map(ToString::to_string),
        }
    }
}
