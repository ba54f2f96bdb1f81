use std::{collections::BTreeMap, sync::Mutex};

use reqwest::{Method, header, redirect::Policy};
use url::Url;

use super::host::password;

/// A visitor's browser at the authorization server: it signs in there and answers the consent page.
pub(crate) struct ServerPages {
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What a step was answered.
struct Step {
    location: Option<String>,
    html: String,
}

impl ServerPages {
    pub(crate) fn new() -> Self {
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = builder.redirect(Policy::none()).build().unwrap();
        Self { http, cookies: Mutex::default() }
    }

    /// Goes where a program has sent its user, who signs in and decides there; gives the address
    /// that leads back to the program. `scopes` are the boxes that stay ticked.
    pub(crate) async fn answer(&self, request: &str, user: &str, scopes: &[&str]) -> String {
        let mut address = request.to_owned();
        loop {
            let step = self.send(Method::GET, &address, &[]).await;
            let base = Url::parse(&address).unwrap();
            if let Some(location) = step.location {
                let next = base.join(&location).unwrap();
                if next.origin() != base.origin() {
                    return next.into();
                }
                address = next.into();
                continue;
            }
            let form = Form::of(&step.html);
            let action = base.join(&form.action).unwrap();
            let mut fields = vec![("token", form.token.as_str())];
            let secret = password(user);
            if form.action.starts_with("/login") {
                fields.extend([("method", "password"), ("username", user), ("password", &secret)]);
            } else {
                let decision = if scopes.is_empty() { "deny" } else { "allow" };
                fields.extend([("decision", decision), ("remember", "30d")]);
                fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
            }
            let step = self.send(Method::POST, action.as_str(), &fields).await;
            let location = step.location.unwrap_or_else(|| panic!("no way on: {}", step.html));
            let next = action.join(&location).unwrap();
            if next.origin() != action.origin() {
                return next.into();
            }
            address = next.into();
        }
    }

    /// Whether the server sends the browser straight back to the program.
    pub(crate) async fn passes(&self, request: &str) -> bool {
        let step = self.send(Method::GET, request, &[]).await;
        step.location.is_some_and(|location| !location.starts_with('/'))
    }

    /// Signs out at the server.
    pub(crate) async fn sign_out(&self, issuer: &str) {
        let account = self.send(Method::GET, &format!("{issuer}/account"), &[]).await;
        let form = account.html.split("action=\"/account/sign-out\"").nth(1).unwrap();
        let token =
            form.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let address = format!("{issuer}/account/sign-out");
        let step = self.send(Method::POST, &address, &[("token", token)]).await;
        assert!(step.location.is_some_and(|location| location.starts_with("/login")));
    }

    async fn send(&self, method: Method, address: &str, fields: &[(&str, &str)]) -> Step {
        let mut request = self.http.request(method.clone(), address);
        if method == Method::POST {
            request = request.header(header::ORIGIN, "null").form(fields);
        }
        let cookies: Vec<String> = {
            let kept = self.cookies.lock().unwrap();
            kept.iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        let response = request.header(header::COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        Step { location, html: response.text().await.unwrap() }
    }
}

/// The last form of a page, as far as it is needed here.
struct Form {
    action: String,
    token: String,
}

impl Form {
    fn of(html: &str) -> Self {
        let after = |text: &str, mark: &str| {
            let rest = text.rsplit_once(mark).unwrap_or_else(|| panic!("no {mark} in {html}")).1;
            rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
        };
        Self { action: after(html, "action=\""), token: after(html, "name=\"token\" value=\"") }
    }
}
