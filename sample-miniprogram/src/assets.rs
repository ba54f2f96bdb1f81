//! The files that the pages load, built into the library.

use axum::{
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use crate::ProgramId;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! bridge {
    ($($path:literal),* $(,)?) => {
        &[$((
            concat!("/minihost/", $path),
            include_str!(concat!("../../bindings/javascript/src/", $path)),
        )),*]
    };
}

/// `@minihost/bridge`, as a program would serve its own copy of the package.
const BRIDGE: &[(&str, &str)] = bridge!(
    "index.js",
    "bridge.js",
    "connect.js",
    "errors.js",
    "listeners.js",
    "pending.js",
    "pkce.js",
    "wire.js",
    "transports/android.js",
    "transports/find.js",
    "transports/frame.js",
    "transports/ios.js",
    "transports/vendor.js",
);

macro_rules! program_file {
    ($program:literal, $name:literal) => {
        include_str!(concat!("../programs/", $program, "/", $name))
    };
}

/// The page of a program, told which hosts may show it.
pub(crate) fn page(id: ProgramId, host_origins: &[String]) -> Response {
    let html = match id {
        ProgramId::Teahouse => program_file!("teahouse", "index.html"),
        ProgramId::Cinema => program_file!("cinema", "index.html"),
    };
    // Checked origins hold nothing that HTML would read as markup.
    let html = html
        .replace("{{hostOrigins}}", &host_origins.join(" "))
        .replace("{{account}}", program_file!("shared", "account.html").trim_end());
    file(HTML, html)
}

/// Any other file of a program.
pub(crate) fn asset(id: ProgramId, uri: &Uri) -> Response {
    let (kind, text) = match (id, uri.path()) {
        (ProgramId::Teahouse, "/app.js") => (SCRIPT, program_file!("teahouse", "app.js")),
        (ProgramId::Teahouse, "/style.css") => (STYLE, program_file!("teahouse", "style.css")),
        (ProgramId::Teahouse, "/icon.svg") => (SVG, program_file!("teahouse", "icon.svg")),
        (ProgramId::Cinema, "/app.js") => (SCRIPT, program_file!("cinema", "app.js")),
        (ProgramId::Cinema, "/style.css") => (STYLE, program_file!("cinema", "style.css")),
        (ProgramId::Cinema, "/icon.svg") => (SVG, program_file!("cinema", "icon.svg")),
        (_, "/shared/base.css") => (STYLE, program_file!("shared", "base.css")),
        (_, "/shared/api.js") => (SCRIPT, program_file!("shared", "api.js")),
        (_, "/shared/account.js") => (SCRIPT, program_file!("shared", "account.js")),
        (_, "/shared/messages.js") => (SCRIPT, program_file!("shared", "messages.js")),
        (_, "/shared/program.js") => (SCRIPT, program_file!("shared", "program.js")),
        (_, "/shared/view.js") => (SCRIPT, program_file!("shared", "view.js")),
        (_, path) => match BRIDGE.iter().find(|(known, _)| *known == path) {
            Some((_, text)) => (SCRIPT, *text),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    file(kind, text.to_owned())
}

fn file(kind: &'static str, text: String) -> Response {
    // Revalidated each time, so that a page never mixes two versions of its parts.
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), text).into_response()
}

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
                false => _ = found.insert(name),
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
        let served: BTreeSet<String> = BRIDGE.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(served, modules);
    }
}
