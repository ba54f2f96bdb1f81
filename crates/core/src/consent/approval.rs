//! The value without which no code request can be made.
//!
//! Nobody outside this crate can make an [`Approval`]. In it, one comes of the user's answer
//! ([`Decision::approve`]), of live grants that remember one ([`Decision::approve_again`]), or of
//! what the host lets every program know ([`Decision::approve_silently`]). It cannot be copied, and making a [`CodeRequest`](crate::CodeRequest) consumes it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::{DecisionId, Locale, MiniProgramId, Scope, UserId, ViewDigest};

/// The user's consent to one code request.
#[derive(Debug)]
pub struct Approval {
    user: UserId,
    mini_program: MiniProgramId,
    scopes: BTreeSet<Scope>,
    mode: ConsentMode,
    decision: Decision,
}

/// How the user's consent came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentMode {
    /// The user answered a prompt for this request.
    Prompt,
    /// The user answered earlier and it is remembered.
    Remembered,
    /// The host lets programs recognise its user without asking.
    Silent,
}

/// One answer of the user, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) id: DecisionId,
    pub(crate) at: Timestamp,
    pub(crate) locale: Locale,
    /// What the user saw; nothing where nobody asked.
    pub(crate) digest: Option<ViewDigest>,
}

/// Who agreed to what.
pub(crate) struct ApprovedBy {
    pub(crate) user: UserId,
    pub(crate) mini_program: MiniProgramId,
    pub(crate) scopes: BTreeSet<Scope>,
}

impl Decision {
    /// Makes an approval of an answer just given, for one of the requests that asked.
    pub(crate) fn approve(&self, by: ApprovedBy) -> Approval {
        Approval::new(by, ConsentMode::Prompt, self.clone())
    }

    /// Makes an approval of an answer that is remembered by live grants.
    pub(crate) fn approve_again(&self, by: ApprovedBy) -> Approval {
        Approval::new(by, ConsentMode::Remembered, self.clone())
    }

    /// Makes an approval that the host's silent tier stands for. The decision is the host's.
    pub(crate) fn approve_silently(&self, by: ApprovedBy) -> Approval {
        Approval::new(by, ConsentMode::Silent, self.clone())
    }
}

impl Approval {
    fn new(by: ApprovedBy, mode: ConsentMode, decision: Decision) -> Self {
        let ApprovedBy { user, mini_program, scopes } = by;
        Self { user, mini_program, scopes, mode, decision }
    }

    /// What was agreed to.
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// Who agreed.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// To whose request.
    pub fn mini_program(&self) -> &MiniProgramId {
        &self.mini_program
    }

    /// How.
    pub fn mode(&self) -> ConsentMode {
        self.mode
    }

    /// The answer that it comes of.
    pub(crate) fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Ends the approval and leaves what may be shown to the authorization server.
    pub(crate) fn into_evidence(self, jti: String) -> ConsentEvidence {
        let Decision { id, at, locale, digest } = self.decision;
        ConsentEvidence { jti, id, at, mode: self.mode, scopes: self.scopes, locale, digest }
    }
}

/// What the authorization server is told of the user's consent: the `consent` parameter.
#[derive(Debug, Serialize)]
pub struct ConsentEvidence {
    /// New for every code request.
    pub jti: String,
    /// The user's decision; the same for as long as it is remembered.
    pub id: DecisionId,
    /// When the user decided.
    pub at: Timestamp,
    /// How the consent came about.
    pub mode: ConsentMode,
    /// What the user agreed to, now or before: all that the code is asked for.
    pub scopes: BTreeSet<Scope>,
    /// The language the user read.
    pub locale: Locale,
    /// The digest of what the user saw, which shows only what was not granted before; absent where
    /// nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<ViewDigest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_evidence_has_the_form_that_servers_read() {
        let decision = Decision {
            id: DecisionId::new("d-1"),
            at: "2026-11-23T10:00:00Z".parse().unwrap(),
            locale: Locale::new("en"),
            digest: Some(ViewDigest::new("x")),
        };
        let approval = decision.approve(ApprovedBy {
            user: UserId::new("u"),
            mini_program: MiniProgramId::new("teahouse"),
            scopes: Scope::parse_list("openid email"),
        });
        let evidence = serde_json::to_string(&approval.into_evidence("j-1".into())).unwrap();
        assert_eq!(
            evidence,
            r#"{"jti":"j-1","id":"d-1","at":"2026-11-23T10:00:00Z","mode":"prompt","scopes":["email","openid"],"locale":"en","digest":"x"}"#
        );
    }
}
