//! A user agent for one user at a time: follows redirects, keeps cookies, and fills in the forms
//! that it finds.
//!
//! It knows of the pages what a person sees: a form with a password is where one signs in, a box
//! per scope is what one consents to, and a button is pressed to go on. Everything else in a form,
//! hidden or not, it sends back as it found it.

mod browser;
mod form;
mod page;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::{Origin, Url};

use crate::failure::Failure;

use browser::Browser;

/// Somebody who goes somewhere.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Where to.
    pub url: Url,
    /// Who goes.
    pub username: String,
    /// The user's password, for a page that asks for it.
    pub password: String,
    /// What the user answers to a page that asks for consent.
    #[serde(default)]
    pub decision: Decision,
    /// Words beside what the user picks where one of several can be picked.
    #[serde(default)]
    pub picks: Vec<String>,
    /// The name of a browser that keeps its cookies for visits to come; without one, a new browser.
    #[serde(default)]
    pub browser: Option<String>,
}

/// What a user answers when asked for consent.
#[derive(Deserialize, Clone, Default)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Everything that is asked for.
    #[default]
    AllowAll,
    /// These scopes and no others.
    Allow(Vec<String>),
    /// Nothing.
    Deny,
}

/// Where a visit ended.
#[derive(Serialize, Clone)]
pub struct Arrival {
    /// The address of somebody else that the server sent the browser to, as it stands in the
    /// `Location` header. It is never fetched.
    pub location: Option<String>,
    /// The status of the last answer.
    pub status: u16,
    /// What the last page said, without its markup.
    pub text: String,
    /// The titles of the pages on the way, in order.
    pub pages: Vec<String>,
}

/// All the browsers of a stage.
pub(crate) struct UserAgents {
    http: reqwest::Client,
    home: Origin,
    kept: std::sync::Mutex<HashMap<String, Arc<Mutex<Browser>>>>,
}

impl UserAgents {
    /// Browsers that stay within the origin of `home`.
    pub(crate) fn new(http: reqwest::Client, home: &str) -> Result<Self, Failure> {
        let home = Url::parse(home)?.origin();
        Ok(Self { http, home, kept: std::sync::Mutex::default() })
    }

    pub(crate) async fn visit(&self, visit: Visit) -> Result<Arrival, Failure> {
        let browser = self.browser(visit.browser.as_deref());
        let mut browser = browser.lock().await;
        browser.go(visit).await
    }

    fn browser(&self, name: Option<&str>) -> Arc<Mutex<Browser>> {
        let new = || {
            let browser = Browser::new(self.http.clone(), self.home.clone());
            Arc::new(Mutex::new(browser))
        };
        let Some(name) = name else { return new() };
        let mut kept = self.kept.lock().expect("nothing panics while it is held");
        kept.entry(name.to_owned()).or_insert_with(new).clone()
    }
}
