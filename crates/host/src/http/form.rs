//! Form bodies, whose values are secrets.

use std::borrow::Cow;

use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::ports::SecretBytes;

/// The parameters of a request. Has no `Debug`.
pub(crate) struct Form(Vec<(Cow<'static, str>, Zeroizing<String>)>);

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

    /// Gives every parameter the name that it is to have; one without is left out.
    pub(crate) fn rename(&mut self, name: impl Fn(&str) -> Option<Cow<'static, str>>) {
        self.0.retain_mut(|(old, _)| match name(old) {
            Some(new) => {
                *old = new;
                true
            }
            None => false,
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
        // Room for the worst case: growing would leave copies of secrets behind.
        let room = self.0.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut body = Vec::with_capacity(room);
        for (name, value) in &self.0 {
            if !body.is_empty() {
                body.push(b'&');
            }
            byte_serialize(name.as_bytes()).for_each(|piece| body.extend(piece.bytes()));
            body.push(b'=');
            byte_serialize(value.as_bytes()).for_each(|piece| body.extend(piece.bytes()));
        }
        SecretBytes::new(body)
    }
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
