//! A page that was received, as far as a user agent needs it.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::form::Form;

/// What a page holds.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) forms: Vec<Form>,
}

impl Page {
    pub(super) fn read(html: &str, address: &Url) -> Self {
        let document = Html::parse_document(html);
        let first = |selector: &Selector| document.select(selector).next();
        Self {
            title: first(&selector("title")).map(text_of).unwrap_or_default(),
            text: first(&selector("body")).map(text_of).unwrap_or_default(),
            forms: document
                .select(&selector("form"))
                .map(|form| Form::read(&document, form, address))
                .collect(),
        }
    }
}

/// The text of an element in one line. Scripts and styles hold none.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let mut words = Vec::new();
    for node in element.descendants() {
        let within = node.parent().and_then(ElementRef::wrap).map(|parent| parent.value().name());
        if let (Some(text), false) =
            (node.value().as_text(), matches!(within, Some("script" | "style")))
        {
            words.extend(text.split_whitespace());
        }
    }
    words.join(" ")
}

/// A selector that is right as it stands.
pub(super) fn selector(text: &'static str) -> Selector {
    Selector::parse(text).expect("a selector in this crate is well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_is_written_on_it_and_not_what_styles_it() {
        let html = "<title>Sign in</title><body><style>p{}</style><p>Hello,\n <b>Alice</b></p>";
        let page = Page::read(html, &Url::parse("http://127.0.0.1/").unwrap());
        assert_eq!((page.title.as_str(), page.text.as_str()), ("Sign in", "Hello, Alice"));
        assert!(page.forms.is_empty());
    }
}
