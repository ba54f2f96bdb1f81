//! The consent page: who asks, for what, and for how long it may have it.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::endpoint::{self, Gate};
use super::issue::{self, Consent, Duration};
use super::parameters::{self, Refusal};
use super::request::AuthorizationRequest;
use crate::http::{ErrorCode, Form, Problem};
use crate::login::{Visitor, see_other};
use crate::pages::{Frame, Language, Texts, Trouble, page};
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::grants::Remembered;

/// Where the page sends what the user chose.
pub(super) const PATH: &str = "/consent";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: &'a Frame,
    action: String,
    token: &'a str,
    client: &'a str,
    monogram: String,
    publisher: Option<&'a str>,
    scopes: Vec<Choice<'a>>,
    resources: Vec<&'a str>,
    may_remember: bool,
    returns_to: &'a str,
    user: &'a str,
    switch: String,
}

struct Choice<'a> {
    name: &'a str,
    words: String,
    is_remembered: bool,
}

/// Asks the user.
pub(super) fn show(
    request: &AuthorizationRequest,
    gate: &Gate,
    remembered: &Remembered,
    language: Language,
) -> Result<Response, Trouble> {
    let Gate { user, address, receipt } = gate;
    let frame = Frame::new(language)?;
    let client = request.client.names.in_language(language.tag());
    let audience = &request.terms.audience;
    let was_shown = audience.is_subset(&remembered.audience);
    let choice = |name| Choice {
        name,
        words: frame.texts.scope(name),
        is_remembered: was_shown && remembered.scopes.contains(name),
    };
    let contents = ConsentPage {
        frame: &frame,
        action: address.with_path(PATH, receipt.as_deref()),
        token: user.form_token.as_str(),
        client,
        monogram: client.chars().next().map(String::from).unwrap_or_default(),
        publisher: request.client.publisher.as_ref().map(|names| names.in_language(language.tag())),
        scopes: Texts::in_order(&request.terms.scopes).into_iter().map(choice).collect(),
        resources: audience.iter().map(|resource| resource.as_str()).collect(),
        may_remember: endpoint::may_remember(request),
        returns_to: &request.destination.host(),
        user: &user.session.preferred_username,
        switch: address.by_way_of_login(),
    };
    Ok(page(StatusCode::OK, &frame, &contents))
}

/// Takes what the user chose. The request comes along and is read again: only what it asks for can
/// be allowed.
pub(super) async fn decide(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
    form: Result<Form, Problem>,
) -> Response {
    let asked = Form::from_query(query.as_deref().unwrap_or_default());
    let language = endpoint::language(&visitor, asked.as_ref().ok());
    let answer = async {
        let (asked, form) = (asked?, form?);
        let request = parameters::read(&server, &asked).await?;
        let language = visitor.language(request.terms.ui_locales.as_deref());
        let gate = match endpoint::pass(&server, &visitor, &asked, &request).await? {
            Ok(passed) => passed,
            // The session ended while the page was open.
            Err(way) => return Ok(see_other(&way)),
        };
        visitor.check_form_of(&server, &gate.user, &form)?;
        let allowed = allowed(&request, &form)?;
        if allowed.is_empty() {
            issue::use_up(&server, &request).await?;
            return endpoint::refuse(request, ErrorCode::AccessDenied, "the user did not allow it");
        }
        let duration = duration(&request, &form)?;
        let consent = Consent::Given { allowed, duration };
        issue::issue(&server, request, &gate, consent, language).await
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.into_response(&server, language))
}

/// The scopes whose boxes are ticked; none when the user said no.
fn allowed(request: &AuthorizationRequest, form: &Form) -> Result<Scopes, Trouble> {
    match form.get("decision")? {
        Some("allow") => {
            let ticked = Scopes::collect(form.all("scope")).map_err(|_| Trouble::Malformed)?;
            Ok(ticked.intersection(&request.terms.scopes))
        }
        Some("deny") => Ok(Scopes::default()),
        _ => Err(Trouble::Malformed),
    }
}

fn duration(request: &AuthorizationRequest, form: &Form) -> Result<Duration, Trouble> {
    match form.get("remember")? {
        _ if !endpoint::may_remember(request) => Ok(Duration::Unasked),
        None | Some("once") => Ok(Duration::Once),
        Some("30d") => Ok(Duration::ThirtyDays),
        Some("until-revoked") => Ok(Duration::UntilRevoked),
        Some(_) => Err(Trouble::Malformed),
    }
}
