//! The Kotlin and Swift sources of `minihost-ffi`.

use crate::outcome::PartResult;
use crate::workspace::Workspace;

/// Builds the library and its generator, and writes `target/bindings/{kotlin,swift}`.
pub(crate) fn generate(workspace: &Workspace) -> PartResult {
    // The generator comes first, since its features also shape the library built beside it: the library
    // that stays behind, which tests load, is the one without them.
    let generator =
        ["build", "-p", "minihost-ffi", "--features", "bindgen", "--bin", "uniffi-bindgen"];
    workspace.cargo(generator).run()?;
    workspace.cargo(["build", "-p", "minihost-ffi", "--lib"]).run()?;

    let library = workspace.dynamic_library("minihost_ffi");
    for language in ["kotlin", "swift"] {
        let sources = workspace.empty_target_dir(&format!("bindings/{language}"))?;
        workspace
            .command(workspace.binary("uniffi-bindgen"))
            .arg("generate")
            .arg(&library)
            .args(["--language", language, "--no-format", "--out-dir"])
            .arg(&sources)
            .run()?;
        println!("{language} sources: {}", sources.display());
    }
    Ok(())
}
