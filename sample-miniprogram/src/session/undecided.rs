use crate::{
    database::KnownCustomer,
    local_path::LocalPath,
    oauth::{Tokens, UserDetails},
};

/// A user whom the program does not know, beside the account of a customer with the same verified
/// e-mail address. Whether that is theirs is for them to say.
pub(crate) struct Undecided {
    pub(crate) customer: KnownCustomer,
    pub(crate) details: UserDetails,
    pub(crate) tokens: Tokens,
    /// Where the user wants to go.
    pub(crate) return_to: LocalPath,
}
