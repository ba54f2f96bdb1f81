//! Requests as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::setting::Credentials;

/// A form of a client, up to the values that differ between its requests.
#[derive(Clone)]
pub(crate) struct FormRequest {
    /// The head up to the number of the `Content-Length`.
    head: String,
    /// What all bodies begin with.
    body: String,
}

impl FormRequest {
    /// `fields` are the same in every request.
    pub(crate) fn new(
        host: &str,
        path: &str,
        client: &Credentials,
        fields: &[(&str, &str)],
    ) -> Self {
        let basic = STANDARD.encode(format!("{}:{}", encoded(&client.id), encoded(&client.secret)));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        );
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { head, body }
    }

    /// Writes a request with one more field.
    pub(crate) fn write(&self, request: &mut Vec<u8>, name: &str, value: &str) {
        let length = self.body.len() + name.len() + value.len() + "&=".len();
        request.extend_from_slice(self.head.as_bytes());
        request.extend_from_slice(length.to_string().as_bytes());
        for part in ["\r\n\r\n", &self.body, "&", name, "=", value] {
            request.extend_from_slice(part.as_bytes());
        }
    }
}

/// A request without a body.
pub(crate) fn get(host: &str, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
}

/// A request with an access token and without a body.
pub(crate) fn get_as_bearer(host: &str, path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// RFC 6749 §2.3.1.
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_whole_request_with_the_length_of_its_body() {
        let client = Credentials { id: "c".to_owned(), secret: "a b".to_owned() };
        let form = FormRequest::new("id.example", "/token", &client, &[("scope", "a b")]);
        let mut request = Vec::new();
        form.write(&mut request, "code", "x-y_z");
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "scope=a+b&code=x-y_z");
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        assert!(head.contains("\r\nHost: id.example\r\n"));
        assert!(head.contains(&format!("Authorization: Basic {}\r\n", STANDARD.encode("c:a+b"))));
    }
}
