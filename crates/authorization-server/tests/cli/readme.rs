//! What the crate's README shows works as it stands there.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::Place;

const README: &str = include_str!("../../README.md");

/// The shell blocks, in their order.
fn blocks() -> Vec<&'static str> {
    let blocks = README.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

/// Runs every block in one shell, with the program in the place of `cargo run` and a port that is
/// free, and returns what each of them said.
fn run(place: &Place) -> Vec<String> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = env!("CARGO_BIN_EXE_minihost-authorization-server");
    let mut script = "set -eu\nexec 2>&1\n".to_owned();
    for (number, block) in blocks().into_iter().enumerate() {
        script += &format!("echo '== {number}'\n{block}\n");
    }
    let script = script
        .replace("cargo run --quiet -p minihost-authorization-server --", program)
        .replace("mhas init\n", &format!("mhas init --listen 127.0.0.1:{port} --issuer $AS\n"))
        .replace("127.0.0.1:7500", &format!("127.0.0.1:{port}"));
    let path = place.path("readme.sh");
    fs::write(&path, script).unwrap();
    let output = Command::new("timeout")
        .args(["120", "bash"])
        .arg(&path)
        .current_dir(place.directory())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let parts: Vec<_> = said.split("== ").skip(1).map(str::to_owned).collect();
    assert_eq!(parts.len(), blocks().len(), "{said}");
    parts
}

#[test]
fn every_example_of_the_readme_works_as_it_stands_there() {
    let place = Place::empty();
    let said = run(&place);
    let expected: &[&[&str]] = EXPECTED;
    assert_eq!(said.len(), expected.len());
    for (part, expected) in said.iter().zip(expected) {
        for text in *expected {
            assert!(part.contains(text), "{text} is missing in {part}");
        }
    }
}

/// What must be in the answers of each block.
const EXPECTED: &[&[&str]] = &[
    &[],
    &["bank", "teahouse", "\"issuer\":"],
    &["HTTP/1.1 303", "HTTP/1.1 400"],
    &[],
    &["alice@mail.example", "open_id"],
    &["invalid_grant"],
    &["access_token"],
    &[],
    &["access-control-allow-origin: https://cinema.example", "nothing for another origin"],
    &[
        "ES256",
        "\"request_uri\":\"urn:",
        "\"active\":true",
        "HTTP/1.1 200",
        "www-authenticate: Bearer error=\"invalid_token\"",
    ],
    &["invalid_grant", "HTTP/1.1 405"],
    &["user_code"],
    &["another secret", "new keys", "is removed"],
];
