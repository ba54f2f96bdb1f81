//! Replacing a file so that a crash leaves the old content or the new one, whole.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Writes a new file beside the old one, makes it durable, and puts it in the old one's place.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let mut file = create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    sync_directory(path)
}

/// Moves a file to a name that nothing else has, in the same directory.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".set-aside-");
    let reserved = tempfile::Builder::new().prefix(&prefix).tempfile_in(directory(path))?;
    let (_, aside) = reserved.keep().map_err(|error| error.error)?;
    fs::rename(path, &aside)?;
    sync_directory(path)?;
    Ok(aside)
}

/// Where the new file is written. Always the same name: what a crash leaves is overwritten.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Without this the rename itself may be lost in a power cut. Windows has no such thing; its file
/// systems log renames.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory(path))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_was_cut_anywhere_leaves_the_old_content_and_the_way_free() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("grants");
        replace(&path, b"old").unwrap();
        let new = b"the new content";
        for cut in 0..=new.len() {
            fs::write(beside(&path), &new[..cut]).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"old", "cut at {cut}");
        }
        replace(&path, b"x").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn what_is_set_aside_keeps_its_content_and_overwrites_nothing() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("grants");
        let mut aside = Vec::new();
        for content in ["one", "two", "three"] {
            fs::write(&path, content).unwrap();
            let moved = set_aside(&path).unwrap();
            assert!(!path.exists());
            assert!(moved.file_name().unwrap().to_str().unwrap().starts_with("grants.set-aside-"));
            aside.push((moved, content));
        }
        for (moved, content) in aside {
            assert_eq!(fs::read_to_string(moved).unwrap(), content);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("grants");
        replace(&path, b"x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
