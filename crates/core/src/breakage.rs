//! Rules that a simulation has broken, to see that it notices.

/// What is to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// Whoever agrees to something agrees to everything that was asked.
    Consent,
    /// A change of user ends nothing that the user before had asked for.
    Epoch,
    /// A new document does not end what the one before had asked.
    Document,
    /// Programs in the background have the user asked too.
    Background,
    /// Nobody is woken when a deadline comes nearer.
    Deadline,
}

impl Breakage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Consent, Self::Epoch, Self::Document, Self::Background, Self::Deadline];
}
