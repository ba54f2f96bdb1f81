//! The SDK on the keychain of a Linux desktop: GNOME Keyring, on a message bus of its own.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xshell::Cmd;

use crate::listing::names_a_test;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[
    Requirement { package: "dbus", evidence: Evidence::Program(&["dbus-run-session"]) },
    Requirement {
        package: "gnome-keyring",
        evidence: Evidence::Program(&["gnome-keyring-daemon"]),
    },
];

const PACKAGE: &str = "minihost";
const TEST: &str = "keyring";
const PASSWORD: &str = "of a keyring that is thrown away";

/// The sessions in turn, each with a module of the test and all with the same keyring.
const SESSIONS: [(&str, Keyring); 3] = [
    ("first_session::", Keyring::Unlocked),
    ("next_session::", Keyring::Locked),
    ("unattended_session::", Keyring::Locked),
];

/// How the session finds its keyring.
#[derive(Clone, Copy)]
enum Keyring {
    /// The login unlocks it, or makes it.
    Unlocked,
    /// The login was without a password: the service starts when it is first called.
    Locked,
}

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    let build = ["test", "-p", PACKAGE, "--test", TEST, "--no-run"];
    let messages = workspace.cargo(build).arg("--message-format=json-render-diagnostics").read()?;
    let test = executable(&messages)?;
    let home = workspace.empty_target_dir("keyring")?;
    for (module, keyring) in SESSIONS {
        run_in_session(workspace, &test, &home, module, keyring)?;
    }
    Ok(())
}

fn run_in_session(
    workspace: &Workspace,
    test: &Path,
    home: &Path,
    module: &str,
    keyring: Keyring,
) -> PartResult {
    let select = ["--ignored", module];
    let list = workspace.command(test).args(select).arg("--list").quiet().read()?;
    if !names_a_test(&list) {
        return Err(NotPassed::failed(format!("the test {TEST} of {PACKAGE} has no {module}")));
    }
    // Outside of the home: the path of a socket has little room, and the target directory may lie deep.
    let runtime = workspace.temp_dir()?;
    let session = workspace.command("dbus-run-session").arg("--");
    // What the tests lock and the keyring of whoever runs them must not meet, nor may a prompt be shown.
    let session = session
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env("MINIHOST_KEYRING_PASSWORD", PASSWORD);
    Ok(log_in(session, keyring).arg(test).args(select).arg("--test-threads=1").run()?)
}

fn log_in(session: Cmd<'_>, keyring: Keyring) -> Cmd<'_> {
    match keyring {
        Keyring::Unlocked => {
            let unlock = r#"gnome-keyring-daemon --unlock --components=secrets && exec "$@""#;
            session.args(["sh", "-c", unlock, "sh"]).stdin(PASSWORD)
        }
        Keyring::Locked => session,
    }
}

/// The test binary, in the messages of the build.
fn executable(messages: &str) -> PartResult<PathBuf> {
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line)?;
        let path = message["executable"].as_str().filter(|_| message["target"]["name"] == TEST);
        if let Some(path) = path {
            return Ok(path.into());
        }
    }
    Err(NotPassed::failed(format!("cargo names no binary of the test {TEST}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_of_the_test_is_found_among_the_messages_of_the_build() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"keyring"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/target/other"}
{"reason":"compiler-artifact","target":{"name":"keyring"},"executable":"/target/keyring-1"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Ok(PathBuf::from("/target/keyring-1")));
    }

    #[test]
    fn a_build_without_the_test_fails() {
        let messages = r#"{"reason":"build-finished","success":true}"#;
        assert!(matches!(executable(messages), Err(NotPassed::Failed(_))));
    }
}
