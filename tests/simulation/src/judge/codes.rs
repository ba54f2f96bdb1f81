//! Rules 2 and 5: which code requests may be made, and which codes may be delivered.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use super::{CodeSent, Judge, Party, When, requests::Waiting};
use crate::rule::Rule::{self, NoCodeWithoutConsent, NothingIsLost, PkceAlways};

impl Judge {
    /// A code request is on its way to the server. `first` where it was not sent before.
    pub(crate) fn code_asked(
        &mut self,
        when: When,
        sent: &CodeSent,
        signed_in: Option<(&str, u64)>,
    ) {
        let key = self.challenges.get(&sent.challenge).copied();
        let Some(waiting) = key.and_then(|key| self.waiting.get_mut(&key)) else {
            let what = format!("a code request for {}, for which nobody waits", sent.challenge);
            return self.blame(NoCodeWithoutConsent, what);
        };
        waiting.code_asked = true;
        let Some(code) = waiting.code.clone() else { return };
        let (program, genuine) = (waiting.program.clone(), waiting.genuine);
        let received = When { uptime: waiting.received, time: waiting.received_at };
        self.expect(genuine, Rule::IdentityFromTheContainer, || {
            format!("a forged request of {} leads to a code request", program.id)
        });
        self.expect(sent.method == "S256", PkceAlways, || format!("{} as the method", sent.method));
        let same = sent.client == program.client
            && sent.redirect_uri == program.redirect_uri
            && sent.audience == code.audience
            && sent.nonce == code.nonce
            && sent.scopes.is_subset(&code.scopes)
            && !sent.scopes.is_empty();
        self.expect(same, NoCodeWithoutConsent, || {
            format!("the code request for {} is not what the page asked", sent.challenge)
        });
        let user = sent.token_user.as_deref();
        self.expect(
            user.is_some() && user == signed_in.map(|(user, _)| user),
            NoCodeWithoutConsent,
            || format!("the code request carries {user:?}'s token, and {signed_in:?} is signed in"),
        );
        let Some((user, epoch)) = signed_in else { return };
        let party = Party::of(user, &program, code.audience.clone());
        if let Some(waiting) = key.and_then(|key| self.waiting.get_mut(&key)) {
            waiting.party = Some(party.clone());
        }
        self.check_evidence(sent);
        self.check_consent(when, received, sent, (&party, epoch));
        self.under_way.insert(sent.challenge.clone(), when.uptime);
    }

    /// A code request is over, answered or given up.
    pub(crate) fn code_request_ended(&mut self, challenge: &str) {
        self.under_way.remove(challenge);
    }

    fn check_evidence(&mut self, sent: &CodeSent) {
        let told: BTreeSet<String> = texts(&sent.consent["scopes"]);
        self.expect(told == sent.scopes, NoCodeWithoutConsent, || {
            format!("the evidence is for {told:?}, the code request for {:?}", sent.scopes)
        });
    }

    /// A number that names one code request is never used for another.
    pub(crate) fn evidence_used(&mut self, sent: &CodeSent) {
        let jti = sent.consent["jti"].as_str().unwrap_or_default();
        let named = format!("{jti} {}", sent.challenge);
        let reused = self.evidence_seen.iter().any(|seen| seen.starts_with(jti) && *seen != named);
        self.expect(!reused && !jti.is_empty(), NoCodeWithoutConsent, || {
            format!("the evidence {jti} is used twice")
        });
        self.evidence_seen.insert(named);
    }

    fn check_consent(
        &mut self,
        when: When,
        received: When,
        sent: &CodeSent,
        (party, epoch): (&Party, u64),
    ) {
        let mode = sent.consent["mode"].as_str().unwrap_or_default();
        let covered = match mode {
            "silent" => party.audience.is_none() && sent.scopes.iter().eq(["openid"]),
            "remembered" => {
                // A grant may expire while its request is on its way, and begin while it waits.
                sent.scopes.iter().all(|scope| {
                    let at = [when.time, received.time];
                    at.iter().any(|at| self.is_granted(party, scope, *at))
                        || self.has_agreed_since(received.uptime, party, scope)
                })
            }
            "prompt" => self.answers.iter().any(|answer| {
                answer.party == *party
                    && answer.epoch == epoch
                    && answer.covers(&sent.scopes)
                    && answer.is_told_by(&sent.consent)
            }),
            _ => false,
        };
        self.expect(covered, NoCodeWithoutConsent, || {
            format!("a code request in mode {mode:?} for {:?} of {party:?}", sent.scopes)
        });
        if mode == "prompt" {
            self.check_stored_first(when, sent, party);
        }
    }

    /// What is to be remembered is stored, has failed to be, or has taken too long.
    fn check_stored_first(&mut self, when: When, sent: &CodeSent, party: &Party) {
        let answer = self.answers.iter().find(|answer| answer.is_told_by(&sent.consent));
        let Some(answer) = answer.filter(|answer| answer.remember.is_some()) else { return };
        let (at, fresh) = (answer.at, sent.scopes.intersection(&answer.offered));
        let unsaved = fresh
            .map(|scope| (party.clone(), scope.clone()))
            .find(|key| self.is_being_stored(key, at, when.uptime));
        if let Some(unsaved) = unsaved {
            self.blame(NothingIsLost, format!("a code is asked for before {unsaved:?} is stored"));
        }
    }

    /// What an answer delivers must be what the server gave for this very request.
    pub(super) fn check_delivered_code(
        &mut self,
        waiting: &Waiting,
        message: &Value,
        (at, now): (Duration, Timestamp),
    ) {
        let result = &message["result"];
        let Some(delivered) = result["code"].as_str() else { return };
        let Some(asked) = &waiting.code else {
            return self.blame(NoCodeWithoutConsent, "a code for something that asked for none");
        };
        let mine = delivered.ends_with(&format!("-for-{}", asked.challenge));
        self.expect(mine && !delivered.contains("unsound"), NoCodeWithoutConsent, || {
            format!("the code {delivered} is not the one for {}", asked.challenge)
        });
        let new = self.codes_delivered.insert(delivered.to_owned());
        self.expect(new, Rule::ExactlyOneAnswer, || format!("{delivered} is delivered twice"));
        let granted = texts(&result["grantedScopes"]);
        if let Some(party) = &waiting.party {
            self.named(party, &granted, (at, now));
        }
        let denied: BTreeSet<String> = result["deniedScopes"]
            .as_object()
            .map(|denied| denied.keys().cloned().collect())
            .unwrap_or_default();
        let all: BTreeSet<String> = granted.union(&denied).cloned().collect();
        let apart = granted.is_disjoint(&denied) && all == asked.scopes && !granted.is_empty();
        self.expect(apart, NoCodeWithoutConsent, || {
            format!("{granted:?} granted and {denied:?} denied of {:?}", asked.scopes)
        });
        let repeated = result["state"].as_str() == asked.state.as_deref()
            && result["clientId"] == waiting.program.client
            && result["redirectUri"] == waiting.program.redirect_uri;
        self.expect(repeated, Rule::OnlyTheDocumentThatAsked, || {
            format!("the state, client or redirect URI is another's: {result}")
        });
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
