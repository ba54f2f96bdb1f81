//! The desktop session around a test, and what its user does to the keyring.

use std::{
    env, fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::Command,
};

const PASSWORD: &str = "MINIHOST_KEYRING_PASSWORD";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
/// Of GNOME Keyring's control socket, which its PAM module unlocks the keyring through.
const UNLOCK: u32 = 1;
const DONE: [u8; 8] = [0, 0, 0, 8, 0, 0, 0, 0];

/// The session. There is one, so tests come one after the other.
pub(crate) struct Desktop {
    password: String,
}

impl Desktop {
    /// Stops where no password is given: what is locked here must never be somebody's own keyring.
    pub(crate) fn of_this_session() -> Self {
        let password = env::var(PASSWORD).expect("cargo xtask test keyring makes the session");
        Self { password }
    }

    /// The user, or a screen that locks itself, locks the keyring.
    pub(crate) fn lock(&self) {
        let locked = call([
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &format!("array:objpath:{COLLECTION}"),
        ]);
        assert!(locked.contains(COLLECTION), "{locked}");
    }

    /// The user enters the password.
    pub(crate) fn unlock(&self) {
        let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
        let mut request = UNLOCK.to_be_bytes().to_vec();
        request.extend(length(self.password.len()));
        request.extend(self.password.as_bytes());
        let mut message = length(4 + request.len()).to_vec();
        message.extend(request);

        let mut control = UnixStream::connect(runtime_dir().join("keyring/control")).unwrap();
        // The first byte stands for the caller's credentials, which the kernel tells.
        control.write_all(&[0]).unwrap();
        control.write_all(&message).unwrap();
        let mut answer = [0; DONE.len()];
        control.read_exact(&mut answer).unwrap();
        assert_eq!(answer, DONE, "the password is right");
    }

    /// From now on what shows prompts starts, and never gets to showing one.
    pub(crate) fn leave_prompts_unanswered(&self) {
        let services = runtime_dir().join("dbus-1/services");
        fs::create_dir_all(&services).unwrap();
        // It does not take the name it is started for, and ends with the bus.
        let prompter = "[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\n\
                        Exec=/bin/sh -c 'exec dbus-monitor >/dev/null'\n";
        fs::write(services.join("org.gnome.keyring.SystemPrompter.service"), prompter).unwrap();
        call([
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.ReloadConfig",
        ]);
    }
}

/// Calls a method over D-Bus and gives back what it returns, as text.
fn call<const ARGUMENTS: usize>(arguments: [&str; ARGUMENTS]) -> String {
    let mut command = Command::new("dbus-send");
    let output = command.args(["--session", "--print-reply"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn runtime_dir() -> PathBuf {
    env::var_os("XDG_RUNTIME_DIR").expect("cargo xtask test keyring makes one").into()
}
