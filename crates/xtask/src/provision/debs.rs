//! Programs of Debian packages that are unpacked and not installed: nothing of the system changes, and
//! no service starts.

use std::collections::BTreeSet;
use std::path::Path;

use crate::outcome::{NotPassed, PartResult};
use crate::provision::kept;
use crate::workspace::Workspace;

/// Unpacks packages, and all that they need and the system lacks, into a directory.
///
/// # Errors
/// Skipped where there is no apt, or it has not got them.
pub(crate) fn provide(workspace: &Workspace, packages: &[&str], directory: &Path) -> PartResult {
    kept::provide(workspace, directory, &packages.join(" "), || {
        let list = packages.join(" ");
        println!("unpacking packages of Debian: {list}");
        let unpacked = unpack(workspace, packages, directory).or_else(|_| {
            // The lists may name versions that are gone; only root can have them renewed.
            workspace.command("apt-get").args(["-q", "update"]).run()?;
            unpack(workspace, packages, directory)
        });
        unpacked.map_err(|why| {
            NotPassed::Skipped(format!(
                "apt could not get {list}, which this needs: {}",
                why.reason()
            ))
        })
    })
}

fn unpack(workspace: &Workspace, packages: &[&str], directory: &Path) -> PartResult {
    workspace.remove(directory)?;
    let archives = directory.join("archives");
    workspace.create_dir(&archives)?;
    let simulate = ["-q", "-y", "--no-install-recommends", "--print-uris", "install"];
    let told = workspace.command("apt-get").args(simulate).args(packages).quiet().read()?;
    let mut names = names(&told);
    names.extend(packages.iter().map(|package| (*package).to_owned()));
    let _back = workspace.enter(&archives);
    workspace.command("apt-get").args(["-q", "download"]).args(&names).run()?;
    for archive in workspace.list(&archives)? {
        workspace.command("dpkg").arg("-x").arg(&archive).arg(directory).quiet().run()?;
    }
    workspace.remove(&archives)
}

/// The packages of the lines `'address' file size hash`.
fn names(told: &str) -> BTreeSet<String> {
    let lines = told.lines().filter(|line| line.starts_with('\''));
    let files = lines.filter_map(|line| line.split_whitespace().nth(1));
    files.filter_map(|file| Some(file.split_once('_')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_stand_before_the_versions_of_the_files() {
        let told = "Reading package lists...\nThe following NEW packages will be installed:\n  a b\n\
                    'http://x/liba2.3_2.3.2-1_amd64.deb' liba2.3_2.3.2-1_amd64.deb 13604 MD5Sum:c8\n\
                    'http://x/b_1.1.0_all.deb' b_1%3a1.1.0_all.deb 2852 \n";
        assert_eq!(names(told), BTreeSet::from(["b".to_owned(), "liba2.3".to_owned()]));
    }
}
