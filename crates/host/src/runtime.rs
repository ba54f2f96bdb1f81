//! A runtime for hosts that have none of their own, as on phones.

use std::future::Future;

use tokio::{
    runtime::{Builder, Runtime},
    task::{AbortHandle, JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;

/// Owns the threads that a [`MiniHost`](crate::MiniHost) works on.
pub struct HostRuntime(Option<Runtime>);

/// Gives up what was begun with it, from elsewhere. Clones are the same.
#[derive(Clone, Default)]
pub struct Cancellation(CancellationToken);

impl Cancellation {
    /// Gives up whatever was begun with this, and what will be.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// What becomes of work whose caller waits no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetGo {
    /// It ends there: a future that is dropped takes the work with it.
    Ends,
    /// It goes on by itself: half of it would be worse than all of it or none.
    GoesOn,
}

/// Why work has come to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It was given up. It may have had its effect all the same.
    #[error("the call was cancelled")]
    Cancelled,
    /// The runtime has ended.
    #[error("the host's threads have ended")]
    ShutDown,
    /// It panicked: a fault of the SDK.
    #[error("a fault of the SDK")]
    Panicked,
}

impl HostRuntime {
    /// Starts two threads, which is enough for a machine that never waits on them.
    ///
    /// # Errors
    /// The operating system gave no thread.
    pub fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("minihost")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs a future on the runtime's threads.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime().spawn(future)
    }

    /// Runs a future on the runtime's threads, whichever thread waits for what it comes to. It begins at
    /// once. A panic of it stays there.
    pub fn run<F>(
        &self,
        future: F,
        let_go: LetGo,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<F::Output, Stopped>> + Send + use<F>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let task = self.spawn(future);
        // Made here, since a future may be dropped before it is polled.
        let ends = match let_go {
            LetGo::Ends => Some(EndsWith(task.abort_handle())),
            LetGo::GoesOn => None,
        };
        async move {
            let _ends = ends;
            let Cancellation(cancelled) = cancellation.unwrap_or_default();
            tokio::select! {
                biased;
                done = task => done.map_err(|error| Stopped::of(&error)),
                () = cancelled.cancelled() => Err(Stopped::Cancelled),
            }
        }
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("the runtime is taken by drop alone")
    }
}

/// Ends a task that nobody waits for any more.
struct EndsWith(AbortHandle);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Stopped {
    fn of(error: &JoinError) -> Self {
        if error.is_panic() { Self::Panicked } else { Self::ShutDown }
    }
}

impl Drop for HostRuntime {
    fn drop(&mut self) {
        // Waiting here could hang on a call into the host, or panic on one of its async threads.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

    use super::*;

    /// A future that says when it was dropped, and never ends by itself.
    fn endless() -> (impl Future<Output = ()> + Send + 'static, Receiver<()>) {
        let (sender, dropped): (Sender<()>, _) = channel();
        let future = async move {
            let _sender = sender;
            std::future::pending::<()>().await;
        };
        (future, dropped)
    }

    fn has_ended(dropped: &Receiver<()>) -> bool {
        let patience = std::time::Duration::from_secs(30);
        dropped.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected)
    }

    #[tokio::test]
    async fn a_cancelled_call_ends_its_work_and_says_so() {
        let runtime = HostRuntime::start().unwrap();
        let (future, dropped) = endless();
        let cancellation = Cancellation::default();
        let run = runtime.run(future, LetGo::Ends, Some(cancellation.clone()));
        cancellation.cancel();
        assert_eq!(run.await, Err(Stopped::Cancelled));
        assert!(has_ended(&dropped));
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_ends_its_work() {
        let runtime = HostRuntime::start().unwrap();
        let (future, dropped) = endless();
        drop(runtime.run(future, LetGo::Ends, None));
        assert!(has_ended(&dropped));
    }

    #[tokio::test]
    async fn work_that_must_be_whole_goes_on_though_nobody_waits() {
        let runtime = HostRuntime::start().unwrap();
        let (done, told) = channel();
        let (go, mut may_go) = tokio::sync::mpsc::channel::<()>(1);
        let work = async move {
            let _ = may_go.recv().await;
            let _ = done.send(());
        };
        let cancellation = Cancellation::default();
        let run = runtime.run(work, LetGo::GoesOn, Some(cancellation.clone()));
        cancellation.cancel();
        assert_eq!(run.await, Err(Stopped::Cancelled));
        drop(go);
        assert!(told.recv().is_ok());
    }

    #[tokio::test]
    async fn a_panic_stays_with_its_work_and_the_runtime_goes_on() {
        let runtime = HostRuntime::start().unwrap();
        let run = runtime.run(async { panic!("a fault") }, LetGo::Ends, None);
        assert_eq!(run.await, Err::<(), _>(Stopped::Panicked));
        assert_eq!(runtime.run(async { 7 }, LetGo::Ends, None).await, Ok(7));
    }
}
