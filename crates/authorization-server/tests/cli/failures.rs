use std::fs;

use crate::support::Place;

#[test]
fn each_failure_is_one_sentence_with_its_own_status() {
    let place = Place::empty();
    let sentence = place.refused(&["serve"], 3);
    assert!(sentence.contains("`init` makes one"), "{sentence}");

    let place = Place::new();
    let add = ["client", "add", "x", "--kind=mini-program", "--scope=openid"];
    let sentence = place.refused(&add, 1);
    assert!(sentence.contains("at least one redirect URI"), "{sentence}");
    let remote = place.refused(&["serve", "--listen", "0.0.0.0:0"], 5);
    assert!(remote.contains("--allow-remote"), "{remote}");
    let plain = place.refused(&["serve", "--listen", "0.0.0.0:0", "--allow-remote"], 5);
    assert!(plain.contains("certificate"), "{plain}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let sentence = place.refused(&["serve", "--listen", &address], 5);
    assert!(sentence.contains(&address), "{sentence}");

    for (from, to, expected) in [
        ("listen =", "lisen =", "in line"),
        ("7500\"", "7500/path\"", "without path"),
        ("#code_seconds = 60", "code_seconds = 601", "1 to 60 seconds"),
    ] {
        let text = fs::read_to_string(place.path("server.toml")).unwrap();
        place.configure(|text| text.replacen(from, to, 1));
        let sentence = place.refused(&["serve", "--listen", "127.0.0.1:0"], 3);
        assert!(sentence.contains(expected), "{sentence}");
        fs::write(place.path("server.toml"), text).unwrap();
    }

    place.configure(|text| {
        text.replace("#[tls]", "[tls]").replace("#cert", "cert").replace("#key =", "key =")
    });
    let sentence = place.refused(&["serve", "--listen", "127.0.0.1:0"], 5);
    assert!(sentence.contains("certificate.pem"), "{sentence}");

    let database = place.path("authorization-server.sqlite");
    fs::write(&database, [0xAB; 8192]).unwrap();
    let sentence = place.refused(&["client", "list"], 4);
    assert!(sentence.contains("is damaged"), "{sentence}");
    fs::remove_file(&database).unwrap();
    let sentence = place.refused(&["client", "list"], 4);
    assert!(sentence.contains("make it with `init`"), "{sentence}");
    assert!(!database.exists(), "looking makes nothing");
}

/// `/dev/full` takes nothing, and a pipe whose reader has gone neither.
#[cfg(target_os = "linux")]
#[test]
fn what_is_shown_once_and_cannot_be_written_can_be_had_again() {
    use std::process::{Command, Stdio};

    let place = Place::new();
    let refused = |command: &mut Command| {
        let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("error: ") && said.matches('\n').count() == 1, "{said}");
        said
    };
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let closed = || std::io::pipe().unwrap().1;
    let uri = "--redirect-uri=https://tea.example/back";
    for json in [&[][..], &["--json"]] {
        for id in ["tea", "menu"] {
            let add = ["client", "add", id, "--kind=mini-program", uri, "--replace"];
            let mut command = place.command(&[&add, json].concat());
            let said = refused(if id == "tea" {
                command.stdout(full())
            } else {
                command.stdout(closed())
            });
            assert!(said.contains(&format!("`client rotate-secret {id}` gives another")), "{said}");
        }
    }
    assert!(!place.secret(&["client", "rotate-secret", "tea", "--json"]).is_empty());
    let said = refused(place.command(&["client", "rotate-secret", "tea"]).stdout(full()));
    assert!(said.contains("`client rotate-secret tea` gives another"), "{said}");
    let said = refused(place.command(&["user", "add", "alice", "--generate"]).stdout(full()));
    assert!(said.contains("`user add alice --replace --generate` gives another"), "{said}");
    let said = refused(place.command(&["client", "list"]).stdout(full()));
    assert!(said.contains("the answer cannot be written"), "{said}");
    assert_eq!(place.json(&["client", "list", "--json"]).as_array().unwrap().len(), 2);

    let empty = Place::empty();
    let said = refused(empty.command(&["init", "--user", "alice"]).stdout(full()));
    assert!(said.contains("`user add alice --replace --generate` gives another"), "{said}");
}

#[test]
fn a_wrong_command_line_is_told_apart() {
    let place = Place::new();
    for wrong in [
        &["client", "add", "x"][..],
        &["client", "add", "x", "--kind=mini-program", "--redirect-uri=http://tea.example/"],
        &["client", "add", "x", "--kind=mini-program", "--origin=https://tea.example/path"],
        &["client", "add", "x", "--kind=resource-server"],
        &["client", "add", "x", "--kind=host", "--public", "--jwks=keys.json"],
        &["client", "add", "a b", "--kind=host"],
        &["user", "add", "alice", "--generate", "--password-stdin"],
    ] {
        assert_eq!(place.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_second_server_on_the_same_database_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let server = place.serve();
    let sentence = place.refused(&["serve", "--listen", "127.0.0.1:0"], 4);
    assert!(sentence.contains("another server is running on the database file"), "{sentence}");
    assert_eq!(server.stop().0, Some(0));
    assert_eq!(place.serve().stop().0, Some(0));
}
