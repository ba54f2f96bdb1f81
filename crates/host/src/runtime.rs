//! A runtime for hosts that have none of their own, as on phones.

use std::future::Future;

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

/// Owns the threads that a [`MiniHost`](crate::MiniHost) works on.
pub struct HostRuntime(Option<Runtime>);

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

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("the runtime is taken by drop alone")
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
