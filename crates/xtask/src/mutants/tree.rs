//! A copy of the checkout that may be changed.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// Makes `tree` what the checkout is, whatever an earlier run left there, and gives the paths of
/// its files. A file that is the same already keeps its time, so that cargo compiles little.
pub(super) fn copy(workspace: &Workspace, tree: &Path) -> PartResult<Vec<PathBuf>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let list = workspace.command("git").args(list).quiet().read()?;
    let mut paths: Vec<PathBuf> = list
        .split('\0')
        .map(PathBuf::from)
        .filter(|path| workspace.root().join(path).is_file())
        .collect();
    paths.sort();
    remove_what_is_gone(&tree.with_extension("files"), tree, &paths)
        .map_err(|error| NotPassed::failed(format!("{}: {error}", tree.display())))?;
    for path in &paths {
        let from = workspace.root().join(path);
        copy_one(&from, &tree.join(path))
            .map_err(|error| NotPassed::failed(format!("{}: {error}", from.display())))?;
    }
    Ok(paths)
}

// Cargo would compile a test that is no longer there.
fn remove_what_is_gone(list: &Path, tree: &Path, paths: &[PathBuf]) -> io::Result<()> {
    let before = fs::read_to_string(list).unwrap_or_default();
    for path in before.lines().map(Path::new).filter(|path| !paths.iter().any(|p| p == path)) {
        match fs::remove_file(tree.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::create_dir_all(tree)?;
    let now: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    fs::write(list, now)
}

fn copy_one(from: &Path, to: &Path) -> io::Result<()> {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(to, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_from_the_checkout_is_gone_from_the_copy() {
        let directory = Workspace::locate().unwrap().temp_dir().unwrap();
        let tree = directory.path().join("tree");
        let list = directory.path().join("tree.files");
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        remove_what_is_gone(&list, &tree, &paths(&["a", "b"])).unwrap();
        for name in ["a", "b", "target"] {
            fs::write(tree.join(name), "").unwrap();
        }
        remove_what_is_gone(&list, &tree, &paths(&["a"])).unwrap();
        assert_eq!(["a", "b", "target"].map(|name| tree.join(name).exists()), [true, false, true]);
    }
}
