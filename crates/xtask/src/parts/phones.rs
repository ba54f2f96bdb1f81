//! The library for phones, type-checked for the platforms that it ships to. No code of theirs runs
//! here, and nothing is linked.

use std::path::{Path, PathBuf};

use crate::outcome::PartResult;
use crate::provision::standard_library::StandardLibrary;
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-ffi";

/// A platform, by its name to the compiler.
const TARGETS: [&str; 2] = ["aarch64-linux-android", "aarch64-apple-ios"];

/// Makes the file that it is asked for, with nothing in it: the C of the cryptography is not what is
/// checked here, and compilers for these platforms need licences and kits of their own.
const COMPILER: &str = r#"#!/bin/sh
out=
while [ $# -gt 0 ]; do
    case "$1" in
        # Which family of compilers this is.
        -E) echo clang ;;
        -o) shift; out=$1 ;;
    esac
    shift
done
[ -z "$out" ] || : > "$out"
"#;

/// Makes an empty archive.
const ARCHIVER: &str = r#"#!/bin/sh
for file in "$@"; do
    case "$file" in *.a) printf '!<arch>\n' > "$file" ;; esac
done
"#;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let stand_ins = StandIns::write(workspace)?;
    TARGETS.iter().try_for_each(|target| check(workspace, target, &stand_ins))
}

/// What build scripts look for before they compile C.
struct StandIns {
    compiler: PathBuf,
    archiver: PathBuf,
    kit: PathBuf,
}

impl StandIns {
    fn write(workspace: &Workspace) -> PartResult<Self> {
        let directory = workspace.target("phones-tools");
        workspace.create_dir(&directory)?;
        // Build scripts know a kit of Apple's by its path.
        let kit = directory.join("iPhoneOS.platform/Developer/SDKs/iPhoneOS.sdk");
        workspace.create_dir(&kit)?;
        let compiler = script(workspace, &directory.join("cc"), COMPILER)?;
        let archiver = script(workspace, &directory.join("ar"), ARCHIVER)?;
        Ok(Self { compiler, archiver, kit })
    }
}

fn script(workspace: &Workspace, path: &Path, text: &str) -> PartResult<PathBuf> {
    workspace.write(path, text)?;
    workspace.command("chmod").arg("+x").arg(path).quiet().run()?;
    Ok(path.to_owned())
}

fn check(workspace: &Workspace, target: &str, stand_ins: &StandIns) -> PartResult {
    let standard_library = StandardLibrary::provide(workspace, target)?;
    let variable = target.replace('-', "_");
    let check = workspace
        .cargo(["check", "--locked", "-p", PACKAGE, "--target", target, "--target-dir"])
        // Of its own: another compiler's path in the same directory builds everything anew.
        .arg(workspace.target("phones"))
        .env(format!("CC_{variable}"), &stand_ins.compiler)
        .env(format!("AR_{variable}"), &stand_ins.archiver)
        .env("SDKROOT", &stand_ins.kit)
        .env("IPHONEOS_DEPLOYMENT_TARGET", "15.0");
    Ok(standard_library.of(check).run()?)
}
