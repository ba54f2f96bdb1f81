//! A look at the configuration before the relay serves.

use std::process::Command;

use crate::stage::HOST_SECRET;

const CONFIG: &str = "listen = '127.0.0.1:0'\ndatabase = 'grants.sqlite'\n\
    issuer = 'https://as.example'\nclient = { id = 'host', secret_file = 'secret' }\n\
    profile.challenge = {}\n\
    [[programs]]\nclient_id = 'program'\nredirect_uris = []\nscopes = []\n";

#[test]
fn a_check_says_what_is_wrong_and_makes_nothing_that_the_relay_could_not_open_later() {
    for (config, says) in [
        (CONFIG.to_owned(), None),
        (CONFIG.replace("'secret'", "'elsewhere'"), Some("elsewhere")),
        (CONFIG.replace("https://", "http://"), Some("https")),
    ] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("relay.toml"), config).unwrap();
        std::fs::write(directory.path().join("secret"), HOST_SECRET).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_minihost-relay"))
            .arg("--config")
            .arg(directory.path().join("relay.toml"))
            .arg("--check")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), says.is_none(), "{said}");
        assert!(said.contains(says.unwrap_or_default()), "{said}");
        assert_eq!(directory.path().read_dir().unwrap().count(), 2, "what the test wrote");
    }
}
