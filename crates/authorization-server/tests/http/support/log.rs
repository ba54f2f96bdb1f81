//! The log of this process, of all its servers at every level.

use std::io;
use std::sync::{Mutex, Once};

static CAPTURED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CAPTURED.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged from now on. A server writes from threads of its own too, so that there can be
/// no log for each test.
pub(crate) fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Writer)
            .init();
    });
}

/// What was logged so far.
pub(crate) fn captured() -> Vec<u8> {
    CAPTURED.lock().unwrap().clone()
}

/// The lines about security events that hold all of these texts, each without its time.
pub(crate) fn events(texts: &[&str]) -> Vec<String> {
    let log = String::from_utf8(captured()).unwrap();
    let events = log.lines().filter(|line| {
        line.contains(" minihost_authorization_server::audit: ")
            && texts.iter().all(|text| line.contains(text))
    });
    events.map(|line| line.split_once(' ').unwrap().1.trim_start().to_owned()).collect()
}
