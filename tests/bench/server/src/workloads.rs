//! What a server is asked for.

use std::collections::VecDeque;

use serde::Deserialize;

use crate::failure::Outcome;
use crate::load::Workload;
use crate::party::Party;
use crate::request::{FormRequest, get, get_as_bearer};
use crate::setting::Setting;

/// The example of RFC 7636 appendix B: what the codes of one benchmark have in common does not matter.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What a code is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// With an ID token.
    WithOpenid,
    /// Without.
    WithoutOpenid,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::WithOpenid => "openid profile email phone",
            Self::WithoutOpenid => "profile email phone",
        }
    }
}

/// Code requests of the host, for one user after the other.
pub(crate) struct Codes {
    form: FormRequest,
    subjects: Vec<String>,
    asked: usize,
    limit: usize,
    pub(crate) codes: Vec<String>,
}

impl Codes {
    pub(crate) fn new(party: &Party, setting: &Setting, scope: Scope, limit: usize) -> Self {
        let fields = [
            ("response_type", "code"),
            ("target_client_id", &setting.program.id),
            ("redirect_uri", &setting.redirect_uri),
            ("scope", scope.as_str()),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        Self {
            form: FormRequest::new(&party.host, "/challenge", &setting.host, &fields),
            subjects: party.subject_tokens.clone(),
            asked: 0,
            limit,
            codes: Vec::new(),
        }
    }
}

impl Workload for Codes {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        if self.asked == self.limit {
            return false;
        }
        let subject = &self.subjects[self.asked % self.subjects.len()];
        self.form.write(request, "subject_token", subject);
        self.asked += 1;
        true
    }

    fn answered(&mut self, body: &[u8]) -> Outcome<()> {
        #[derive(Deserialize)]
        struct Answer {
            authorization_code: String,
        }
        let Answer { authorization_code } = serde_json::from_slice(body)?;
        self.codes.push(authorization_code);
        Ok(())
    }
}

/// An access token and the refresh token beside it.
pub(crate) struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    /// Reads an answer of the token endpoint, which must have an ID token where `scope` asks for one.
    fn read(body: &[u8], scope: Scope) -> Outcome<Self> {
        #[derive(Deserialize)]
        struct Answer<'a> {
            access_token: String,
            refresh_token: String,
            id_token: Option<&'a str>,
        }
        let answer: Answer<'_> = serde_json::from_slice(body)?;
        if answer.id_token.is_some() != (scope == Scope::WithOpenid) {
            return Err("an ID token is missing, or is there though nobody asked for one".into());
        }
        Ok(Self { access: answer.access_token, refresh: answer.refresh_token })
    }
}

/// Redeems each code once.
pub(crate) struct Redeem {
    form: FormRequest,
    scope: Scope,
    codes: Vec<String>,
    pub(crate) tokens: Vec<Tokens>,
}

impl Redeem {
    /// `codes` were asked for with `scope`.
    pub(crate) fn new(party: &Party, setting: &Setting, scope: Scope, codes: Vec<String>) -> Self {
        let fields = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", &setting.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let form = FormRequest::new(&party.host, "/token", &setting.program, &fields);
        Self { form, scope, codes, tokens: Vec::new() }
    }
}

impl Workload for Redeem {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let code = self.codes.pop();
        if let Some(code) = &code {
            self.form.write(request, "code", code);
        }
        code.is_some()
    }

    fn answered(&mut self, body: &[u8]) -> Outcome<()> {
        self.tokens.push(Tokens::read(body, self.scope)?);
        Ok(())
    }
}

/// Refreshes one session after the other, each with the refresh token that it got last.
pub(crate) struct Refresh {
    form: FormRequest,
    scope: Scope,
    tokens: VecDeque<Tokens>,
}

impl Refresh {
    /// `tokens` belong to codes that were asked for with `scope`.
    pub(crate) fn new(party: &Party, setting: &Setting, scope: Scope, tokens: Vec<Tokens>) -> Self {
        let fields = [("grant_type", "refresh_token")];
        let form = FormRequest::new(&party.host, "/token", &setting.program, &fields);
        Self { form, scope, tokens: tokens.into() }
    }
}

impl Workload for Refresh {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let tokens = self.tokens.pop_front();
        if let Some(tokens) = &tokens {
            self.form.write(request, "refresh_token", &tokens.refresh);
        }
        tokens.is_some()
    }

    fn answered(&mut self, body: &[u8]) -> Outcome<()> {
        self.tokens.push_back(Tokens::read(body, self.scope)?);
        Ok(())
    }
}

/// Reads the user's details with one access token after the other.
pub(crate) struct Userinfo {
    requests: Vec<String>,
    asked: usize,
    limit: usize,
}

impl Userinfo {
    /// The access tokens must have the scope `openid`.
    pub(crate) fn new(party: &Party, tokens: &[Tokens], limit: usize) -> Self {
        let request = |tokens: &Tokens| get_as_bearer(&party.host, "/userinfo", &tokens.access);
        Self { requests: tokens.iter().map(request).collect(), asked: 0, limit }
    }
}

impl Workload for Userinfo {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        if self.asked == self.limit || self.requests.is_empty() {
            return false;
        }
        request.extend_from_slice(self.requests[self.asked % self.requests.len()].as_bytes());
        self.asked += 1;
        true
    }

    fn answered(&mut self, body: &[u8]) -> Outcome<()> {
        #[derive(Deserialize)]
        struct Answer<'a> {
            sub: &'a str,
            email: &'a str,
        }
        let Answer { sub, email } = serde_json::from_slice(body)?;
        if sub.is_empty() || email.is_empty() {
            Err("the user has no details".into())
        } else {
            Ok(())
        }
    }
}

/// The smallest request, for servers that do nothing but answer.
pub(crate) struct Bare(String);

impl Bare {
    pub(crate) fn new(party: &Party) -> Self {
        Self(get(&party.host, "/"))
    }
}

impl Workload for Bare {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        request.extend_from_slice(self.0.as_bytes());
        true
    }

    fn answered(&mut self, _: &[u8]) -> Outcome<()> {
        Ok(())
    }
}
