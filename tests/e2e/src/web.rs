//! Web pages as somebody sees them who uses no host app: the programs opened in a browser, and the
//! authorization server's own pages.

use std::{cell::RefCell, collections::BTreeMap};

use fantoccini::{Locator, elements::Element, wd::WindowHandle};
use serde_json::Value;

use crate::{
    browser::{Appearance, Browser, Screen},
    eventually,
    leaks::Minted,
    sample_host::SampleHost,
};

/// Starts a sample host and a browser with a wide, light screen, and tells a story in it. Then the
/// host is stopped, and no secret of the story is in its log or in any file that it leaves.
pub async fn on_the_web(story: impl AsyncFnOnce(&SampleHost, &Web<'_>)) {
    let host = SampleHost::start().await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let web = Web::new(&host, &browser);
    story(&host, &web).await;
    let minted = web.minted().await;
    assert!(minted.count() > 4, "the story has secrets");
    browser.close().await;
    let stopped = host.stop().await;
    assert!(stopped.success, "Ctrl-C ends it well");
    assert!(stopped.log.contains("DEBUG"), "everything was logged");
    let nothing = Vec::<String>::new();
    assert_eq!(minted.found_in(stopped.log.as_bytes()), nothing);
    assert_eq!(minted.found_below(stopped.data_dir()), nothing);
}

/// A browser's window.
pub struct Web<'a> {
    host: &'a SampleHost,
    /// The browser.
    pub browser: &'a Browser,
    /// What only the browser knows, with a name for each.
    learned: RefCell<BTreeMap<String, String>>,
}

impl<'a> Web<'a> {
    /// Whatever is on screen.
    pub fn new(host: &'a SampleHost, browser: &'a Browser) -> Self {
        Self { host, browser, learned: RefCell::default() }
    }

    /// Every secret of the story so far.
    pub async fn minted(&self) -> Minted {
        self.learn_cookies().await;
        let database = self.host.data_dir().join("authorization-server.sqlite");
        let mut minted = Minted::of(&database, &self.host.ready);
        for (value, name) in self.learned.borrow().iter() {
            minted.learn(value, name);
        }
        minted
    }

    /// Keeps something in mind that must not be found afterwards.
    pub fn learn(&self, value: &str, name: &str) {
        self.learned.borrow_mut().insert(value.to_owned(), name.to_owned());
    }

    /// Opens an address.
    pub async fn goto(&self, address: &str) {
        self.learn_cookies().await;
        self.browser.client.goto(address).await.expect("the page opens");
    }

    /// Opens a page of a program.
    pub async fn goto_program(&self, program: &str, path: &str) {
        self.goto(&self.address(program, path)).await;
    }

    /// Opens a page of the authorization server.
    pub async fn goto_server(&self, path: &str) {
        self.goto(&format!("{}{path}", self.host.ready.authorization_server)).await;
    }

    /// The address of a page of a program.
    pub fn address(&self, program: &str, path: &str) -> String {
        let url = url::Url::parse(&self.host.program(program).url).expect("a program has a URL");
        url.join(path).expect("a path").to_string()
    }

    /// Waits until the window is at this very address, and nothing else stands in it.
    pub async fn at(&self, address: &str) {
        eventually(&format!("the address {address}"), async || {
            let current = self.browser.client.current_url().await.ok()?;
            (current.as_str() == address).then_some(())
        })
        .await;
        self.learn_cookies().await;
    }

    /// Waits until a page of the authorization server is on screen.
    pub async fn at_server(&self, path: &str) {
        let begins = format!("{}{path}", self.host.ready.authorization_server);
        eventually(&format!("a page of the server at {path}"), async || {
            let current = self.browser.client.current_url().await.ok()?;
            current.as_str().starts_with(&begins).then_some(())
        })
        .await;
    }

    /// Waits until something is on screen.
    pub async fn shown(&self, css: &str) -> Element {
        eventually(&format!("`{css}` on screen"), async || {
            let element = self.browser.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// Whether something is on screen now.
    pub async fn is_shown(&self, css: &str) -> bool {
        match self.browser.client.find(Locator::Css(css)).await {
            Ok(element) => element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// The text of something on screen.
    pub async fn text(&self, css: &str) -> String {
        eventually(&format!("the text of `{css}`"), async || {
            let element = self.browser.client.find(Locator::Css(css)).await.ok()?;
            // A page that changes meanwhile is looked at again.
            element.is_displayed().await.ok()?.then_some(())?;
            element.text().await.ok()
        })
        .await
    }

    /// Clicks something as soon as it can be clicked.
    pub async fn click(&self, css: &str) {
        eventually(&format!("`{css}` clickable"), async || {
            let element = self.browser.client.find(Locator::Css(css)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Types into a field what is to stand there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.shown(css).await;
        field.clear().await.expect("the field can be cleared");
        field.send_keys(text).await.expect("the field takes text");
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.browser.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Signs a demo user in at the server's own page.
    pub async fn sign_in(&self, username: &str) {
        self.at_server("/login").await;
        self.fill("input[name=username]", username).await;
        self.fill("input[name=password]", self.host.password(username)).await;
        self.click("button[value=password]").await;
    }

    /// Answers the consent page, for as long as `remember` says.
    pub async fn allow(&self, remember: &str) {
        self.click(&format!("input[name=remember][value=\"{remember}\"]")).await;
        self.click("button[value=allow]").await;
    }

    /// Signs a demo user in to a program that is open in a tab of its own: by its button to the
    /// server's pages, whose consent page names it by `name`, and back.
    pub async fn sign_in_to(&self, program: &str, name: &str, username: &str) {
        self.goto_program(program, "/").await;
        self.click("[data-testid=browser-sign-in]").await;
        self.sign_in(username).await;
        self.at_server("/authorize").await;
        assert!(self.text("main").await.contains(name), "the consent page says who asks");
        self.allow("once").await;
        self.at(&self.address(program, "/")).await;
        self.shown("[data-testid=greeting]").await;
        let email = self.text("[data-testid=user-email]").await;
        assert!(email.contains(&format!("{username}@")), "{email}");
    }

    /// Brings a program an answer to a question that it never asked: it says so.
    pub async fn forge_an_answer(&self, program: &str) {
        self.goto_program(program, "/callback?code=forged&state=forged&iss=forged").await;
        self.shown("[data-testid=error][data-reason=state_mismatch]").await;
    }

    /// Opens a second window and looks at it from now on; gives the first one.
    pub async fn second_window(&self) -> WindowHandle {
        let client = &self.browser.client;
        let first = client.window().await.expect("there is a window");
        let second = client.new_window(false).await.expect("there is room for another");
        client.switch_to_window(second.handle).await.expect("it can be looked at");
        first
    }

    /// Looks at a window again.
    pub async fn back_to(&self, window: WindowHandle) {
        self.browser.client.switch_to_window(window).await.expect("the window is still there");
    }

    /// What of these parts holds more than its width shows.
    pub async fn too_wide(&self, parts: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll('{parts}')] \
             .filter(part => part.checkVisibility() && part.scrollWidth > part.clientWidth) \
             .map(part => part.className || part.localName)"
        );
        serde_json::from_value(self.run(&script).await).expect("a list of names")
    }

    async fn learn_cookies(&self) {
        // A window that shows nothing yet has no cookies to tell of.
        for cookie in self.browser.client.get_all_cookies().await.unwrap_or_default() {
            for part in cookie.value().split('.').filter(|part| part.len() >= 8) {
                self.learn(part, "a cookie's value");
            }
        }
    }
}
