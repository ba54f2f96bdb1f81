//! The forms of a page.

use scraper::{ElementRef, Selector};

use super::Form;

/// A form of a page, as it would be sent if nothing were changed and no button were pressed.
#[derive(Clone)]
pub(crate) struct PageForm {
    pub(crate) action: String,
    pub(crate) fields: Form,
}

impl PageForm {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields = self.fields.with(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields = self.fields.without(name);
        self
    }

    /// Ticks these boxes and clears the others.
    pub(crate) fn ticking(mut self, scopes: &[&str]) -> Self {
        self.fields = self.fields.without("scope");
        for scope in scopes {
            self.fields = self.fields.and("scope", scope);
        }
        self
    }
}

pub(super) fn field(input: ElementRef<'_>) -> Option<(String, String)> {
    let attribute = |name| input.value().attr(name);
    let is_sent = match attribute("type") {
        Some("checkbox" | "radio") => attribute("checked").is_some(),
        _ => true,
    };
    let name = attribute("name").filter(|_| is_sent)?;
    Some((name.to_owned(), attribute("value").unwrap_or_default().to_owned()))
}

pub(super) fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}
