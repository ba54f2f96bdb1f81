//! The `redirect_uri` parameter (RFC 6749 §3.1.2, §4.1.3).

use super::{Form, Problem};
use crate::client::{Client, Dialect};

/// The redirect URI that the request names; programs written for open platforms may call it
/// `redirect_url`.
pub(crate) fn redirect_uri<'a>(
    client: &Client,
    form: &'a Form,
) -> Result<Option<&'a str>, Problem> {
    let standard = form.get("redirect_uri")?;
    if client.dialect == Dialect::Standard {
        return Ok(standard);
    }
    match (standard, form.get("redirect_url")?) {
        (Some(uri), Some(url)) if uri != url => {
            Err(Problem::invalid_request("redirect_uri and redirect_url differ"))
        }
        (uri, url) => Ok(uri.or(url)),
    }
}
