//! The one thread that writes. What waits for it is committed together: a commit costs one flush
//! of the disk however much it holds.

use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::lock::ServerLock;
use super::prune;
use crate::clock::SteeredClock;
use crate::crash::{CrashPoint, reached};
use crate::error::{OpenError, StoreError};

const QUEUE: usize = 1024;
const MAX_GROUP: usize = 256;
const BETWEEN_PRUNINGS: Duration = Duration::from_secs(60 * 60);
const BETWEEN_PRUNINGS_OF_REQUESTS: Duration = Duration::from_secs(60);

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
    pub(super) fn start(
        connection: Connection,
        lock: Option<ServerLock>,
        clock: SteeredClock,
    ) -> Result<Self, OpenError> {
        let (orders, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("authorization-server-writer".to_owned())
            .spawn(move || run(connection, queue, lock, &clock))
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

fn run(
    connection: Connection,
    mut queue: mpsc::Receiver<Order>,
    lock: Option<ServerLock>,
    clock: &SteeredClock,
) {
    let serves = lock.is_some();
    let mut pruned = clock.now();
    let mut pruned_requests = pruned;
    let mut closers = Vec::new();
    if serves {
        prune::and_log(&connection, pruned);
    }
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
        let now = clock.now();
        if serves && now.since(pruned) >= BETWEEN_PRUNINGS {
            (pruned, pruned_requests) = (now, now);
            prune::and_log(&connection, now);
        } else if serves && now.since(pruned_requests) >= BETWEEN_PRUNINGS_OF_REQUESTS {
            pruned_requests = now;
            prune::requests_and_log(&connection, now);
        }
    }
    reached(CrashPoint::BeforeCheckpoint);
    if serves
        && let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
    {
        tracing::warn!(%error, "the log stays beside the database until it is opened again");
    }
    drop(connection);
    // Who waits for the end may open the database again at once.
    drop(lock);
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
    let begun = run_prepared(connection, "BEGIN IMMEDIATE");
    for job in jobs {
        // Also after a failure: a job without a transaction undoes itself, and its caller is told.
        settles.push(job(connection));
    }
    begun?;
    reached(CrashPoint::BeforeCommit);
    run_prepared(connection, "COMMIT")?;
    reached(CrashPoint::AfterCommit);
    Ok(())
}

fn run_prepared(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute(()).map(drop)
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
    run_prepared(connection, "SAVEPOINT job")?;
    let outcome = work(connection);
    reached(CrashPoint::Written);
    if connection.is_autocommit() {
        return outcome;
    }
    match outcome {
        Ok(value) => run_prepared(connection, "RELEASE job").map(|()| value),
        Err(error) => {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc as blocking};

    use rusqlite::Error;

    use super::*;
    use crate::clock::SystemClock;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE notes (text TEXT UNIQUE)").unwrap();
        Writer::start(connection, None, SteeredClock::new(Arc::new(SystemClock))).unwrap()
    }

    fn note(text: &'static str) -> impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send {
        move |db| db.execute("INSERT INTO notes VALUES (?1)", [text])
    }

    async fn notes(writer: &Writer) -> Vec<String> {
        let read = |db: &Connection| {
            let mut find = db.prepare("SELECT text FROM notes ORDER BY text")?;
            find.query_map((), |row| row.get(0))?.collect()
        };
        writer.write(read).await.unwrap()
    }

    /// Keeps the thread busy until the sender is used, so that what follows becomes one group.
    async fn busy(writer: &Writer) -> blocking::Sender<()> {
        let (release, released) = blocking::channel();
        let (begun, begins) = oneshot::channel();
        let writer = writer.clone();
        tokio::spawn(async move {
            let wait = move |_: &Connection| {
                let _ = begun.send(());
                let _ = released.recv();
                Ok(())
            };
            writer.write(wait).await
        });
        begins.await.unwrap();
        release
    }

    #[tokio::test]
    async fn a_write_that_fails_undoes_itself_and_nothing_else_of_its_group() {
        let writer = writer();
        let release = busy(&writer).await;
        let half = |db: &Connection| {
            db.execute("INSERT INTO notes VALUES ('half')", ())?;
            db.execute("INSERT INTO notes VALUES ('half')", ())
        };
        let writes = async {
            tokio::join!(writer.write(note("a")), writer.write(half), writer.write(note("b")))
        };
        let release = async { release.send(()).unwrap() };
        let ((a, half, b), ()) = tokio::join!(biased; writes, release);
        assert!(a.is_ok() && b.is_ok());
        assert!(matches!(half, Err(StoreError::Failed(_))));
        assert_eq!(notes(&writer).await, ["a", "b"]);
    }

    #[tokio::test]
    async fn when_the_transaction_is_lost_the_whole_group_is_told_and_the_next_works() {
        let writer = writer();
        let release = busy(&writer).await;
        let lose = |db: &Connection| db.execute_batch("ROLLBACK");
        let writes = async {
            tokio::join!(writer.write(note("a")), writer.write(lose), writer.write(note("b")))
        };
        let release = async { release.send(()).unwrap() };
        let ((a, lost, b), ()) = tokio::join!(biased; writes, release);
        assert!(matches!(a, Err(StoreError::Unavailable(_))));
        assert!(matches!(lost, Err(StoreError::Unavailable(_))));
        assert!(matches!(b, Err(StoreError::Unavailable(_))));
        assert!(writer.write(note("c")).await.is_ok());
        assert_eq!(notes(&writer).await, ["c"]);
    }

    #[tokio::test]
    async fn a_full_disk_is_unavailable_until_there_is_room_again() {
        let writer = writer();
        let limit = |pages: u32| {
            move |db: &Connection| {
                db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            }
        };
        let large =
            |db: &Connection| db.execute("INSERT INTO notes VALUES (hex(zeroblob(100000)))", ());
        writer.write(limit(4)).await.unwrap();
        assert!(matches!(writer.write(large).await, Err(StoreError::Unavailable(_))));
        writer.write(limit(10_000)).await.unwrap();
        assert!(writer.write(large).await.is_ok());
    }

    #[tokio::test]
    async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
        let writer = writer();
        let release = busy(&writer).await;
        let (queued, (), ()) = tokio::join!(
            biased;
            writer.write(note("queued")),
            writer.close(),
            async { release.send(()).unwrap() },
        );
        assert!(queued.is_ok());
        assert!(matches!(writer.write(note("late")).await, Err(StoreError::Unavailable(_))));
        writer.close().await;
    }

    #[tokio::test]
    async fn errors_of_the_statements_themselves_are_not_worth_trying_again() {
        let wrong = |_: &Connection| -> rusqlite::Result<()> { Err(Error::QueryReturnedNoRows) };
        assert!(matches!(writer().write(wrong).await, Err(StoreError::Failed(_))));
    }
}
