//! What is installed once from a lock file and kept until the file says something else.

use std::env;
use std::path::{Path, PathBuf};

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// Where tools lie that every checkout of the same user has use for: a user's cargo home outlives a
/// checkout and its target directory.
pub(crate) fn tools() -> PartResult<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| NotPassed::failed("neither CARGO_HOME nor a home directory is known"))?;
    Ok(home.join("minihost-tools"))
}

const STAMP: &str = "minihost-stamp";

/// Runs `install` unless what is in `directory` came from a lock file with this text.
///
/// The stamp is written last, so that an installation that was cut short is made again.
pub(crate) fn provide(
    workspace: &Workspace,
    directory: &Path,
    lock: &str,
    install: impl FnOnce() -> PartResult,
) -> PartResult {
    let stamp = directory.join(STAMP);
    if workspace.read(&stamp).is_ok_and(|kept| kept == lock) {
        return Ok(());
    }
    workspace.remove(&stamp)?;
    install()?;
    workspace.write(&stamp, lock)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn an_installation_is_made_again_when_its_lock_changes_or_it_was_cut_short() {
        let workspace = Workspace::locate().unwrap();
        let directory = workspace.temp_dir().unwrap();
        let installed = Cell::new(0);
        let provide = |lock: &str, result: PartResult| {
            let _ = provide(&workspace, directory.path(), lock, || {
                installed.set(installed.get() + 1);
                result
            });
            installed.get()
        };
        assert_eq!(provide("one", Ok(())), 1);
        assert_eq!(provide("one", Ok(())), 1);
        assert_eq!(provide("two", Err(NotPassed::failed("cut short"))), 2);
        assert_eq!(provide("two", Ok(())), 3);
        assert_eq!(provide("two", Ok(())), 3);
    }
}
