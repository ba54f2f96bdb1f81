//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whoever panicked before: a panic elsewhere must not take the host down, and every state
/// behind a lock of this crate is whole between two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
