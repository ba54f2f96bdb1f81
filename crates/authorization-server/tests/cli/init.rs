use std::fs;
use std::process::Command;

use crate::support::{ISSUER, Place};

#[test]
fn init_makes_all_that_serve_needs_and_overwrites_nothing() {
    let place = Place::new();
    let text = fs::read_to_string(place.path("server.toml")).unwrap();
    assert!(text.contains(&format!("issuer = \"{ISSUER}\"")), "{text}");
    assert!(place.path("authorization-server.sqlite").exists());
    assert!(place.path("authorization-server.sqlite.key").exists());
    let sentence = place.refused(&["init"], 1);
    assert!(sentence.contains("exists already"), "{sentence}");
    assert_eq!(fs::read_to_string(place.path("server.toml")).unwrap(), text);
}

#[tokio::test]
async fn what_init_made_serves_at_once() {
    let place = Place::new();
    let server = place.serve();
    let (status, metadata) = server.get("/.well-known/oauth-authorization-server").await;
    assert_eq!((status.as_u16(), metadata["issuer"].as_str()), (200, Some(ISSUER)));
    let (_, keys) = server.get("/jwks").await;
    assert_eq!(keys["keys"][0]["alg"], "RS256");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn init_makes_a_password_only_where_a_user_is_asked_for_and_shows_it_once() {
    let place = Place::empty();
    let said = place.ok(&["init", "--user", "alice", "--issuer", "https://id.example"]);
    let password = said.lines().find_map(|line| line.split_once("not shown again: ")).unwrap().1;
    assert_eq!(password.len(), 43, "256 bits in base64url");
    for entry in fs::read_dir(place.directory()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(password.len()).any(|window| window == password.as_bytes()));
    }
    assert!(!Place::empty().ok(&["init"]).contains("password"));
}

#[test]
fn a_wrong_issuer_leaves_nothing_behind() {
    let place = Place::empty();
    let sentence = place.refused(&["init", "--issuer", "http://id.example"], 3);
    assert!(sentence.contains("https"), "{sentence}");
    assert_eq!(fs::read_dir(place.directory()).unwrap().count(), 0);
}

#[test]
fn help_tells_of_every_command_and_status() {
    let program = env!("CARGO_BIN_EXE_minihost-authorization-server");
    let output = Command::new(program).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for word in ["init", "serve", "client", "user", "keys", "--config", "Exit status"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}
