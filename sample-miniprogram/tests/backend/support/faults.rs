use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};

/// What goes wrong between a program and the authorization server.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// 503 with `Retry-After: 7`.
    Busy,
    /// 500 with an HTML page.
    Broken,
    /// 200 with an HTML page, as a captive portal answers.
    Portal,
    /// A redirect to the real endpoint, which a client must not follow.
    Redirect,
    /// A body that never ends.
    Endless,
    /// The connection is cut in the body.
    Cut,
    /// JSON with `{"error":…}` and this status.
    Refused(u16, &'static str),
    /// 401 `invalid_token`, as for an expired access token.
    InvalidToken,
    /// JSON of the protocol's form with this text.
    Says(&'static str),
}

/// Stands before the authorization server: remembers what was asked, and makes paths fail.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    faults: Vec<(&'static str, Fault)>,
    asked: Vec<String>,
}

impl Faults {
    pub(crate) fn around(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), pass))
    }

    /// Makes every request to `path` fail from now on.
    pub(crate) fn set(&self, path: &'static str, fault: Fault) {
        self.inner.lock().unwrap().faults.push((path, fault));
    }

    pub(crate) fn clear(&self) {
        self.inner.lock().unwrap().faults.clear();
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.inner.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }
}

async fn pass(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let fault = {
        let mut inner = faults.inner.lock().unwrap();
        inner.asked.push(path.clone());
        inner.faults.iter().find(|(faulty, _)| *faulty == path).map(|(_, fault)| *fault)
    };
    match fault {
        None => next.run(request).await,
        Some(fault) => answer(fault, &path),
    }
}

fn answer(fault: Fault, path: &str) -> Response {
    let html = [(header::CONTENT_TYPE, "text/html")];
    let json = [(header::CONTENT_TYPE, "application/json")];
    match fault {
        Fault::Busy => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "7")]).into_response()
        }
        Fault::Broken => (StatusCode::INTERNAL_SERVER_ERROR, html, "<h1>Oops</h1>").into_response(),
        Fault::Portal => (html, "<h1>Welcome to our wireless network</h1>").into_response(),
        Fault::Redirect => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("{path}?again"))])
                .into_response()
        }
        Fault::Endless => {
            let chunk = || async { Some((Ok::<_, std::io::Error>(vec![b' '; 16 * 1024]), ())) };
            Body::from_stream(futures_util::stream::unfold((), move |()| chunk())).into_response()
        }
        Fault::Cut => {
            let chunks = [Ok("{\"access"), Err(std::io::Error::other("cut"))];
            (json, Body::from_stream(futures_util::stream::iter(chunks))).into_response()
        }
        Fault::Refused(status, code) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, json, format!("{{\"error\":\"{code}\"}}")).into_response()
        }
        Fault::InvalidToken => {
            let challenge =
                "Bearer error=\"invalid_token\", error_description=\"access token expired\"";
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
        }
        Fault::Says(text) => (json, text).into_response(),
    }
}
