//! The disk on which the file of grants lies: a directory of its own, and a thread that does what
//! the store's blocking tasks do. Whoever wants something done waits for it in real time, so that
//! virtual time and the order of things know nothing of threads.

use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel, sync_channel},
    thread,
};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

type Job = Box<dyn FnOnce(&Runtime) + Send>;

/// One disk. Histories use it one after the other.
pub(crate) struct Disk {
    jobs: Sender<Job>,
    directory: TempDir,
}

impl Disk {
    /// A disk in memory where the system has one, else a directory among the temporary ones.
    pub(crate) fn new() -> io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let directory = match TempDir::new_in(memory) {
            Ok(directory) => directory,
            Err(_) => TempDir::new()?,
        };
        let runtime = Builder::new_current_thread().build()?;
        let (jobs, queue) = channel::<Job>();
        thread::Builder::new().name("disk".to_owned()).spawn(move || {
            for job in queue {
                job(&runtime);
            }
        })?;
        Ok(Self { jobs, directory })
    }

    /// Where the grants lie.
    pub(crate) fn grants(&self) -> PathBuf {
        self.directory.path().join("grants")
    }

    /// Begins with nothing.
    pub(crate) fn clear(&self) {
        // One that is not there is gone.
        let _ = std::fs::remove_file(self.grants());
    }

    /// Does something to the end.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let (done, result) = sync_channel(1);
        let job: Job = Box::new(move |runtime| {
            let _ = done.send(runtime.block_on(work));
        });
        self.jobs.send(job).expect("the thread lives as long as the disk");
        result.recv().expect("the work came to its end")
    }
}
