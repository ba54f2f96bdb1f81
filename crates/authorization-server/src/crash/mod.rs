//! Points at which the process may be killed, each with a test that kills it there and looks at what
//! is left.
//!
//! Only tests stop at them: elsewhere [`reached`] is nothing.

#[cfg(test)]
mod tests;

/// A moment between two steps that must both happen, or of which the first alone must do no harm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CrashPoint {
    /// The key file is written, under a name that nobody looks for.
    KeyFileWritten,
    /// The tables are made, and not committed.
    SchemaMade,
    /// The tables of an earlier version are replaced, and the change is not committed.
    Migrated,
    /// Some of what is no longer needed is removed, some is not, and nothing is committed.
    Pruning,
    /// A write has done its statements, and its savepoint is open.
    Written,
    /// All writes of a group are done, and not committed.
    BeforeCommit,
    /// A group is committed, and no caller has been told.
    AfterCommit,
    /// A registration is checked and its key is made; neither is stored.
    ClientChecked,
    /// New signing keys are made, and not stored.
    KeysMade,
    /// The key file is replaced, and the keys in the database are still the old ones.
    KeyFileReplaced,
    /// What was queued is committed, and the log is not moved into the database.
    BeforeCheckpoint,
}

#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn reached(_: CrashPoint) {}

#[cfg(test)]
pub(crate) use tests::reached;
