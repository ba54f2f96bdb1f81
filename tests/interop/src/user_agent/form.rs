//! Forms as HTML has them (HTML Living Standard §4.10.21.4, "constructing the entry list").

use scraper::{ElementRef, Html};
use url::Url;

use super::page::{selector, text_of};

/// A form of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: Url,
    pub(super) method: Method,
    controls: Vec<Control>,
}

/// How a form is sent.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
}

#[derive(Debug, PartialEq, Eq)]
struct Control {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// Sent as it is.
    Plain,
    /// A line of text that a person can see, sent as it is.
    Line,
    /// What the user signs in with.
    Username,
    Password,
    /// Sent where it is ticked.
    Box {
        ticked: bool,
    },
    /// One of several, of which the chosen one is sent.
    Radio {
        chosen: bool,
        label: String,
    },
    /// Sent where it is pressed.
    Button {
        label: String,
    },
}

impl Form {
    pub(super) fn read(document: &Html, form: ElementRef<'_>, address: &Url) -> Self {
        let attribute = |name| form.value().attr(name).unwrap_or_default();
        let action = address.join(attribute("action")).unwrap_or_else(|_| address.clone());
        let post = attribute("method").eq_ignore_ascii_case("post");
        let within = |control: &ElementRef<'_>| match control.value().attr("form") {
            Some(owner) => Some(owner) == form.value().attr("id"),
            None => control.ancestors().any(|ancestor| ancestor.id() == form.id()),
        };
        let all = selector("input, button, select, textarea");
        let mut controls: Vec<Control> =
            document.select(&all).filter(within).filter_map(control).collect();
        find_username(&mut controls);
        let method = if post { Method::Post } else { Method::Get };
        Self { action, method, controls }
    }

    /// Whether one signs in here.
    pub(super) fn asks_for_a_password(&self) -> bool {
        self.controls.iter().any(|control| control.kind == Kind::Password)
    }

    /// Whether one can choose scopes here.
    pub(super) fn has_boxes(&self) -> bool {
        self.controls.iter().any(|control| matches!(control.kind, Kind::Box { .. }))
    }

    /// Fills in who signs in.
    pub(super) fn sign_in(&mut self, username: &str, password: &str) {
        for control in &mut self.controls {
            match control.kind {
                Kind::Username => username.clone_into(&mut control.value),
                Kind::Password => password.clone_into(&mut control.value),
                _ => {}
            }
        }
    }

    /// Ticks the boxes that `wanted` says by their value, and clears the others.
    pub(super) fn tick(&mut self, wanted: impl Fn(&str) -> bool) {
        for control in &mut self.controls {
            if let Kind::Box { ticked } = &mut control.kind {
                *ticked = wanted(&control.value);
            }
        }
    }

    /// Chooses what has these words beside it, where one of several can be chosen.
    pub(super) fn pick(&mut self, words: &str) {
        let says = |control: &&Control| match &control.kind {
            Kind::Radio { label, .. } => label.contains(words),
            _ => false,
        };
        let Some(name) = self.controls.iter().find(says).map(|control| control.name.clone()) else {
            return;
        };
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            if let Kind::Radio { chosen, label } = &mut control.kind {
                *chosen = label.contains(words);
            }
        }
    }

    /// The words on the buttons, in order.
    pub(super) fn buttons(&self) -> Vec<&str> {
        let labels = self.controls.iter().filter_map(|control| match &control.kind {
            Kind::Button { label } => Some(label.as_str()),
            _ => None,
        });
        labels.collect()
    }

    /// What is sent when the button at this place is pressed.
    pub(super) fn entries(&self, pressed: usize) -> Vec<(&str, &str)> {
        let mut buttons = 0..;
        let sent = |control: &&Control| match control.kind {
            Kind::Plain | Kind::Line | Kind::Username | Kind::Password => true,
            Kind::Box { ticked: is_sent } | Kind::Radio { chosen: is_sent, .. } => is_sent,
            Kind::Button { .. } => buttons.next() == Some(pressed),
        };
        let entries = self.controls.iter().filter(sent);
        let named = entries.filter(|control| !control.name.is_empty());
        named.map(|control| (control.name.as_str(), control.value.as_str())).collect()
    }
}

fn control(element: ElementRef<'_>) -> Option<Control> {
    let attribute = |name| element.value().attr(name);
    if attribute("disabled").is_some() {
        return None;
    }
    let own_value = attribute("value").unwrap_or_default().to_owned();
    let kind_of_input = attribute("type").unwrap_or_default().to_ascii_lowercase();
    let (kind, value) = match (element.value().name(), kind_of_input.as_str()) {
        ("select", _) => (Kind::Plain, selected(element)?),
        ("textarea", _) => (Kind::Plain, element.text().collect()),
        ("button", "button" | "reset") | ("input", "button" | "reset" | "image" | "file") => {
            return None;
        }
        ("button", _) => (Kind::Button { label: text_of(element) }, own_value),
        ("input", "submit") => (Kind::Button { label: own_value.clone() }, own_value),
        ("input", "password") => (Kind::Password, own_value),
        ("input", "checkbox") => {
            let ticked = attribute("checked").is_some();
            (Kind::Box { ticked }, attribute("value").unwrap_or("on").to_owned())
        }
        ("input", "radio") => {
            let chosen = attribute("checked").is_some();
            let value = attribute("value").unwrap_or("on").to_owned();
            (Kind::Radio { chosen, label: label_around(element) }, value)
        }
        _ if is_username(element) => (Kind::Username, own_value),
        ("input", "" | "text" | "email" | "tel") => (Kind::Line, own_value),
        _ => (Kind::Plain, own_value),
    };
    Some(Control { name: attribute("name").unwrap_or_default().to_owned(), value, kind })
}

/// Where the page does not say which field is the username, it is the line before the password.
fn find_username(controls: &mut [Control]) {
    let Some(password) = controls.iter().position(|control| control.kind == Kind::Password) else {
        return;
    };
    let before = &mut controls[..password];
    if before.iter().all(|control| control.kind != Kind::Username)
        && let Some(line) = before.iter_mut().rev().find(|control| control.kind == Kind::Line)
    {
        line.kind = Kind::Username;
    }
}

/// The words of the label that a control is in.
fn label_around(control: ElementRef<'_>) -> String {
    let mut around = control.ancestors().filter_map(ElementRef::wrap);
    around.find(|element| element.value().name() == "label").map(text_of).unwrap_or_default()
}

/// HTML's own way to say so (§4.10.18.7, "autofill").
fn is_username(input: ElementRef<'_>) -> bool {
    let autofill = input.value().attr("autocomplete").unwrap_or_default();
    autofill.split_whitespace().any(|word| word.eq_ignore_ascii_case("username"))
}

/// The chosen option of a list, or its first.
fn selected(list: ElementRef<'_>) -> Option<String> {
    let all = selector("option");
    let chosen = list.select(&all).find(|option| option.value().attr("selected").is_some());
    let option = chosen.or_else(|| list.select(&all).next())?;
    Some(option.value().attr("value").map_or_else(|| text_of(option), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::page::Page;
    use super::*;

    fn form(html: &str) -> Form {
        let address = Url::parse("http://127.0.0.1:1/authorize?x=1").unwrap();
        Page::read(html, &address).forms.remove(0)
    }

    #[test]
    fn what_is_hidden_goes_back_as_it_came_and_what_is_disabled_or_nameless_does_not() {
        let form = form(
            r#"<form action="/login" method="POST"><input type="hidden" name="t" value="a&amp;b">
               <input name="empty"><input name="no" value="1" disabled><input value="nameless">
               <textarea name="area">text</textarea><button>Go</button></form>"#,
        );
        assert_eq!(form.action.as_str(), "http://127.0.0.1:1/login");
        assert_eq!(form.method, Method::Post);
        assert_eq!(form.entries(0), [("t", "a&b"), ("empty", ""), ("area", "text")]);
    }

    #[test]
    fn a_form_without_an_action_goes_to_its_page_by_get() {
        let form = form("<form><button>Go</button></form>");
        assert_eq!(form.action.as_str(), "http://127.0.0.1:1/authorize?x=1");
        assert_eq!(form.method, Method::Get);
    }

    #[test]
    fn the_user_is_filled_in_where_html_says_so() {
        let mut form = form(
            r#"<form><input name="who" autocomplete="username"><input type="password" name="pw">
               <button>Sign in</button></form>"#,
        );
        assert!(form.asks_for_a_password());
        form.sign_in("alice", "secret");
        assert_eq!(form.entries(0), [("who", "alice"), ("pw", "secret")]);
    }

    #[test]
    fn without_a_word_the_username_is_the_line_before_the_password() {
        let mut form = form(
            r#"<form><input name="tenant" value="acme"><input type="text" name="who">
               <input type="hidden" name="t" value="1"><input type="password" name="pw"><button>Go</button></form>"#,
        );
        form.sign_in("alice", "secret");
        let expected = [("tenant", "acme"), ("who", "alice"), ("t", "1"), ("pw", "secret")];
        assert_eq!(form.entries(0), expected);
    }

    #[test]
    fn only_ticked_boxes_and_the_pressed_button_are_sent() {
        let mut form = form(
            r#"<form id="f"><input type="checkbox" name="scope" value="email" checked>
               <input type="checkbox" name="scope" value="phone">
               <label><input type="radio" name="for" value="once">Once</label>
               <label><input type="radio" name="for" value="ever" checked>For ever</label>
               <select name="list"><option value="1">one<option value="2" selected>two</select>
               <button name="d" value="no">Cancel</button></form><button form="f" name="d" value="yes">Allow</button>"#,
        );
        assert!(form.has_boxes());
        assert_eq!(form.buttons(), ["Cancel", "Allow"]);
        let rest = [("for", "ever"), ("list", "2")];
        let sent = |form: &Form, pressed, boxes: &[&'static str], button| {
            let boxes = boxes.iter().map(|scope| ("scope", *scope));
            let expected: Vec<_> = boxes.chain(rest).chain([("d", button)]).collect();
            assert_eq!(form.entries(pressed), expected);
        };
        sent(&form, 0, &["email"], "no");
        form.tick(|scope| scope == "phone");
        sent(&form, 1, &["phone"], "yes");
        for words in ["Once", "no such words"] {
            form.pick(words);
            assert_eq!(form.entries(1)[1], ("for", "once"), "{words}");
        }
    }
}
