//! What the host's process writes into its log: read by the judge, kept nowhere.

use std::{
    cell::RefCell,
    io::{self, Write},
};

use tracing::{Dispatch, dispatcher};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Collects what this thread logs, while it lives.
pub(crate) struct Writing(
    #[expect(dead_code, reason = "its end is what counts")] dispatcher::DefaultGuard,
);

impl Writing {
    /// Every level, every field.
    pub(crate) fn begin() -> Self {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(Collect)
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .without_time()
            .finish();
        Self(dispatcher::set_default(&Dispatch::new(subscriber)))
    }

    /// What was logged since this was last asked.
    pub(crate) fn take() -> String {
        WRITTEN.with_borrow_mut(|written| {
            let text = String::from_utf8_lossy(written).into_owned();
            written.clear();
            text
        })
    }
}

struct Collect;

impl Write for Collect {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Collect {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
