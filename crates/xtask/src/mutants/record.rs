//! What is remembered of each source file, across runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::{NotPassed, PartResult};

/// The text that the changes were made to. Another text has other changes.
const SOURCE: &str = "source";
/// There once every change was tried.
const FINISHED: &str = "finished";

/// One source file's results, in a directory of its own.
pub(super) struct Record {
    directory: PathBuf,
}

impl Record {
    /// Opens the record of a source file; an empty one where its text is not the one remembered.
    pub(super) fn open(results: &Path, tree: &Path, source: &Path) -> PartResult<Self> {
        let directory = results.join(source.to_string_lossy().replace(['/', '\\'], "+"));
        let record = Self { directory };
        let text = record.io(fs::read(tree.join(source)))?;
        if fs::read(record.directory.join(SOURCE)).ok().as_deref() != Some(&text) {
            let _ = fs::remove_dir_all(&record.directory);
            record.io(fs::create_dir_all(&record.directory))?;
            record.io(fs::write(record.directory.join(SOURCE), text))?;
        }
        record.gather()?;
        Ok(record)
    }

    /// Where cargo-mutants writes its results.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn is_finished(&self) -> bool {
        self.directory.join(FINISHED).exists()
    }

    /// Notes that every change was tried.
    pub(super) fn finish(&self) -> PartResult {
        self.gather()?;
        self.io(fs::write(self.directory.join(FINISHED), ""))
    }

    /// Each run of cargo-mutants lists only what it tried itself: adds that to what is known.
    fn gather(&self) -> PartResult {
        for (theirs, ours) in [("caught", "noticed"), ("unviable", "unviable")] {
            let mut known = self.lines(ours);
            known.extend(self.lines(&format!("mutants.out/{theirs}.txt")));
            let text: String = known.iter().map(|line| format!("{line}\n")).collect();
            self.io(fs::write(self.directory.join(ours), text))?;
        }
        Ok(())
    }

    fn lines(&self, file: &str) -> BTreeSet<String> {
        let text = fs::read_to_string(self.directory.join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn io<T>(&self, result: std::io::Result<T>) -> PartResult<T> {
        result.map_err(|error| NotPassed::failed(format!("{}: {error}", self.directory.display())))
    }
}

/// What was found in all files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    noticed: usize,
    unviable: usize,
    survivors: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, record: &Record) -> PartResult {
        let mut noticed = record.lines("noticed");
        // They are tried again each time, as what was missed is.
        noticed.extend(record.lines("mutants.out/timeout.txt"));
        self.noticed += noticed.len();
        self.unviable += record.lines("unviable").len();
        let missed = record.lines("mutants.out/missed.txt");
        self.survivors.extend(missed.difference(&noticed).cloned());
        Ok(())
    }

    /// The share of what compiled that tests noticed.
    pub(super) fn percent(&self) -> f64 {
        let tried = self.noticed + self.survivors.len();
        if tried == 0 { 0.0 } else { self.noticed as f64 * 100.0 / tried as f64 }
    }

    pub(super) fn text(&self) -> String {
        let survivors: String = self.survivors.iter().map(|line| format!("  {line}\n")).collect();
        format!(
            "{survivors}{} of {} changes noticed ({:.1} %), {} survive; {} more do not compile",
            self.noticed,
            self.noticed + self.survivors.len(),
            self.percent(),
            self.survivors.len(),
            self.unviable,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    fn write(record: &Record, file: &str, text: &str) {
        let path = record.directory.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn tally(record: &Record) -> Tally {
        let mut tally = Tally::default();
        tally.add(record).unwrap();
        tally
    }

    #[test]
    fn a_record_adds_runs_up_until_its_source_changes() {
        let directory = Workspace::locate().unwrap().temp_dir().unwrap();
        let source = Path::new("src/a.rs");
        fs::create_dir_all(directory.path().join("src")).unwrap();
        fs::write(directory.path().join(source), "one").unwrap();
        let open =
            || Record::open(&directory.path().join("results"), directory.path(), source).unwrap();

        let record = open();
        write(&record, "mutants.out/caught.txt", "a\nb\n");
        write(&record, "mutants.out/missed.txt", "c\nd\n");
        write(&record, "mutants.out/unviable.txt", "e\n");
        let stopped = open();
        assert!(!stopped.is_finished());
        write(&stopped, "mutants.out/caught.txt", "c\n");
        write(&stopped, "mutants.out/timeout.txt", "f\n");
        write(&stopped, "mutants.out/missed.txt", "d\n");
        write(&stopped, "mutants.out/unviable.txt", "");
        stopped.finish().unwrap();

        let again = open();
        assert!(again.is_finished());
        let found = Tally { noticed: 4, unviable: 1, survivors: vec!["d".into()] };
        assert_eq!(tally(&again), found);
        assert_eq!(found.percent(), 80.0);

        fs::write(directory.path().join(source), "two").unwrap();
        assert!(!open().is_finished());
        assert_eq!(tally(&open()), Tally::default());
        assert_eq!(Tally::default().percent(), 0.0, "nothing tried is nothing proven");
    }
}
