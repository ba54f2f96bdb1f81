//! Swift, in a Debian of its own: its packages want newer libraries than the system may have, so they
//! stand in a directory, and what they run sees that directory as its root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use xshell::Cmd;

use crate::outcome::{NotPassed, PartResult};
use crate::provision::kept;
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[
    Requirement { package: "debootstrap", evidence: Evidence::Program(&["debootstrap"]) },
    Requirement { package: "util-linux", evidence: Evidence::Program(&["unshare"]) },
    Requirement { package: "iproute2", evidence: Evidence::Program(&["ip"]) },
];

/// The release of Debian whose Swift it is.
const RELEASE: &str = "trixie";

/// The compiler names neither of the two libraries it needs as what it depends on.
const PACKAGES: [&str; 3] = ["swiftlang", "libc6-dev", "libstdc++-14-dev"];

/// What is kept, for as long as it was made of these.
const STAMP: &str = "trixie: swiftlang libc6-dev libstdc++-14-dev; 1";

/// Where programs in the root find the workspace, which they cannot change.
const SOURCE: &str = "/minihost/source";
/// Where programs in the root find cargo's target directory.
const TARGET: &str = "/minihost/target";

/// Has a command killed once this process has ended, however it did: `unshare` takes no notice of the signals that end
/// others.
const WITH_US: [&str; 3] = ["setpriv", "--pdeathsig", "KILL"];

/// Enters the root: `root source target directory environment… -- command…`. What it mounts is gone with
/// it, and so is whatever it started.
const ENTER: &str = r#"set -e
root=$1 source=$2 target=$3 directory=$4; shift 4
mkdir -p "$root/minihost/source" "$root/minihost/target"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$source" "$root/minihost/source"
mount -o remount,bind,ro "$root/minihost/source"
mount --bind "$target" "$root/minihost/target"
ip link set lo up
exec chroot "$root" /usr/bin/env -i LANG=C.UTF-8 PATH=/usr/libexec/swift/bin:/usr/bin:/bin \
    sh -c 'cd "$1" && shift && exec /usr/bin/env "$@"' sh "$directory" "$@""#;

/// Installs the compiler in a root that debootstrap has made.
const INSTALL: &str = r#"set -e
root=$1; shift
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
exec chroot "$root" /usr/bin/env -i HOME=/ LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'apt-get -q -y install --no-install-recommends "$@" && apt-get clean' sh "$@""#;

/// The compiler, its package manager and its tools.
pub(crate) struct Swift<'a> {
    workspace: &'a Workspace,
    root: PathBuf,
}

/// Finds the root, and makes it where this machine has none.
///
/// # Errors
/// Skipped, with a sentence, where that is not possible.
pub(crate) fn provide(workspace: &Workspace) -> PartResult<Swift<'_>> {
    if !system::is_root(workspace) {
        let reason = "Swift runs in a root directory of its own here, which only root can enter: \
                      run this part as root, or `swift test` in bindings/swift where Swift 6 is \
                      installed";
        return Err(NotPassed::Skipped(reason.to_owned()));
    }
    system::provide(workspace, NEEDS)?;
    let root = kept::tools()?.join(format!("swift-{RELEASE}"));
    kept::provide(workspace, &root, STAMP, || {
        println!("installing Swift of Debian {RELEASE} into {}", root.display());
        install(workspace, &root).map_err(|why| {
            NotPassed::Skipped(format!("Swift could not be installed: {}", why.reason()))
        })
    })?;
    workspace.create_dir(&workspace.target("swift/home"))?;
    Ok(Swift { workspace, root })
}

impl Swift<'_> {
    /// A program of the root, started in a directory of the workspace, without a network but the
    /// loopback interface. `environment` is all that it gets; paths in it are those that [`source`] and
    /// [`target`] give.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        directory: &str,
        environment: &[(&str, String)],
        words: impl IntoIterator<Item = A>,
    ) -> Cmd<'_> {
        let variables = environment.iter().map(|(name, value)| format!("{name}={value}"));
        self.enter(["--net"], ENTER)
            .arg(self.workspace.root())
            .arg(self.workspace.target(""))
            .arg(format!("{SOURCE}/{directory}"))
            .arg(format!("HOME={TARGET}/swift/home"))
            .args(variables)
            .args(words)
    }

    fn enter<const N: usize>(&self, options: [&str; N], script: &str) -> Cmd<'_> {
        enter(self.workspace, &self.root, options, script)
    }
}

/// What programs in the root call a path of the workspace.
pub(crate) fn source(path: &str) -> String {
    format!("{SOURCE}/{path}")
}

/// What programs in the root call a path of cargo's target directory.
pub(crate) fn target(path: &str) -> String {
    format!("{TARGET}/{path}")
}

fn install(workspace: &Workspace, root: &Path) -> PartResult {
    workspace.remove(root)?;
    workspace.create_dir(root)?;
    let bootstrap = workspace.command("debootstrap").args(["--variant=minbase", RELEASE]).arg(root);
    bootstrap.args(mirror(workspace)).run()?;
    enter(workspace, root, [], INSTALL).args(PACKAGES).run()?;
    Ok(())
}

fn enter<'a, const N: usize>(
    workspace: &'a Workspace,
    root: &Path,
    options: [&str; N],
    script: &str,
) -> Cmd<'a> {
    let [program, options_of_program @ ..] = WITH_US;
    workspace
        .command(program)
        .args(options_of_program)
        .args(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"])
        .args(options)
        .args(["sh", "-c", script, "sh"])
        .arg(root)
}

/// Where this machine gets its own packages from, where they are Debian's; debootstrap knows another
/// place.
fn mirror(workspace: &Workspace) -> Option<String> {
    let format = ["indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"];
    let told = workspace.command("apt-get").args(format).quiet().ignore_stderr().read().ok()?;
    mirror_in(&told)
}

fn mirror_in(told: &str) -> Option<String> {
    let mirrors = told.lines().filter_map(|line| line.strip_prefix("Debian "));
    mirrors.map(str::to_owned).find(|mirror| !mirror.contains("security"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_started_ends_with_whoever_started_it() {
        use std::io::{BufRead as _, BufReader, Read as _};
        use std::process::{Command, Stdio};

        // The inner shell would go on once its input ends.
        let script = r#"exec 3<&0; "$@" sh -c 'echo started; read -r line; echo late' <&3 & wait"#;
        let mut starter = Command::new("sh")
            .args(["-c", script, "sh"])
            .args(WITH_US)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = starter.stdin.take();
        let mut output = BufReader::new(starter.stdout.take().unwrap());
        let mut said = String::new();
        output.read_line(&mut said).unwrap();
        starter.kill().unwrap();
        starter.wait().unwrap();
        drop(input);
        output.read_to_string(&mut said).unwrap();
        assert_eq!(said, "started\n");
    }

    #[test]
    fn packages_come_from_where_the_machine_has_its_own() {
        let told = "Other https://x.example/repository/\nDebian http://y.example/debian-security/\n\
                    Debian http://y.example/debian/\n";
        assert_eq!(mirror_in(told).as_deref(), Some("http://y.example/debian/"));
        assert_eq!(mirror_in("Ubuntu http://z.example/ubuntu/\n"), None);
    }

    #[test]
    fn paths_are_those_that_the_root_knows() {
        assert_eq!(source("tests/vectors"), "/minihost/source/tests/vectors");
        assert_eq!(target("debug"), "/minihost/target/debug");
    }
}
