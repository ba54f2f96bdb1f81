use axum::http::{HeaderMap, HeaderValue, header};

/// Sets the headers that protect every answer of a program. Only `host_origins` may frame it.
pub(crate) fn protect(headers: &mut HeaderMap, host_origins: &[String], reaches: &str) {
    let framers = match host_origins {
        [] => "'none'".to_owned(),
        origins => origins.join(" "),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {reaches}; \
         form-action 'none'; base-uri 'none'; frame-ancestors {framers}"
    );
    let policy = HeaderValue::try_from(policy).expect("checked origins are ASCII without controls");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}
