//! What was answered to a step of a browser.

use reqwest::header::{HeaderMap, HeaderValue};
use scraper::Html;
use url::Url;

use super::Form;
use super::form::{PageForm, field, selector};

/// What was answered to a step.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
    /// The path and query that were asked for.
    pub(crate) address: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// A parameter that the browser is sent back to the client with, wherever it stands.
    pub(crate) fn sent_back(&self, name: &str) -> Option<String> {
        let location = self.location().filter(|location| !location.starts_with('/'))?;
        let url = Url::parse(location).unwrap();
        let all = [url.query().unwrap_or_default(), url.fragment().unwrap_or_default()].join("&");
        url::form_urlencoded::parse(all.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    #[track_caller]
    pub(crate) fn sent_back_error(&self, error: &str) {
        assert_eq!(
            (self.status, self.sent_back("error").as_deref()),
            (303, Some(error)),
            "{:?} {}",
            self.location(),
            self.html
        );
    }

    /// A page that says that nobody can be redirected to.
    #[track_caller]
    pub(crate) fn stops(&self, status: u16) {
        assert_eq!(self.status, status, "{:?} {}", self.location(), self.html);
        assert_eq!(self.location(), None);
        assert!(self.html.contains("role=\"alert\""));
    }

    /// The forms of the page, in order.
    pub(crate) fn forms(&self) -> Vec<PageForm> {
        let document = Html::parse_document(&self.html);
        let (form, input) = (selector("form"), selector("input"));
        let all = document.select(&form);
        all.map(|form| PageForm {
            action: form.value().attr("action").unwrap_or(&self.address).to_owned(),
            fields: Form(form.select(&input).filter_map(field).collect()),
        })
        .collect()
    }

    /// The form whose action begins so.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> PageForm {
        let mut forms = self.forms().into_iter();
        forms
            .find(|form| form.action.starts_with(action))
            .unwrap_or_else(|| panic!("no form for {action} in {}", self.html))
    }

    /// The form for username and password, filled in.
    #[track_caller]
    pub(crate) fn login_form(&self, user: &str, password: &str) -> PageForm {
        let forms = self.forms().into_iter();
        let mut with_password =
            forms.filter(|form| form.fields.0.iter().any(|(name, _)| name == "password"));
        let form = with_password.next();
        let form = form.unwrap_or_else(|| panic!("nowhere to sign in: {}", self.html));
        form.with("username", user).with("password", password).with("method", "password")
    }

    /// The form of the consent page with this button pressed.
    #[track_caller]
    pub(crate) fn consent_form(&self, decision: &str) -> PageForm {
        self.form("/consent").with("decision", decision)
    }

    /// Where a link of the page leads whose address begins so.
    #[track_caller]
    pub(crate) fn link(&self, begins: &str) -> String {
        self.links(begins).into_iter().next().unwrap_or_else(|| panic!("no link in {}", self.html))
    }

    pub(crate) fn has_link(&self, begins: &str) -> bool {
        !self.links(begins).is_empty()
    }

    fn links(&self, begins: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let anchor = selector("a[href]");
        let addresses = document.select(&anchor).filter_map(|link| link.value().attr("href"));
        addresses.filter(|href| href.starts_with(begins)).map(str::to_owned).collect()
    }

    /// The words of the page, without its markup.
    pub(crate) fn words(&self) -> String {
        let document = Html::parse_document(&self.html);
        let main = document.select(&selector("main")).next();
        let words = main.map(|main| main.text().collect::<String>()).unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn is_login(&self) -> bool {
        self.status == 200 && self.html.contains("name=\"method\" value=\"password\"")
    }

    pub(crate) fn is_consent(&self) -> bool {
        self.status == 200 && self.html.contains("action=\"/consent")
    }

    /// What must hold for whatever a browser receives.
    pub(crate) fn check(&self, base: &str) {
        if (300..400).contains(&self.status) {
            assert_eq!(self.status, 303, "RFC 9700 section 4.12: {}", self.address);
        }
        for (name, _) in &self.headers {
            assert!(!name.as_str().starts_with("access-control-"), "RFC 9700 section 2.6");
        }
        assert_eq!(self.header("cache-control"), Some("no-store"), "{}", self.address);
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"), "{}", self.address);
        let is_html = |kind: &HeaderValue| kind.to_str().unwrap().starts_with("text/html");
        if !self.headers.get("content-type").is_some_and(is_html) {
            assert!(self.html.is_empty(), "{}", self.html);
            return;
        }
        let policy = self.header("content-security-policy").unwrap();
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
        assert!(!policy.contains("unsafe") && nonce.len() >= 22);
        assert_eq!(self.header("x-frame-options"), Some("DENY"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        self.check_markup(base, nonce);
    }

    /// Nothing inline without the nonce, and nothing loaded from anywhere.
    fn check_markup(&self, base: &str, nonce: &str) {
        let document = Html::parse_document(&self.html);
        for element in document.select(&selector("*")) {
            let name = element.value().name();
            if matches!(name, "script" | "style") {
                assert_eq!(element.value().attr("nonce"), Some(nonce), "{}", self.address);
            }
            assert!(!matches!(name, "img" | "iframe" | "link" | "object" | "embed" | "base"));
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on") && attribute != "style", "{attribute}");
                let is_address = matches!(attribute, "src" | "href" | "action");
                let answer_by_form = name == "form" && self.html.contains("document.forms[0]");
                if is_address && !answer_by_form {
                    let own = value.starts_with('/') && !value.starts_with("//");
                    assert!(own || value.starts_with(base), "{value} on {}", self.address);
                }
            }
        }
    }
}
