//! Form bodies, whose values are secrets.

use std::borrow::Cow;

use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::ports::SecretBytes;

/// The parameters of a request. Has no `Debug`.
#[derive(Clone)]
pub(crate) struct Form(Vec<(Cow<'static, str>, Zeroizing<String>)>);

/// What becomes of a parameter.
pub(crate) enum Edit {
    Keep,
    Rename(String),
    LeaveOut,
}

impl Form {
    /// A form without a parameter.
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    /// The body, where there is a parameter.
    pub(crate) fn encode_some(&self) -> Option<SecretBytes> {
        (!self.0.is_empty()).then(|| self.encode())
    }

    /// A form that begins with this parameter.
    pub(crate) fn new(name: &'static str, value: impl Into<String>) -> Self {
        let mut form = Self::empty();
        form.add(name, value);
        form
    }

    /// Adds a parameter.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), Zeroizing::new(value.into())));
    }

    /// Adds another form's parameters.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Gives parameters other names, and leaves some out.
    pub(crate) fn edit(&mut self, edit: impl Fn(&str) -> Edit) {
        self.0.retain_mut(|(name, _)| match edit(name) {
            Edit::Keep => true,
            Edit::Rename(new) => {
                *name = new.into();
                true
            }
            Edit::LeaveOut => false,
        });
    }

    /// Adds a parameter where there is a value.
    pub(crate) fn add_some(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// The body as `application/x-www-form-urlencoded`.
    pub(crate) fn encode(&self) -> SecretBytes {
        // Room for all of it: growing would leave copies of secrets behind.
        let room = self.0.iter().map(|(name, value)| encoded(name) + encoded(value) + 2).sum();
        let mut body = Vec::with_capacity(room);
        for (name, value) in &self.0 {
            if !body.is_empty() {
                body.push(b'&');
            }
            for piece in byte_serialize(name.as_bytes()) {
                body.extend_from_slice(piece.as_bytes());
            }
            body.push(b'=');
            for piece in byte_serialize(value.as_bytes()) {
                body.extend_from_slice(piece.as_bytes());
            }
        }
        SecretBytes::new(body)
    }
}

/// How long a text is once it is encoded.
fn encoded(text: &str) -> usize {
    byte_serialize(text.as_bytes()).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_in_is_what_a_server_reads(value in ".{0,80}", other in ".{0,20}") {
            let mut form = Form::new("first", value.as_str());
            form.add_some("absent", None::<String>);
            form.add("second", other.as_str());
            let body = form.encode();
            let read: Vec<_> = form_urlencoded::parse(body.expose()).into_owned().collect();
            let expected = [("first".to_owned(), value), ("second".to_owned(), other)];
            prop_assert_eq!(read, expected);
        }
    }
}
