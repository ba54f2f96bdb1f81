//! The network between the host and the authorization server. Under it the host's own code runs
//! whole: discovery, sign-in, refresh, code requests, with their limits and repetitions.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost::ports::{HttpError, HttpRequest, HttpResponse, HttpTransport, SecretBytes};
use serde_json::Value;
use url::form_urlencoded;

use super::{
    Life, Server, World, never,
    server::{Answer, Flaw, refused, refused_saying},
};
use crate::{judge::CodeSent, rule::Rule};

/// What the host's process sees of it.
pub(crate) struct Network(pub(crate) Arc<World>);

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Well,
    Flawed(Flaw),
    /// No connection.
    NotSent,
    /// Lost on the way there.
    LostBefore,
    /// The server has acted, and the answer is lost.
    LostAfter,
    Hangs,
    Page,
    Garbage,
    Status(u16),
    Refused(u16, &'static str),
}

const ANYWHERE: [(u64, Fate); 9] = [
    (3, Fate::NotSent),
    (2, Fate::LostBefore),
    (2, Fate::LostAfter),
    (2, Fate::Hangs),
    (1, Fate::Page),
    (1, Fate::Garbage),
    (1, Fate::Status(500)),
    (1, Fate::Status(503)),
    (1, Fate::Status(429)),
];

const FOR_CODES: [(u64, Fate); 17] = [
    (1, Fate::Refused(403, "access_denied")),
    (3, Fate::Refused(400, "consent_required")),
    (3, Fate::Refused(400, "login_required")),
    (1, Fate::Refused(400, "interaction_required")),
    (2, Fate::Refused(400, "account_selection_required")),
    (1, Fate::Refused(400, "invalid_scope")),
    (1, Fate::Refused(400, "unauthorized_client")),
    (2, Fate::Refused(403, "insufficient_authorization")),
    (2, Fate::Refused(403, "redirect_to_web")),
    (1, Fate::Refused(400, "invalid_session")),
    (1, Fate::Refused(401, "invalid_client")),
    (1, Fate::Refused(400, "secret-word-of-the-server-1")),
    (1, Fate::Flawed(Flaw::OtherClient)),
    (1, Fate::Flawed(Flaw::NoClient)),
    (1, Fate::Flawed(Flaw::MoreScopes)),
    (1, Fate::Flawed(Flaw::OtherIssuer)),
    (2, Fate::Flawed(Flaw::FewerScopes)),
];

/// Says when a code request is over, however it ends.
struct OnTheWay {
    world: Arc<World>,
    challenge: String,
}

impl Drop for OnTheWay {
    fn drop(&mut self) {
        self.world.state().judge.code_request_ended(&self.challenge);
    }
}

#[async_trait]
impl HttpTransport for Network {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let world = &self.0;
        let path = request.url().path().to_owned();
        let signed_in = world.user();
        let (when, told, form) = (world.when(), world.clock.total(), form(request));
        let what = || format!("network: {} {path}", request.method());
        let begun = world.called(what, |state| {
            let fails = state.chance.percent(state.temper.network_fails);
            let fate = match path.as_str() {
                _ if !fails => Fate::Well,
                "/challenge" if state.chance.percent(60) => state.chance.weighted(&FOR_CODES),
                _ => state.chance.weighted(&ANYWHERE),
            };
            let code = (path == "/challenge").then(|| code_sent(&form, &state.server));
            if let Some(sent) = &code {
                let user = signed_in.as_ref().map(|user| (user.id.as_str(), user.epoch));
                state.judge.code_asked(when, sent, user);
            }
            (fate, code)
        });
        let Some((fate, code)) = begun else { return never().await };
        let on_the_way = code
            .as_ref()
            .map(|sent| OnTheWay { world: world.clone(), challenge: sent.challenge.clone() });
        world.wait(1, 150).await;
        let answer = match fate {
            Fate::NotSent => return Err(HttpError::NotSent("no route".to_owned())),
            Fate::LostBefore => return Err(HttpError::MaybeSent("reset".to_owned())),
            Fate::Hangs => return never().await,
            Fate::Page => Answer { status: 200, body: "<html>Welcome</html>".to_owned() },
            Fate::Garbage => Answer { status: 200, body: "{\"authorization_code\":".to_owned() },
            Fate::Status(status) => refused(status, "server_error"),
            Fate::Refused(status, error) => {
                // A server that repeats secrets in its own words.
                let token = form.get("subject_token").map(String::as_str).unwrap_or_default();
                refused_saying(status, error, &format!("The token {token} will not do."))
            }
            Fate::Well | Fate::LostAfter | Fate::Flawed(_) => {
                let flaw = match fate {
                    Fate::Flawed(flaw) => flaw,
                    _ => Flaw::None,
                };
                self.act(request, &path, &form, code.as_ref(), (flaw, told))
            }
        };
        world.wait(1, 150).await;
        drop(on_the_way);
        if world.state().life == Life::Died {
            return never().await;
        }
        if fate == Fate::LostAfter {
            return Err(HttpError::MaybeSent("reset".to_owned()));
        }
        world.note(|| format!("network: {path} gives {} {}", answer.status, answer.body));
        let kind = if answer.body.starts_with('<') { "text/html" } else { "application/json" };
        let headers = vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("retry-after".to_owned(), "7".to_owned()),
        ];
        Ok(HttpResponse::new(answer.status, headers, SecretBytes::new(answer.body)))
    }
}

impl Network {
    /// The server acts.
    fn act(
        &self,
        request: &HttpRequest,
        path: &str,
        form: &BTreeMap<String, String>,
        code: Option<&CodeSent>,
        (flaw, told): (Flaw, Duration),
    ) -> Answer {
        let now = self.0.when().time;
        let epoch = self.0.user().map(|user| user.epoch);
        let mut state = self.0.state();
        let state = &mut *state;
        state.judge.seen(epoch);
        match (request.method(), path) {
            ("GET", "/.well-known/oauth-authorization-server") => Server::metadata(),
            ("POST", "/token") => state.server.token(form, now),
            ("GET", "/userinfo") => {
                let mut headers = request.headers();
                let bearer = headers.find(|(name, _)| *name == "authorization");
                let token = bearer.and_then(|(_, value)| value.strip_prefix("Bearer "));
                state.server.userinfo(token.unwrap_or_default(), now)
            }
            ("POST", "/challenge") => {
                let Some(code) = code else { return refused(400, "invalid_request") };
                state.judge.evidence_used(code);
                let token = form.get("subject_token").map(String::as_str).unwrap_or_default();
                state.server.challenge(code, token, flaw, now)
            }
            ("DELETE", path) => {
                let id = path.rsplit('/').next().unwrap_or_default();
                if let Some((user, client)) = state.server.end_grant(id) {
                    state.judge.ended_at_server(&user, &client, told, now);
                }
                Answer { status: 204, body: String::new() }
            }
            _ => {
                state.judge.blame(Rule::NoCodeWithoutConsent, format!("a request to {path}"));
                refused(404, "not_found")
            }
        }
    }
}

fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    let body = request.body().unwrap_or_default();
    form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn code_sent(form: &BTreeMap<String, String>, server: &Server) -> CodeSent {
    let member = |name: &str| form.get(name).cloned();
    let text = |name: &str| member(name).unwrap_or_default();
    let consent = serde_json::from_str(&text("consent")).unwrap_or(Value::Null);
    CodeSent {
        challenge: text("code_challenge"),
        method: text("code_challenge_method"),
        client: text("target_client_id"),
        redirect_uri: text("redirect_uri"),
        scopes: text("scope").split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        audience: member("resource"),
        nonce: member("nonce"),
        consent,
        token_user: server.owner_of(&text("subject_token")),
    }
}
