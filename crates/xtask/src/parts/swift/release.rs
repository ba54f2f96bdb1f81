//! The package that host apps add, assembled as on a Mac but for the framework in it.

use serde_json::Value;

use super::PACKAGE;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::swift::{Swift, source, target};
use crate::workspace::Workspace;

/// Relative to cargo's target directory.
const ARCHIVE: &str = "swift/release/MiniHostFFIC.xcframework.zip";
const FOLDER: &str = "swift/release/MiniHost";
const ADDRESS: &str = "https://releases.example/1.0.0/MiniHostFFIC.xcframework.zip";

/// Assembles a release, and holds its manifest against the one that the tests are built by.
pub(super) fn assemble(workspace: &Workspace, swift: &Swift<'_>) -> PartResult {
    workspace.write(&workspace.target(ARCHIVE), "no framework")?;
    let (archive, folder) = (target(ARCHIVE), target(FOLDER));
    let script = ["sh", "assemble-release.sh", &archive, ADDRESS, &folder];
    swift.command(PACKAGE, &[], script).run()?;
    let (released, tested) = (manifest(swift, &folder)?, manifest(swift, &source(PACKAGE))?);
    for member in ["name", "platforms", "products"] {
        if released[member] != tested[member] {
            return Err(NotPassed::failed(format!(
                "Release/Package.swift has other {member} than Package.swift"
            )));
        }
    }
    framework(&released)
}

fn manifest(swift: &Swift<'_>, package: &str) -> PartResult<Value> {
    let scratch = target("swift/release/scratch");
    let words = ["swift", "package", "--package-path", package, "--scratch-path", &scratch];
    let words = [&words, &["--disable-sandbox", "dump-package"][..]].concat();
    Ok(serde_json::from_str(&swift.command(PACKAGE, &[], words).read()?)?)
}

/// The framework is named by its address, and by a checksum of what lies there.
fn framework(manifest: &Value) -> PartResult {
    let targets = manifest["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let binary = targets.iter().find(|target| target["type"] == "binary").unwrap_or(&Value::Null);
    let checksum = binary["checksum"].as_str().unwrap_or_default();
    let is_sha_256 = checksum.len() == 64 && checksum.bytes().all(|byte| byte.is_ascii_hexdigit());
    if binary["url"] == ADDRESS && is_sha_256 {
        Ok(())
    } else {
        Err(NotPassed::failed("the released package does not name its framework"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_release_names_its_framework_by_address_and_checksum() {
        let checksum = "0f".repeat(32);
        let named = |url: &str, checksum: &str| {
            framework(&json!({"targets": [
                {"name": "MiniHost", "type": "regular"},
                {"name": "MiniHostFFIC", "type": "binary", "url": url, "checksum": checksum},
            ]}))
        };
        assert_eq!(named(ADDRESS, &checksum), Ok(()));
        assert!(named("ADDRESS", &checksum).is_err());
        assert!(named(ADDRESS, "CHECKSUM").is_err());
        assert!(framework(&json!({"targets": [{"name": "MiniHost", "type": "regular"}]})).is_err());
    }
}
