//! Rule 8: secrets stay.

use super::Judge;
use crate::rule::Rule;

/// What every secret of a simulated history begins with: passwords, tokens, codes, client secrets.
pub(crate) const SECRET: &str = "secret-";

impl Judge {
    /// Something that anybody may read.
    pub(crate) fn readable(&mut self, place: &str, text: &str) {
        self.expect(!text.contains(SECRET), Rule::SecretsStay, || format!("in {place}: {text}"));
    }
}
