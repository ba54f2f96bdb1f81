//! The steps from a request to its answer.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::consent;
use super::issue::{self, Consent};
use super::parameters::{self, Refusal};
use super::prompt::Prompt;
use super::request::AuthorizationRequest;
use crate::audit::AUDIT;
use crate::client::Application;
use crate::http::{ErrorCode, Form, Problem};
use crate::login::{Continue, Interaction, SignedIn, Visitor, see_other};
use crate::pages::Language;
use crate::redirect_uri::RedirectUri;
use crate::server::Server;
use crate::store::grants::{self, Remembered};

/// Where browsers are sent with authorization requests.
pub(crate) const PATH: &str = "/authorize";

/// Takes a request from the address.
pub(super) async fn show(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::from_query(query.as_deref().unwrap_or_default());
    let language = language(&visitor, form.as_ref().ok());
    let answer = async {
        let form = form?;
        let request = parameters::read(&server, &form).await?;
        proceed(&server, &visitor, &form, request).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.into_response(&server, language))
}

/// Takes a request from a form (OpenID Connect Core §3.1.2.1). The site that sent the form is another
/// one, so the browser keeps its cookies back; it comes again by itself, and then brings them.
pub(super) async fn forward(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    let language = language(&visitor, form.as_ref().ok());
    let answer = async {
        let form = form?;
        parameters::read(&server, &form).await?;
        Ok(see_other(&Continue::new(PATH, &form.to_query_without(&[])).address()))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.into_response(&server, language))
}

/// Goes as far as it can without asking the user.
async fn proceed(
    server: &Server,
    visitor: &Visitor,
    form: &Form,
    request: AuthorizationRequest,
) -> Result<Response, Refusal> {
    let language = visitor.language(request.terms.ui_locales.as_deref());
    let gate = match pass(server, visitor, form, &request).await? {
        Ok(passed) => passed,
        Err(way) if request.terms.prompt != Prompt::Nothing => return Ok(see_other(&way)),
        Err(_) => return refuse(request, ErrorCode::LoginRequired, "the user must sign in"),
    };
    let remembered = remembered(server, &request, &gate.user).await?;
    let is_covered = remembered.covers(&request.terms.scopes, &request.terms.audience);
    if is_covered && !request.terms.prompt.wants_consent() {
        return issue::issue(server, request, &gate, Consent::Remembered, language).await;
    }
    if request.terms.prompt == Prompt::Nothing {
        return refuse(request, ErrorCode::ConsentRequired, "the user must be asked");
    }
    Ok(consent::show(&request, &gate, &remembered, language)?)
}

/// A user whose sign-in is good enough for the request.
pub(super) struct Gate {
    pub(super) user: SignedIn,
    /// The path and query of the request, which brings everything back here.
    pub(super) address: Continue,
    /// What vouches for what the user did on the way.
    pub(super) receipt: Option<String>,
}

/// Looks at who is signed in; the way to the login page when that is nobody who would do.
pub(super) async fn pass(
    server: &Server,
    visitor: &Visitor,
    form: &Form,
    request: &AuthorizationRequest,
) -> Result<Result<Gate, String>, Refusal> {
    let address = Continue::new(PATH, &form.to_query_without(&[]));
    let prompt = request.terms.prompt;
    let Some(user) = visitor.signed_in(server).await? else {
        // Elsewhere, or in an app, the user may have been signed in for too long already.
        let needs_proof = prompt.wants_login() || request.terms.max_age.is_some();
        return Ok(Err(match needs_proof {
            true => address.by_way_of_proof(),
            false => address.by_way_of_login(),
        }));
    };
    let now = server.clock.now();
    let receipt = form.get("interaction").ok().flatten();
    let did = |wanted| {
        receipt.is_some_and(|receipt| {
            server.receipts.accept(receipt, wanted, user.session.id, &address, now)
        })
    };
    let is_old = request
        .terms
        .max_age
        .is_some_and(|limit| now.since(user.session.authenticated_at) > limit || limit.is_zero());
    if (is_old || prompt.wants_login()) && !did(Interaction::SignedIn) {
        return Ok(Err(address.by_way_of_proof()));
    }
    if prompt.wants_account() && !did(Interaction::ChoseAccount) {
        return Ok(Err(address.by_way_of_login()));
    }
    let receipt = receipt.map(str::to_owned);
    Ok(Ok(Gate { user, address, receipt }))
}

/// What need not be asked again. Of a program that shares its user's device with others, and proves
/// nothing, every request is asked for: another may have taken its place (RFC 8252 §8.6).
pub(super) async fn remembered(
    server: &Server,
    request: &AuthorizationRequest,
    user: &SignedIn,
) -> Result<Remembered, Refusal> {
    if !may_remember(request) {
        return Ok(Remembered::default());
    }
    let (user, client) = (user.session.user.clone(), Arc::clone(&request.client));
    let now = server.clock.now();
    let find = move |db: &rusqlite::Connection| grants::remembered(db, &user, &client.id, now);
    Ok(server.store.read(find).await?)
}

pub(super) fn may_remember(request: &AuthorizationRequest) -> bool {
    let client = &request.client;
    let unproven = client.application == Application::Native && !client.is_confidential();
    !(unproven && RedirectUri::is_free_to_all(&request.destination.redirect().uri))
}

pub(super) fn refuse(
    request: AuthorizationRequest,
    code: ErrorCode,
    description: &'static str,
) -> Result<Response, Refusal> {
    Err(Refusal::Client(Box::new(request.destination), Problem::new(code, description)))
}

pub(super) fn language(visitor: &Visitor, form: Option<&Form>) -> Language {
    let locales = form.and_then(|form| form.get("ui_locales").ok().flatten());
    visitor.language(locales)
}

impl Refusal {
    pub(super) fn into_response(self, server: &Server, language: Language) -> Response {
        match self {
            Self::Page(trouble) => {
                tracing::warn!(target: AUDIT, ?trouble, "an authorization request was not taken");
                trouble.into_page(language)
            }
            Self::Client(destination, problem) => {
                tracing::warn!(target: AUDIT, ?problem, "an authorization request was refused");
                destination.refuse(server, language, &problem)
            }
        }
    }
}
