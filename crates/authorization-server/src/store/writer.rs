//! The one thread that writes. What waits for it is committed together: a commit costs one flush
//! of the disk however much it holds.

use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::prune;
use crate::clock::SteeredClock;
use crate::error::{OpenError, StoreError};

const QUEUE: usize = 1024;
const MAX_GROUP: usize = 256;
const GROUPS_BETWEEN_PRUNINGS: u32 = 1024;

/// Does its part inside the open transaction and returns what to do once it has ended.
type Job = Box<dyn FnOnce(&Connection) -> Settle + Send>;
type Settle = Box<dyn FnOnce(Result<(), Ended>)>;

enum Order {
    Write(Job),
    Close(oneshot::Sender<()>),
}

/// The transaction could not be committed. Nothing of it was stored.
#[derive(Clone)]
struct Ended(String);

/// The way to the writer thread. Cheap to clone.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Order>);

impl Writer {
    pub(super) fn start(connection: Connection, clock: SteeredClock) -> Result<Self, OpenError> {
        let (orders, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("authorization-server-writer".to_owned())
            .spawn(move || run(connection, queue, &clock))
            .map_err(|error| OpenError::Thread(error.to_string()))?;
        Ok(Self(orders))
    }

    pub(super) async fn write<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = in_savepoint(connection, work);
            Box::new(move |ended| {
                // Nobody hears when the caller has gone; what was written stays.
                let _ = reply.send(match ended {
                    Ok(()) => outcome.map_err(StoreError::from),
                    Err(Ended(reason)) => Err(StoreError::Unavailable(reason)),
                });
            })
        });
        self.0.send(Order::Write(job)).await.map_err(|_| StoreError::closed())?;
        answer.await.unwrap_or_else(|_| Err(StoreError::closed()))
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(Order::Close(done)).await.is_ok() {
            // An error means that the thread has already ended.
            let _ = closed.await;
        }
    }
}

fn run(connection: Connection, mut queue: mpsc::Receiver<Order>, clock: &SteeredClock) {
    let mut groups: u32 = 0;
    let mut closers = Vec::new();
    prune::and_log(&connection, clock.now());
    while let Some(order) = queue.blocking_recv() {
        let mut jobs = Vec::new();
        let mut next = Some(order);
        while let Some(order) = next {
            match order {
                Order::Write(job) => jobs.push(job),
                Order::Close(done) => {
                    queue.close();
                    closers.push(done);
                }
            }
            next = (jobs.len() < MAX_GROUP).then(|| queue.try_recv().ok()).flatten();
        }
        commit_group(&connection, jobs);
        groups += 1;
        if groups.is_multiple_of(GROUPS_BETWEEN_PRUNINGS) {
            prune::and_log(&connection, clock.now());
        }
    }
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())) {
        tracing::warn!(%error, "the log stays beside the database until it is opened again");
    }
    drop(connection);
    for done in closers {
        let _ = done.send(());
    }
}

fn commit_group(connection: &Connection, jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    let mut settles = Vec::with_capacity(jobs.len());
    let ended = transaction(connection, jobs, &mut settles).map_err(|error| {
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed transaction could not be undone");
        }
        tracing::error!(%error, "a group of writes was not committed");
        Ended(error.to_string())
    });
    for settle in settles {
        settle(ended.clone());
    }
}

fn transaction(
    connection: &Connection,
    jobs: Vec<Job>,
    settles: &mut Vec<Settle>,
) -> rusqlite::Result<()> {
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    for job in jobs {
        // Also after a failure: a job without a transaction undoes itself, and its caller is told.
        settles.push(job(connection));
    }
    begun?;
    connection.execute_batch("COMMIT")
}

/// Undoes what `work` wrote when it fails, without touching the rest of the group.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // SQLite itself ends the transaction on some failures (a full disk, for one); what came after
    // would otherwise be committed on its own.
    if connection.is_autocommit() {
        return Err(rusqlite::Error::InvalidQuery);
    }
    connection.execute_batch("SAVEPOINT job")?;
    let outcome = work(connection);
    if connection.is_autocommit() {
        return outcome;
    }
    match outcome {
        Ok(value) => connection.execute_batch("RELEASE job").map(|()| value),
        Err(error) => {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}
