//! The page over HTTP: itself, its files, and nothing to anybody who calls it by another name.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{Phone, assets, socket};

/// Everything at the simulator's origin.
pub(crate) fn router(phone: Arc<Phone>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/web/{name}", get(asset))
        .route("/ws", get(socket::connect))
        .layer(middleware::from_fn_with_state(phone.clone(), guard))
        .with_state(phone)
}

async fn page(State(phone): State<Arc<Phone>>) -> Html<String> {
    // Neither needs escaping: base64url, and one of two language tags.
    let page = assets::INDEX
        .replace("{{token}}", phone.access().token())
        .replace("{{locale}}", phone.language().tag());
    Html(page)
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::find(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.content_type)], asset.text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn guard(State(phone): State<Arc<Phone>>, request: Request, next: Next) -> Response {
    let mut response = match phone.access().check_host(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(_) => {
            let hint = format!("The simulator is at {}/\n", phone.access().origin());
            (StatusCode::MISDIRECTED_REQUEST, hint).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, phone.content_security_policy().clone());
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const FIXED: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Own scripts and styles only, frames and icons of these programs only, shown in no frame.
pub(crate) fn content_security_policy<'a>(
    authority: &str,
    programs: impl IntoIterator<Item = &'a str>,
) -> HeaderValue {
    let programs = programs.into_iter().collect::<Vec<_>>().join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; \
         img-src 'self' {programs}; connect-src 'self' ws://{authority}; frame-src {programs}; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    HeaderValue::from_str(&policy).expect("origins are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_exactly_the_programs() {
        let policy = content_security_policy(
            "host.sim.localhost:3",
            ["http://cinema.sim.localhost:2", "http://teahouse.sim.localhost:2"],
        );
        let policy = policy.to_str().unwrap();
        let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
        for expected in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-src http://cinema.sim.localhost:2 http://teahouse.sim.localhost:2",
            "frame-ancestors 'none'",
            "connect-src 'self' ws://host.sim.localhost:3",
        ] {
            assert!(directives.contains(&expected), "{expected} is not in {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    }
}
