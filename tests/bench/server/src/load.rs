//! The closed loop: every connection sends its next request when it has the answer to the last one.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::connection::{Answer, Connection};
use crate::failure::{Failure, Outcome};
use crate::machine;

/// Where a server is.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The identifier of its process.
    pub(crate) process: u32,
}

/// How a server is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// The time before measuring begins.
    pub(crate) warm_up: Duration,
    /// The time that is measured.
    pub(crate) measured: Duration,
}

impl Load {
    /// Until the workload has no more requests.
    pub(crate) fn to_the_end(connections: usize) -> Self {
        Self { connections, warm_up: Duration::ZERO, measured: Duration::from_secs(3600) }
    }
}

/// Requests, and what becomes of the answers.
pub(crate) trait Workload {
    /// Writes the next request into an empty buffer; `false` when there are no more.
    fn next(&mut self, request: &mut Vec<u8>) -> bool;

    /// Takes the body of a 200.
    ///
    /// # Errors
    /// When it is not what was asked for.
    fn answered(&mut self, body: &[u8]) -> Outcome<()>;
}

/// What was measured.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// Answers a second.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time that the server took for each answer, warm-up included.
    pub(crate) cpu: Duration,
}

/// Loads the server and gives the workload back.
///
/// # Errors
/// At the first answer that is not a 200 or not what was asked for, and when the requests end before
/// anything was measured.
pub(crate) async fn drive<W: Workload + 'static>(
    server: Server,
    load: Load,
    workload: W,
) -> Outcome<(Run, W)> {
    let mut connections = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        connections.push(Connection::open(server.address).await?);
    }
    let cpu = machine::processor_time(server.process)?;
    let begin = Instant::now() + load.warm_up;
    let window = Window { begin, end: begin + load.measured };
    let shared = Shared { workload, answers: 0, latencies: Vec::new(), last: begin };
    let shared = Rc::new(RefCell::new(shared));

    let tasks = LocalSet::new();
    let running: Vec<_> = connections
        .into_iter()
        .map(|connection| tasks.spawn_local(keep_busy(connection, window, Rc::clone(&shared))))
        .collect();
    tasks
        .run_until(async {
            for task in running {
                task.await??;
            }
            Ok::<_, Failure>(())
        })
        .await?;
    drop(tasks);

    let shared = Rc::into_inner(shared).expect("every connection has ended").into_inner();
    let cpu = machine::processor_time(server.process)? - cpu;
    let run =
        shared.summary(window, cpu).ok_or("there were too few requests to measure anything")?;
    Ok((run, shared.workload))
}

#[derive(Clone, Copy)]
struct Window {
    begin: Instant,
    end: Instant,
}

struct Shared<W> {
    workload: W,
    answers: u32,
    /// Of the requests that were answered within the window.
    latencies: Vec<Duration>,
    last: Instant,
}

async fn keep_busy<W: Workload>(
    mut connection: Connection,
    window: Window,
    shared: Rc<RefCell<Shared<W>>>,
) -> Outcome<()> {
    let mut request = Vec::new();
    loop {
        request.clear();
        let sent = Instant::now();
        if sent >= window.end || !shared.borrow_mut().workload.next(&mut request) {
            return Ok(());
        }
        let Answer { status, body } = connection.exchange(&request).await?;
        if status != 200 {
            let body = String::from_utf8_lossy(body);
            return Err(format!("a request was answered with {status}: {body}").into());
        }
        let mut shared = shared.borrow_mut();
        shared.workload.answered(body)?;
        shared.answers += 1;
        let now = Instant::now();
        if (window.begin..window.end).contains(&now) {
            shared.latencies.push(now - sent);
            shared.last = now;
        }
    }
}

impl<W> Shared<W> {
    fn summary(&self, window: Window, cpu: Duration) -> Option<Run> {
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        // Where the requests ended early, so did the window.
        let lasted = (self.last - window.begin).as_secs_f64();
        let percentile = |percent: usize| latencies.get(latencies.len() * percent / 100).copied();
        Some(Run {
            rate: latencies.len() as f64 / lasted,
            p50: percentile(50)?,
            p99: percentile(99)?,
            cpu: cpu / self.answers,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    /// So many requests for a path.
    struct Requests {
        path: &'static str,
        left: usize,
        bodies: Vec<String>,
    }

    impl Workload for Requests {
        fn next(&mut self, request: &mut Vec<u8>) -> bool {
            let text = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", self.path);
            request.extend_from_slice(text.as_bytes());
            let any = self.left > 0;
            self.left = self.left.saturating_sub(1);
            any
        }

        fn answered(&mut self, body: &[u8]) -> Outcome<()> {
            self.bodies.push(String::from_utf8(body.to_vec())?);
            Ok(())
        }
    }

    async fn drive_at(path: &'static str, load: Load) -> Outcome<Vec<String>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Server { address: listener.local_addr()?, process: std::process::id() };
        let router = Router::new()
            .route("/good", get(async || "good"))
            .route("/bad", get(async || (StatusCode::BAD_REQUEST, "bad")));
        tokio::spawn(async { axum::serve(listener, router).await });
        let requests = Requests { path, left: 10, bodies: Vec::new() };
        Ok(drive(server, load, requests).await?.1.bodies)
    }

    #[tokio::test]
    async fn every_request_is_sent_once_and_every_answer_taken() {
        let bodies = drive_at("/good", Load::to_the_end(3)).await.unwrap();
        assert_eq!(bodies, ["good"; 10]);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_200_ends_the_benchmark() {
        let failure = drive_at("/bad", Load::to_the_end(3)).await.unwrap_err();
        assert_eq!(failure.to_string(), "a request was answered with 400: bad");
    }

    #[tokio::test]
    async fn requests_that_end_with_the_warm_up_measure_nothing() {
        let hour = Duration::from_secs(3600);
        let load = Load { connections: 3, warm_up: hour, measured: hour };
        assert!(drive_at("/good", load).await.is_err());
    }

    fn summary(latencies: Vec<u64>, lasted: u64) -> Option<Run> {
        let begin = Instant::now();
        let seconds = Duration::from_secs;
        let latencies: Vec<_> = latencies.into_iter().map(Duration::from_millis).collect();
        let answers = 2 * u32::try_from(latencies.len()).unwrap();
        Shared { workload: (), answers, latencies, last: begin + seconds(lasted) }
            .summary(Window { begin, end: begin + seconds(100) }, seconds(2))
    }

    #[test]
    fn rate_and_percentiles_come_from_what_was_answered_in_the_window() {
        let run = summary((1..=100).rev().collect(), 10).unwrap();
        assert_eq!(run.rate, 10.0);
        assert_eq!((run.p50.as_millis(), run.p99.as_millis()), (51, 100));
        assert_eq!(run.cpu.as_millis(), 10, "processor time is of all answers");
    }

    #[test]
    fn no_answer_in_the_window_is_no_result() {
        assert!(summary(Vec::new(), 10).is_none());
    }
}
