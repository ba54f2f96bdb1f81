//! Reading a transcript's inputs, and the host that it is played against.

use std::{collections::BTreeSet, time::Duration};

use minihost_core::{
    AuthorizationCode, BrowserSupport, CallContext, Capability, Choice, ClientId, Config,
    DocumentId, Effect, EndOutcome, EndingId, Frame, GrantId, HostMethodDeclaration,
    HostMethodFailure, HostMethodMember, HostMethodName, Input, IssueFailure, IssuedCode, Issuer,
    Locale, MiniProgramId, OnSignOut, Programs, PromptId, PublisherKey, Remember, RememberChoices,
    ReplyToken, RevokeCall, SaveId, SaveOutcome, Scope, SessionId, SettingsPage, SignInOutcome,
    SignInSupport, SilentTier, Switch, Ticket, Trust, Visibility, Words,
};
use minihost_protocol::{
    Reason,
    declaration::{Form, Presence, Prompting},
};
use serde_json::Value;

use crate::{Machine, alice, bob, call, initialize, manifest};

/// The machine of a host that differs from the usual one as said. `None` where that is not known.
pub(super) fn machine(host: &Value) -> Option<Machine> {
    let mut known = true;
    let machine = Machine::with(|config| known = change(config, host).is_some());
    known.then_some(machine)
}

fn change(config: &mut Config, host: &Value) -> Option<()> {
    let Some(members) = host.as_object() else { return Some(()) };
    for (name, value) in members {
        match (name.as_str(), value.as_str()) {
            ("silent", Some("recognise")) => config.silent = SilentTier::Recognise,
            ("signIn", Some("present")) => config.sign_in = SignInSupport::Present,
            ("browser", Some("present")) => config.browser = BrowserSupport::Present,
            ("settings", Some("present")) => config.settings = SettingsPage::Present,
            ("onSignOut", Some("forget")) => config.on_sign_out = OnSignOut::ForgetGrants,
            ("name", Some(name)) => config.host.name = name.to_owned(),
            ("remember", _) => {
                let choices = serde_json::from_value::<Vec<Remember>>(value.clone()).ok()?;
                config.remember = RememberChoices::only(choices)?;
            }
            ("words", _) => {
                let own = value.as_object()?.iter();
                let own =
                    own.filter_map(|(language, text)| Some((language.as_str(), text.as_str()?)));
                config.words = Words::with(own).ok()?;
            }
            ("methods", _) => {
                config.methods = value.as_array()?.iter().map(method).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(())
}

/// `{"name", "scope"?, "prompts"?: true, "only"?: [programs], "text"?: name of a required text,
/// "result"?: {name: "text" or "whole"}}`.
fn method(value: &Value) -> Option<HostMethodDeclaration> {
    let text = value["text"].as_str().map(|name| HostMethodMember {
        name: name.to_owned(),
        form: Form::Text,
        presence: Presence::Required,
    });
    let result = value["result"].as_object().into_iter().flatten().map(|(name, form)| {
        let form = match form.as_str()? {
            "text" => Form::Text,
            "whole" => Form::Whole,
            _ => return None,
        };
        Some(HostMethodMember { name: name.clone(), form, presence: Presence::Required })
    });
    Some(HostMethodDeclaration {
        name: HostMethodName::new(value["name"].as_str()?).ok()?,
        params: text.into_iter().collect(),
        result: result.collect::<Option<_>>()?,
        scope: value["scope"].as_str().map(Scope::new),
        prompting: match value["prompts"].as_bool() {
            Some(true) => Prompting::Possible,
            _ => Prompting::Never,
        },
        programs: match value["only"].as_array() {
            Some(only) => Programs::Only(
                only.iter().filter_map(Value::as_str).map(MiniProgramId::new).collect(),
            ),
            None => Programs::AllThatDeclareIt,
        },
    })
}

/// Feeds one input. `None` where it is none.
pub(super) fn feed(machine: &mut Machine, input: &Value) -> Option<Vec<Effect>> {
    let (kind, value) = input.as_object()?.iter().next()?;
    if !is_spelled_right(kind, value) {
        return None;
    }
    Some(match kind.as_str() {
        "ready" => {
            ready(machine, session(value)?, value["program"].as_str()?);
            Vec::new()
        }
        "user" => machine.feed(Input::UserChanged(match value.as_str() {
            Some("alice") => Some(alice()),
            Some("bob") => Some(bob()),
            _ => None,
        })),
        "open" => {
            let mut manifest = manifest(value["program"].as_str()?);
            if let Some(key) = value["signedBy"].as_str() {
                manifest.trust = Trust::Signed { key: PublisherKey::new(key) };
            }
            if let Some(version) = value["version"].as_str() {
                manifest.version = version.parse().ok()?;
            }
            match machine.mediator.check_open(&manifest) {
                Ok(()) => machine.open(session(value)?, manifest),
                Err(_) if value["rolledBack"] == true => Vec::new(),
                Err(_) => return None,
            }
        }
        "document" => machine.feed(Input::DocumentStarted {
            session: session(value)?,
            document: DocumentId(value["document"].as_u64()?),
        }),
        "visible" => machine.feed(Input::VisibilityChanged {
            session: session(value)?,
            visibility: visibility(value.get("visible")),
        }),
        "message" => {
            let mut text = match &value["text"] {
                Value::String(raw) => raw.clone(),
                json => json.to_string(),
            };
            if let Some(bytes) = value.get("padTo") {
                let missing = usize::try_from(bytes.as_u64()?).ok()?.checked_sub(text.len())?;
                text.push_str(&" ".repeat(missing));
            }
            machine.receive(session(value)?, context(value)?, &text)
        }
        "close" => machine.feed(Input::Closed { session: session(value)? }),
        "givenUp" => machine.feed(Input::GivenUp { session: session(value)? }),
        "answer" => machine.feed(Input::Answered {
            prompt: PromptId(value["prompt"].as_u64()?),
            choice: choice(value)?,
        }),
        "saved" => machine.feed(Input::Saved {
            save: SaveId(value["save"].as_u64()?),
            outcome: match value["stored"].as_bool()? {
                true => SaveOutcome::Stored,
                false => SaveOutcome::Failed,
            },
        }),
        "issued" => machine.feed(Input::CodeIssued {
            ticket: Ticket(value["ticket"].as_u64()?),
            outcome: outcome(value)?,
        }),
        "loaded" => machine.feed(Input::Loaded(serde_json::from_value(value.clone()).ok()?)),
        "revoke" => machine.feed(Input::Revoke {
            call: RevokeCall(value["call"].as_u64()?),
            mini_program: MiniProgramId::new(value["program"].as_str()?),
            scopes: match value.get("scopes") {
                Some(named) => Some(scopes(named)?),
                None => None,
            },
        }),
        "endedAtServer" => machine.feed(Input::EndedAtServer {
            ending: EndingId(value["ending"].as_u64()?),
            outcome: match value["outcome"].as_str()? {
                "ended" => EndOutcome::Ended,
                "localOnly" => EndOutcome::LocalOnly,
                "failed" => EndOutcome::Failed,
                _ => return None,
            },
        }),
        "returned" => machine.feed(Input::MethodReturned {
            ticket: Ticket(value["ticket"].as_u64()?),
            outcome: match value.get("result") {
                Some(result) => Ok(result.clone()),
                None => Err(HostMethodFailure {
                    reason: reason(value["failed"].as_str()?)?,
                    message: "The host's method failed.".into(),
                }),
            },
        }),
        "signedIn" => machine.feed(Input::SignInDone {
            ticket: Ticket(value["ticket"].as_u64()?),
            outcome: match value["outcome"].as_str()? {
                "done" => SignInOutcome::Done,
                "cancelled" => SignInOutcome::Cancelled,
                "failed" => SignInOutcome::Failed,
                _ => return None,
            },
        }),
        "promptFailed" => {
            machine.feed(Input::PromptFailed { prompt: PromptId(value["prompt"].as_u64()?) })
        }
        "settingsShown" => {
            machine.feed(Input::SettingsShown { ticket: Ticket(value["ticket"].as_u64()?) })
        }
        "switched" => machine.feed(Input::Switched {
            mini_program: MiniProgramId::new(value["program"].as_str()?),
            switch: if value["on"].as_bool()? { Switch::On } else { Switch::Off },
        }),
        "advance" => machine.advance(Duration::from_secs_f64(value.as_f64()?)),
        "settings" => machine.feed(Input::SettingsOpened),
        "signInEnded" => machine.feed(Input::SignInEnded),
        "locale" => machine.feed(Input::LocaleChanged(Locale::new(value.as_str()?))),
        "shutDown" => machine.feed(Input::ShutDown),
        _ => return None,
    })
}

/// Whether every member of an input is one that is read: a slip of the pen must not weaken a step.
fn is_spelled_right(kind: &str, value: &Value) -> bool {
    let known: &[&str] = match kind {
        "ready" => &["session", "program"],
        "open" => &["session", "program", "signedBy", "version", "rolledBack"],
        "loaded" => &["grants", "releases", "refusals"],
        "document" => &["session", "document"],
        "visible" => &["session", "visible"],
        "message" => &[
            "session",
            "program",
            "document",
            "to",
            "text",
            "origin",
            "mainFrame",
            "capability",
            "visible",
            "gestureAgeMs",
            "padTo",
        ],
        "close" | "givenUp" => &["session"],
        "answer" => &["prompt", "allow", "remember", "deny", "dismiss"],
        "saved" => &["save", "stored"],
        "revoke" => &["call", "program", "scopes"],
        "endedAtServer" => &["ending", "outcome"],
        "returned" => &["ticket", "result", "failed"],
        "settingsShown" => &["ticket"],
        "signedIn" => &["ticket", "outcome"],
        "promptFailed" => &["prompt"],
        "switched" => &["program", "on"],
        "issued" => &[
            "ticket",
            "code",
            "clientId",
            "scopes",
            "iss",
            "expiresIn",
            "grantId",
            "failed",
            "retryAfter",
            "continueAt",
        ],
        _ => &[],
    };
    value
        .as_object()
        .is_none_or(|members| members.keys().all(|name| known.contains(&name.as_str())))
}

fn ready(machine: &mut Machine, session: SessionId, program: &str) {
    let document = DocumentId(1);
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(session, manifest(program));
    machine.feed(Input::DocumentStarted { session, document });
    machine.receive(session, call(program, document, ReplyToken(0)), &initialize(0).to_string());
}

fn session(value: &Value) -> Option<SessionId> {
    Some(SessionId(value["session"].as_u64()?))
}

fn visibility(value: Option<&Value>) -> Visibility {
    match value.and_then(Value::as_bool) {
        Some(false) => Visibility::Hidden,
        _ => Visibility::Visible,
    }
}

fn context(value: &Value) -> Option<CallContext> {
    let document = DocumentId(value["document"].as_u64()?);
    let token = ReplyToken(value["to"].as_u64()?);
    let mut context = call(value["program"].as_str()?, document, token);
    if let Some(origin) = value.get("origin") {
        context.origin = origin.as_str().map(str::to_owned);
    }
    if let Some(main_frame) = value.get("mainFrame") {
        context.frame = match main_frame.as_bool() {
            Some(true) => Frame::Main,
            Some(false) => Frame::Sub,
            None => Frame::Unknown,
        };
    }
    if value["capability"].as_bool() == Some(true) {
        context.capability = Capability::Held;
    }
    context.visibility = visibility(value.get("visible"));
    if let Some(age) = value.get("gestureAgeMs") {
        context.gesture_age = age.as_u64().map(Duration::from_millis);
    }
    Some(context)
}

fn scopes(value: &Value) -> Option<BTreeSet<Scope>> {
    value.as_array()?.iter().map(|scope| scope.as_str().map(Scope::new)).collect()
}

fn choice(value: &Value) -> Option<Choice> {
    if value["deny"].as_bool() == Some(true) {
        return Some(Choice::Deny);
    }
    if value["dismiss"].as_bool() == Some(true) {
        return Some(Choice::Dismiss);
    }
    let remember = match value["remember"].as_str() {
        Some("once") => Remember::Once,
        Some("until revoked") => Remember::UntilRevoked,
        _ => Remember::ThirtyDays,
    };
    Some(Choice::Allow { scopes: scopes(&value["allow"])?, remember })
}

fn reason(text: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason.as_str() == text)
}

fn outcome(value: &Value) -> Option<Result<IssuedCode, IssueFailure>> {
    if let Some(failed) = value["failed"].as_str() {
        let reason = reason(failed)?;
        return Some(Err(IssueFailure {
            reason,
            retry_after: value["retryAfter"].as_u64(),
            continue_at: match value["continueAt"].as_str() {
                Some(page) => Some(page.parse().ok()?),
                None => None,
            },
        }));
    }
    Some(Ok(IssuedCode {
        code: AuthorizationCode::new(value["code"].as_str()?),
        client_id: ClientId::new(value["clientId"].as_str()?),
        scopes: value.get("scopes").and_then(scopes),
        issuer: value["iss"].as_str().map(Issuer::new),
        expires_in: value["expiresIn"].as_u64(),
        grant_id: value["grantId"].as_str().map(GrantId::new),
    }))
}
