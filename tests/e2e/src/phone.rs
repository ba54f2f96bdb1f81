//! The phone as its user sees it: the simulator's page and the program in its frame.

mod bridge;
mod program;

use std::{cell::RefCell, collections::BTreeMap};

use fantoccini::{Client, Locator, elements::Element, key::Key};
use serde_json::Value;

use crate::{
    browser::{Appearance, Browser, Screen},
    eventually,
    leaks::Minted,
    sample_host::SampleHost,
};

/// Starts a sample host and a browser with a wide, light screen, has alice sign in to the phone, and
/// tells a story on it. Then the host is stopped, and no secret of the story is in its log or in
/// any file that it leaves.
pub async fn on_a_phone(story: impl AsyncFnOnce(&SampleHost, &Phone<'_>)) {
    let host = SampleHost::start().await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let phone = Phone::open(&host, &browser).await;
    phone.sign_in("alice").await;
    story(&host, &phone).await;
    let minted = phone.minted();
    browser.close().await;
    let stopped = host.stop().await;
    assert!(stopped.success, "Ctrl-C ends it well");
    assert!(stopped.log.contains("TRACE"), "everything was logged");
    let nothing = Vec::<String>::new();
    assert_eq!(minted.found_in(stopped.log.as_bytes()), nothing);
    assert_eq!(minted.found_below(stopped.data_dir()), nothing);
}

/// A phone on screen.
pub struct Phone<'a> {
    host: &'a SampleHost,
    /// The browser that shows it.
    pub browser: &'a Browser,
    /// What only the browser knows, with a name for each.
    learned: RefCell<BTreeMap<String, String>>,
}

impl<'a> Phone<'a> {
    /// Opens the simulator's page.
    pub async fn open(host: &'a SampleHost, browser: &'a Browser) -> Self {
        Self::open_with(host, browser, "").await
    }

    /// Opens the simulator's page with a query, such as `?locale=zh-Hans`.
    pub async fn open_with(host: &'a SampleHost, browser: &'a Browser, query: &str) -> Self {
        let address = format!("{}{query}", host.ready.simulator);
        browser.client.goto(&address).await.expect("the simulator opens");
        let phone = Self { host, browser, learned: RefCell::default() };
        let token = phone.run("return document.documentElement.dataset.token").await;
        phone.learn(token.as_str().expect("the page has a token"), "the page's token");
        phone
    }

    /// Every secret of the story so far: what the server minted, what the host said when it was
    /// ready, and what only the browser knows.
    pub fn minted(&self) -> Minted {
        let database = self.host.data_dir().join("authorization-server.sqlite");
        let mut minted = Minted::of(&database, &self.host.ready);
        for (value, name) in self.learned.borrow().iter() {
            minted.learn(value, name);
        }
        minted
    }

    fn learn(&self, value: &str, name: &str) {
        self.learned.borrow_mut().insert(value.to_owned(), name.to_owned());
    }

    fn client(&self) -> &Client {
        &self.browser.client
    }

    /// Signs a demo user in to the host app and waits for the home screen.
    pub async fn sign_in(&self, username: &str) {
        self.attempt_sign_in(username, self.host.password(username)).await;
        self.shown("program-teahouse").await;
    }

    /// Types a name and a password and submits them.
    pub async fn attempt_sign_in(&self, username: &str, password: &str) {
        self.learn(password, "a password that was typed");
        self.type_into("sign-in-username", username).await;
        self.type_into("sign-in-password", password).await;
        self.click("sign-in-submit").await;
    }

    /// Types into a field, in the place of what is there. WebKitGTK's driver now and then loses the
    /// first key: what does not stand there is typed again.
    async fn type_into(&self, id: &str, text: &str) {
        let field = self.shown(id).await;
        eventually(&format!("what is typed into `{id}`"), async || {
            field.clear().await.expect("the field can be cleared");
            field.send_keys(text).await.expect("the field takes text");
            let value = field.prop("value").await.expect("the field has a value");
            (value.as_deref() == Some(text)).then_some(())
        })
        .await;
    }

    /// Signs the user out of the host app.
    pub async fn sign_out(&self) {
        if !self.is_shown("sign-out").await {
            self.click("account").await;
        }
        self.click("sign-out").await;
        self.shown("sign-in-username").await;
    }

    /// Opens a program from the home screen.
    pub async fn open_program(&self, id: &str) {
        self.click(&format!("program-{id}")).await;
        self.shown("mini-program-frame").await;
    }

    /// Closes the program that is open.
    pub async fn close_program(&self) {
        self.click("close-program").await;
        self.gone("mini-program-frame").await;
    }

    /// Goes back to the host app; the program stays open.
    pub async fn leave_open(&self) {
        self.click("leave-program").await;
        self.gone("mini-program-frame").await;
    }

    /// What stands in a field.
    pub async fn typed(&self, id: &str) -> String {
        let field = self.shown(id).await;
        field.prop("value").await.expect("the field can be read").unwrap_or_default()
    }

    /// How many programs are open, on screen or not.
    pub async fn open_programs(&self) -> u64 {
        let count = self.run("return document.querySelectorAll('#windows iframe').length").await;
        count.as_u64().expect("a length is a number")
    }

    /// Waits until no program is open.
    pub async fn all_closed(&self) {
        eventually("the end of every program", async || {
            (self.open_programs().await == 0).then_some(())
        })
        .await;
    }

    /// Waits until what the host wrote down last is this outcome, with this reason.
    pub async fn recorded(&self, outcome: &str, reason: Option<&str>) {
        let script = "const last = document.querySelector('[data-testid=events] li'); \
                      return [last?.dataset.outcome, last?.querySelector('code')?.textContent]";
        eventually(&format!("{outcome} {reason:?} written down"), async || {
            let last = self.run(script).await;
            (last[0] == outcome && last[1].as_str() == reason).then_some(())
        })
        .await;
    }

    /// Opens a program and continues, until the consent sheet is up.
    pub async fn be_asked_by(&self, program: &str) {
        self.open_program(program).await;
        self.tap_continue().await;
        self.shown("consent-sheet").await;
    }

    /// Waits for the consent sheet and allows all but the scopes named.
    pub async fn allow_except(&self, cleared: &[&str]) {
        self.shown("consent-sheet").await;
        for scope in cleared {
            self.click(&format!("consent-scope-{scope}")).await;
        }
        self.enabled("consent-allow").await;
        self.click("consent-allow").await;
        self.gone("consent-sheet").await;
    }

    /// Waits for the consent sheet and denies.
    pub async fn deny(&self) {
        self.shown("consent-sheet").await;
        self.click("consent-deny").await;
        self.gone("consent-sheet").await;
    }

    /// Runs a script where the phone is looked at now.
    pub async fn run(&self, script: &str) -> Value {
        self.client().execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Runs a script that calls its last argument with its result.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client().execute_async(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until something is on screen.
    pub async fn shown(&self, id: &str) -> Element {
        eventually(&format!("`{id}` on screen"), async || {
            let element = self.client().find(hook(id).as_locator()).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// Waits until something has stopped moving.
    pub async fn settled(&self, id: &str) {
        let script = "return document.querySelector(arguments[0]).getAnimations({subtree: true})\
                      .every(animation => animation.playState === 'finished')";
        eventually(&format!("`{id}` at rest"), async || {
            let selector = hook(id).0.into();
            let at_rest = self.client().execute(script, vec![selector]).await.ok()?;
            (at_rest == true).then_some(())
        })
        .await;
    }

    /// Whether something is on screen now.
    pub async fn is_shown(&self, id: &str) -> bool {
        match self.client().find(hook(id).as_locator()).await {
            Ok(element) => element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Waits until something is no longer on screen.
    pub async fn gone(&self, id: &str) {
        eventually(&format!("`{id}` off screen"), async || {
            (!self.is_shown(id).await).then_some(())
        })
        .await;
    }

    /// The text of something on screen.
    pub async fn text(&self, id: &str) -> String {
        self.shown(id).await.text().await.expect("the element has text")
    }

    /// Clicks something as soon as it can be clicked.
    pub async fn click(&self, id: &str) {
        eventually(&format!("`{id}` clickable"), async || {
            let element = self.client().find(hook(id).as_locator()).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Waits until the focus is on an element that this selector fits.
    pub async fn focus_on(&self, selector: &str) {
        eventually(&format!("the focus on `{selector}`"), async || {
            let script = format!("return document.activeElement.matches('{selector}')");
            (self.run(&script).await == true).then_some(())
        })
        .await;
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        let focused = self.browser.client.active_element().await.expect("something has the focus");
        focused.send_keys(&char::from(key).to_string()).await.expect("it takes keys");
    }

    /// Waits until something on screen can be used.
    pub async fn enabled(&self, id: &str) {
        eventually(&format!("`{id}` enabled"), async || {
            let element = self.client().find(hook(id).as_locator()).await.ok()?;
            let disabled = element.attr("aria-disabled").await.ok()?;
            (disabled.as_deref() != Some("true")).then_some(())
        })
        .await;
    }
}

/// Finds an element by its `data-testid`.
pub struct Hook(String);

/// The element with this `data-testid`.
pub fn hook(id: &str) -> Hook {
    Hook(format!("[data-testid=\"{id}\"]"))
}

impl Hook {
    /// For fantoccini.
    pub fn as_locator(&self) -> Locator<'_> {
        Locator::Css(&self.0)
    }
}
