//! Where the host writes down what mini-programs asked and what became of it.

use minihost_core::AuditEvent;

/// Takes audit events, in order, and returns at once.
pub trait AuditSink: Send + Sync {
    /// One event. It holds no code and no token.
    fn record(&self, event: AuditEvent);
}
