//! The standard library for a platform that the toolchain at hand may have none of: compiled, or its
//! sources, of which Debian has those of several releases.

use std::env;
use std::path::{Path, PathBuf};

use xshell::Cmd;

use crate::outcome::{NotPassed, PartResult};
use crate::provision::kept;
use crate::workspace::Workspace;

/// Releases of Debian whose packages follow the compiler's releases.
const RELEASES: [&str; 2] = ["trixie-backports", "sid"];
const PACKAGE: &str = "rust-src";

/// Where the standard library of a platform comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StandardLibrary {
    /// The toolchain has it compiled.
    Compiled,
    /// The toolchain has the sources.
    Sources,
    /// This compiler finds the sources.
    SourcesOf(PathBuf),
}

impl StandardLibrary {
    /// What is at hand, else sources of Debian, which are kept.
    ///
    /// # Errors
    /// Skipped where there are none of the compiler's own release.
    pub(crate) fn provide(workspace: &Workspace, target: &str) -> PartResult<Self> {
        let text = workspace.command("rustc").args(["--print", "sysroot"]).quiet().read()?;
        let sysroot = PathBuf::from(text.trim());
        let libraries = sysroot.join("lib/rustlib");
        if libraries.join(target).join("lib").is_dir() {
            return Ok(Self::Compiled);
        }
        if libraries.join("src/rust/library/std").is_dir() {
            return Ok(Self::Sources);
        }
        let version = workspace.command("rustc").arg("-vV").quiet().read()?;
        let release = release(&version)?;
        let directory = workspace.target("standard-library");
        kept::provide(workspace, &directory, &format!("{release}\n{text}"), || {
            println!("unpacking the sources of Rust's standard library {release} from Debian");
            workspace.remove(&directory)?;
            unpack(workspace, release, &directory)?;
            shadow(workspace, &sysroot, release, &directory)
        })?;
        Ok(Self::SourcesOf(directory.join("rustc")))
    }

    /// Has a command of cargo use it.
    pub(crate) fn of<'a>(&self, cargo: Cmd<'a>) -> Cmd<'a> {
        // Building the standard library is no stable feature of cargo's, but of every cargo.
        let building =
            |cargo: Cmd<'a>| cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        match self {
            Self::Compiled => cargo,
            Self::Sources => building(cargo),
            Self::SourcesOf(compiler) => building(cargo).env("RUSTC", compiler),
        }
    }
}

/// The compiler's release, in what it tells of itself.
fn release(version: &str) -> PartResult<&str> {
    let release = version.lines().find_map(|line| line.strip_prefix("release: "));
    release.ok_or_else(|| NotPassed::failed("rustc does not tell its release"))
}

/// Nothing of the system changes: apt has lists and archives of its own in the directory.
fn unpack(workspace: &Workspace, release: &str, directory: &Path) -> PartResult {
    let apt = directory.join("apt");
    for part in ["lists/partial", "archives/partial"] {
        workspace.create_dir(&apt.join(part))?;
    }
    let lacking = |why: &str| {
        let why = format!(
            "this toolchain has the standard library neither compiled for phones nor as sources, and \
             {why}: `rustup component add rust-src` brings it where there is rustup"
        );
        NotPassed::Skipped(why)
    };
    let sites = ["indextargets", "--format", "$(ORIGIN) $(LABEL) $(SITE)"];
    let sites = workspace.command("apt-get").args(sites).quiet().ignore_stderr().read();
    let sites = sites.map_err(|_| lacking("there is no apt"))?;
    let site = sites.lines().find_map(|line| line.strip_prefix("Debian Debian "));
    let site = site.ok_or_else(|| lacking("apt has no sources of Debian"))?;
    let sources = RELEASES.map(|suite| format!("deb {site} {suite} main\n")).concat();
    workspace.write(&apt.join("sources"), &sources)?;
    let option = |name: &str, path: PathBuf| format!("-o{name}={}", path.display());
    let options = [
        option("Dir::Etc::sourcelist", apt.join("sources")),
        option("Dir::Etc::sourceparts", PathBuf::from("/dev/null")),
        option("Dir::State::lists", apt.join("lists")),
        option("Dir::Cache", apt.clone()),
        "-q".to_owned(),
    ];
    let updated = workspace.command("apt-get").args(&options).arg("update").run();
    updated.map_err(|error| lacking(&format!("apt gets no lists ({error})")))?;
    let offers = workspace.command("apt-cache").args(&options).args(["madison", PACKAGE]);
    let offers = offers.quiet().read()?;
    let none = || lacking(&format!("Debian has no sources of {release}"));
    let version = version_of(&offers, release).ok_or_else(none)?;
    let archives = apt.join("archives");
    let _back = workspace.enter(&archives);
    let package = format!("{PACKAGE}={version}");
    workspace.command("apt-get").args(&options).args(["download", &package]).run()?;
    for archive in workspace.list(&archives)? {
        if archive.extension().is_some_and(|kind| kind == "deb") {
            workspace.command("dpkg").arg("-x").arg(&archive).arg(directory).quiet().run()?;
        }
    }
    workspace.remove(&apt)
}

/// The version of a package whose sources are of this release, in the lines `name | version | where`.
fn version_of<'a>(offers: &'a str, release: &str) -> Option<&'a str> {
    let versions = offers.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    let mut versions = versions.filter(|version| {
        let rest = version.strip_prefix(release);
        rest.is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.')
        })
    });
    versions.next()
}

/// A tree of links that is the toolchain with the sources in it, and a compiler that looks there.
fn shadow(workspace: &Workspace, sysroot: &Path, release: &str, directory: &Path) -> PartResult {
    let tree = directory.join("toolchain");
    let rust = tree.join("lib/rustlib/src/rust");
    workspace.create_dir(&rust)?;
    let link = |from: &Path, to: &Path| -> PartResult {
        Ok(workspace.command("ln").arg("-sfn").arg(from).arg(to).quiet().run()?)
    };
    link(&sysroot.join("bin"), &tree.join("bin"))?;
    for (below, own) in [("lib", "rustlib"), ("lib/rustlib", "src")] {
        for entry in workspace.list(&sysroot.join(below))? {
            let name = entry.file_name().unwrap_or_default();
            if name != own {
                link(&entry, &tree.join(below).join(name))?;
            }
        }
    }
    let sources = directory.join(format!("usr/src/rustc-{release}"));
    for part in ["library", "src"] {
        link(&sources.join(part), &rust.join(part))?;
    }
    let compiler = format!("rustc{}", env::consts::EXE_SUFFIX);
    let script = format!(
        "#!/bin/sh\nexec \"{}\" --sysroot \"{}\" \"$@\"\n",
        sysroot.join("bin").join(compiler).display(),
        tree.display()
    );
    let rustc = directory.join("rustc");
    workspace.write(&rustc, &script)?;
    Ok(workspace.command("chmod").arg("+x").arg(&rustc).quiet().run()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_are_those_of_the_compiler_and_of_no_release_that_looks_alike() {
        let offers = "  rust-src | 1.95.0.1+dfsg1-1 | http://x sid/main amd64 Packages\n  \
                      rust-src | 1.95.01+dfsg1-1 | http://x sid/main amd64 Packages\n  \
                      rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://x trixie-backports/main\n";
        assert_eq!(version_of(offers, "1.95.0"), Some("1.95.0+dfsg1-2~bpo13+1"));
        assert_eq!(version_of(offers, "1.95"), None);
        assert_eq!(version_of("", "1.95.0"), None);
    }

    #[test]
    fn the_release_is_read_from_what_the_compiler_tells() {
        let told = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nrelease: 1.95.0\n";
        assert_eq!(release(told), Ok("1.95.0"));
        assert!(release("rustc 1.95.0").is_err());
    }
}
