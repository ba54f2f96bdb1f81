//! The Kotlin and Swift sources of `minihost-ffi`.

use std::path::{Path, PathBuf};

use crate::outcome::PartResult;
use crate::workspace::Workspace;

const KOTLIN: &str = "org/minihost/ffi/minihost_ffi.kt";

/// Builds the library and its generator, and writes `target/bindings/{kotlin,swift}`.
pub(crate) fn generate(workspace: &Workspace) -> PartResult {
    build_generator(workspace)?;
    workspace.cargo(["build", "-p", "minihost-ffi", "--lib"]).run()?;

    let library = workspace.dynamic_library("minihost_ffi");
    for language in ["kotlin", "swift"] {
        let sources = write(workspace, &library, language, &format!("bindings/{language}"))?;
        println!("{language} sources: {}", sources.display());
    }
    Ok(())
}

/// Builds the library in release, with what the benchmark compares it with, and gives the sources of that
/// in one language.
pub(crate) fn generate_for_benchmark(workspace: &Workspace, language: &str) -> PartResult<PathBuf> {
    build_generator(workspace)?;
    let library = ["build", "--release", "-p", "minihost-ffi", "--lib", "--features", "bench"];
    workspace.cargo(library).run()?;
    let library = workspace.release_dynamic_library("minihost_ffi");
    write(workspace, &library, language, &format!("bench/{language}/bindings"))
}

/// To be built before any library, since its features also shape the one built beside it: the library
/// that stays behind, which tests load, is the one without them.
fn build_generator(workspace: &Workspace) -> PartResult {
    let generator =
        ["build", "-p", "minihost-ffi", "--features", "bindgen", "--bin", "uniffi-bindgen"];
    workspace.cargo(generator).run()?;
    Ok(())
}

/// Writes the sources of a library into a directory below cargo's target directory.
fn write(
    workspace: &Workspace,
    library: &Path,
    language: &str,
    directory: &str,
) -> PartResult<PathBuf> {
    let sources = workspace.empty_target_dir(directory)?;
    workspace
        .command(workspace.binary("uniffi-bindgen"))
        .arg("generate")
        .arg(library)
        .args(["--language", language, "--no-format", "--out-dir"])
        .arg(&sources)
        .run()?;
    if language == "kotlin" {
        hide(workspace, &sources.join(KOTLIN))?;
    }
    Ok(sources)
}

/// Takes the generated Kotlin out of the API of the artifact that it is compiled into: what stands at
/// the top of the file is `internal`. The generator has no setting for it.
fn hide(workspace: &Workspace, file: &Path) -> PartResult {
    let text = workspace.read(file)?;
    let hidden: Vec<String> = text.lines().map(hidden).collect();
    workspace.write(file, &(hidden.join("\n") + "\n"))
}

fn hidden(line: &str) -> String {
    const DECLARATIONS: [&str; 16] = [
        "abstract class ",
        "class ",
        "const val ",
        "data class ",
        "enum class ",
        "fun ",
        "fun interface ",
        "inline fun ",
        "interface ",
        "object ",
        "open class ",
        "sealed class ",
        "sealed interface ",
        "suspend fun ",
        "typealias ",
        "val ",
    ];
    // A function that belongs to no class is generated with its annotation before it, and indented.
    if let Some((annotation, function)) = line.split_once(") fun ")
        && annotation.trim_start().starts_with("@Throws(")
    {
        return format!("{annotation}) internal fun {function}");
    }
    let line = line.strip_prefix("public ").unwrap_or(line);
    let declares = DECLARATIONS.iter().any(|start| line.starts_with(start));
    if declares { format!("internal {line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_top_of_a_file_is_hidden_and_nothing_else() {
        for (line, expected) in [
            ("public interface MiniHostInterface {", "internal interface MiniHostInterface {"),
            ("open class MiniHost: Disposable", "internal open class MiniHost: Disposable"),
            ("    public fun `close`()", "    public fun `close`()"),
            ("internal object UniffiLib {", "internal object UniffiLib {"),
            ("private fun f() {}", "private fun f() {}"),
            (
                "    @Throws(LogException::class) fun `stopLog`()",
                "    @Throws(LogException::class) internal fun `stopLog`()",
            ),
            (
                "    @Throws(LogException::class)override fun `log`()",
                "    @Throws(LogException::class)override fun `log`()",
            ),
            ("// class", "// class"),
        ] {
            assert_eq!(hidden(line), expected);
        }
    }
}
