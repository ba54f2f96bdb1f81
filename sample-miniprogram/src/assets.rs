//! The files that the pages load, built into the library.

use axum::{
    http::{HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use crate::ProgramId;

/// A file's path within its origin, and its text.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal served at $at:literal: $($name:literal),* $(,)?) => {
        &[$((concat!($at, $name), include_str!(concat!($folder, $name)))),*]
    };
}

const TEAHOUSE: &[File] = files!(
    "../programs/teahouse/" served at "/": "app.js", "orders.js", "texts.js", "style.css", "icon.svg",
);

const CINEMA: &[File] = files!(
    "../programs/cinema/" served at "/": "app.js", "tickets.js", "texts.js", "style.css", "icon.svg",
);

const NOTEBOOK: &[File] = files!(
    "../programs/notebook/" served at "/":
    "app.js",
    "client.js",
    "id-token.js",
    "notes.js",
    "texts.js",
    "style.css",
    "icon.svg",
);

const SHARED: &[File] = files!(
    "../programs/shared/" served at "/shared/":
    "base.css",
    "account.js",
    "api.js",
    "link.js",
    "member.css",
    "member.js",
    "messages.js",
    "program.js",
    "shared-before.js",
    "texts.js",
    "view.js",
);

/// `@minihost/bridge`, as a program would serve its own copy of the package.
const BRIDGE: &[File] = files!(
    "../../bindings/javascript/src/" served at "/minihost/":
    "index.js",
    "bridge.js",
    "connect.js",
    "errors.js",
    "listen.js",
    "pkce.js",
    "transports/find.js",
    "transports/frame.js",
    "transports/ios.js",
    "transports/port.js",
);

/// One of a program's pages.
#[derive(Clone, Copy)]
pub(crate) enum Page {
    /// What a host opens, and a browser first.
    First,
    /// What belongs to the signed-in user alone.
    Members,
    /// Whether a customer's account is the user's.
    Link,
}

/// A page of a program, told which hosts may show it.
pub(crate) fn page(id: ProgramId, page: Page, host_origins: &[String]) -> Response {
    let html = match (page, id) {
        (Page::First, ProgramId::Teahouse) => include_str!("../programs/teahouse/index.html"),
        (Page::First, ProgramId::Cinema) => include_str!("../programs/cinema/index.html"),
        (Page::Members, ProgramId::Teahouse) => include_str!("../programs/teahouse/orders.html"),
        (Page::Members, ProgramId::Cinema) => include_str!("../programs/cinema/tickets.html"),
        (Page::Link, _) => include_str!("../programs/shared/link.html"),
    };
    filled(html, host_origins)
}

/// The one page of the program without a backend, told whose client it is.
pub(crate) fn notebook_page(issuer: &str, client_id: &str, host_origins: &[String]) -> Response {
    let html = include_str!("../programs/notebook/index.html")
        .replace("{{authorizationServer}}", issuer)
        .replace("{{clientId}}", client_id);
    filled(&html, host_origins)
}

// Checked origins hold nothing that HTML would read as markup.
fn filled(html: &str, host_origins: &[String]) -> Response {
    let html = html
        .replace("{{hostOrigins}}", &host_origins.join(" "))
        .replace("{{account}}", include_str!("../programs/shared/account.html").trim_end());
    ([TEXT_HTML, REVALIDATE], html).into_response()
}

/// Any other file of a program.
pub(crate) fn asset(id: ProgramId, uri: &Uri) -> Response {
    let own = match id {
        ProgramId::Teahouse => TEAHOUSE,
        ProgramId::Cinema => CINEMA,
    };
    file(own, uri)
}

/// Any other file of the program without a backend.
pub(crate) fn notebook_asset(uri: &Uri) -> Response {
    file(NOTEBOOK, uri)
}

fn file(own: &[File], uri: &Uri) -> Response {
    let mut files = own.iter().chain(SHARED).chain(BRIDGE);
    let Some((path, text)) = files.find(|(path, _)| *path == uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match path.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, kind), REVALIDATE], *text).into_response()
}

const TEXT_HTML: (HeaderName, &str) = (header::CONTENT_TYPE, "text/html; charset=utf-8");

/// So that a page never mixes two versions of its parts.
const REVALIDATE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-cache");

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn scripts(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => scripts(&entry.path(), &format!("{name}/"), found),
                false if name.ends_with(".js") => _ = found.insert(name),
                // Declarations for editors, never loaded.
                false => {}
            }
        }
    }

    #[test]
    fn every_module_of_the_bridge_is_served() {
        let mut modules = BTreeSet::new();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/javascript/src");
        scripts(&source, "/minihost/", &mut modules);
        // Types alone, never loaded.
        modules.remove("/minihost/transports/transport.js");
        // For developing without a host, and for programs of other platforms.
        let is_beside = |module: &str| {
            module.starts_with("/minihost/mock/") || module.starts_with("/minihost/shim/")
        };
        modules.retain(|module| !is_beside(module));
        // What a native container runs at document start: it brings that itself.
        for container in ["document-start.js", "awaited-port.js", "transports/awaited.js"] {
            assert!(modules.remove(&format!("/minihost/{container}")), "{container}");
        }
        let served: BTreeSet<String> = BRIDGE.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(served, modules);
    }
}
