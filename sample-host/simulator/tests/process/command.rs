//! The command as its users see it: output, errors, stopping.

use std::{fs, net::TcpListener};

use crate::support::{SampleHost, command, run};

#[test]
fn one_line_of_json_tells_everything_and_nothing_else_is_on_standard_output() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(&dir.path().join("new"));
    command.args(["--port", "0"]).env("RUST_LOG", "trace");
    let host = SampleHost::spawn(command);
    let announced = host.announced.clone();
    assert_eq!(announced["users"].as_array().unwrap().len(), 2);
    // The one with a backend in Node is there where it is installed.
    let programs = announced["miniPrograms"].as_array().unwrap();
    assert!((3..=4).contains(&programs.len()), "{programs:?}");
    let secrets = host.secrets();
    let ended = host.stop();
    assert!(ended.status.success(), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.matches("There is no Secret Service").count(), 1);
    for secret in secrets {
        assert!(!ended.stderr.contains(&secret));
    }
}

#[test]
fn secrets_are_new_at_every_start_and_lie_nowhere_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let first = SampleHost::start(dir.path());
    let before = first.secrets();
    assert!(first.stop().status.success());
    let second = SampleHost::start(dir.path());
    let after = second.secrets();
    assert!(second.stop().status.success());
    assert!(before.iter().all(|secret| !after.contains(secret)));
    let mut files = 0;
    let mut directories = vec![dir.path().to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            files += 1;
            let bytes = fs::read(&path).unwrap();
            for secret in before.iter().chain(&after) {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "a secret lies in {}", path.display());
            }
        }
    }
    assert!(files >= 3, "{files}");
}

#[test]
fn a_port_that_is_taken_ends_it_with_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = command(dir.path());
    command.args(["--port", &port]);
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains(&port) && ended.stderr.contains("--port"), "{}", ended.stderr);
}

#[test]
fn a_directory_in_use_ends_the_second_one() {
    let dir = tempfile::tempdir().unwrap();
    let first = SampleHost::start(dir.path());
    let mut command = command(dir.path());
    command.args(["--port", "0"]);
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("in use by another sample host"), "{}", ended.stderr);
    assert!(first.stop().status.success());
}

#[test]
fn a_directory_that_cannot_be_made_ends_it_with_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let ended = run(command(&file.join("below")));
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("--data-dir"), "{}", ended.stderr);
}

#[test]
fn a_directory_that_others_own_ends_it_with_one_sentence() {
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};

    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let theirs = dir.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = command(&theirs);
    command.args(["--port", "0"]);
    // Root may write everywhere, so there somebody else runs it, from where they may read it.
    if fs::File::create(theirs.join("probe")).is_ok() {
        let binary = dir.path().join("sample-host");
        fs::copy(env!("CARGO_BIN_EXE_sample-host"), &binary).unwrap();
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = std::process::Command::new(binary);
        command.args(arguments).current_dir("/").uid(65_534).gid(65_534);
    }
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    let denied = ended.stderr.contains("Permission denied") && ended.stderr.contains("--data-dir");
    assert!(denied, "{}", ended.stderr);
}

#[test]
fn a_damaged_database_ends_it_with_one_sentence_and_stays_as_it_is() {
    for name in ["authorization-server.sqlite", "mini-programs/teahouse.sqlite3"] {
        let dir = tempfile::tempdir().unwrap();
        assert!(SampleHost::start(dir.path()).stop().status.success());
        let database = dir.path().join(name);
        let damage = vec![b'x'; 8192];
        assert!(database.exists(), "{name}");
        fs::write(&database, &damage).unwrap();
        let mut command = command(dir.path());
        command.args(["--port", "0"]);
        let ended = run(command);
        assert_eq!(ended.status.code(), Some(1), "{name}");
        assert_eq!(ended.stdout, "");
        let sentence = ended.stderr.lines().last().unwrap_or_default();
        assert!(sentence.contains(name) && sentence.contains("damaged"), "{}", ended.stderr);
        assert_eq!(fs::read(&database).unwrap(), damage);
    }
}

#[test]
fn a_log_filter_that_cannot_be_read_ends_it_with_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(dir.path());
    command.args(["--port", "0"]).env("RUST_LOG", "a=b=c");
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("RUST_LOG"), "{}", ended.stderr);
}
