//! User codes: short enough to be typed, for few minutes too many to be guessed.

use rusqlite::types::{ToSql, ToSqlOutput};

use crate::error::RandomnessError;
use crate::keys::Seal;
use crate::secret::random;

/// Consonants alone: no word comes about by chance, and none looks like a digit (RFC 8628 §6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// 20⁸ codes, 34 bits: with ten wrong ones a minute, which is what a user may try, it takes
/// centuries to find one of ten that are open.
const LENGTH: usize = 8;
/// Bytes from here on would make some letters likelier than others.
const UNBIASED: u8 = 240;

/// A user code (RFC 8628 §3.2), without what stands between its letters. Has no `Debug`.
pub(crate) struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A new code.
    pub(crate) fn generate() -> Result<Self, RandomnessError> {
        let mut letters = Vec::with_capacity(LENGTH);
        loop {
            for byte in random()?.iter().filter(|byte| **byte < UNBIASED) {
                letters.push(ALPHABET[usize::from(byte % 20)]);
                if let Ok(code) = letters.as_slice().try_into() {
                    return Ok(Self(code));
                }
            }
        }
    }

    /// Reads what a person typed: in any case, with anything between the letters that is no letter
    /// or digit.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        let mut letters = [0; LENGTH];
        let mut count = 0;
        for letter in typed.bytes().filter(u8::is_ascii_alphanumeric) {
            let letter = letter.to_ascii_uppercase();
            *letters.get_mut(count)? = ALPHABET.contains(&letter).then_some(letter)?;
            count += 1;
        }
        (count == LENGTH).then_some(Self(letters))
    }

    /// The code as people read it, in two groups.
    pub(crate) fn grouped(&self) -> String {
        let letters = |range: &[u8]| range.iter().map(|byte| char::from(*byte)).collect::<String>();
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{}-{}", letters(first), letters(second))
    }

    /// What is stored in its place.
    pub(crate) fn hash(&self, seal: &Seal) -> UserCodeHash {
        UserCodeHash(seal.hash("user code", &self.grouped()))
    }
}

/// The keyed hash of a user code. A plain one would give the code away to whoever tries them all.
#[derive(Clone)]
pub(crate) struct UserCodeHash(pub(super) [u8; 32]);

impl ToSql for UserCodeHash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn read(typed: &str) -> Option<String> {
        UserCode::read(typed).map(|code| code.grouped())
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "W D J B – M J H T", "WDJB_MJHT"] {
            assert_eq!(read(typed).as_deref(), Some("WDJB-MJHT"), "{typed}");
        }
        for typed in
            ["", "WDJB-MJH", "WDJB-MJHTB", "WDJB-MJHA", "WDJB-MJH1", "ＷDJBMJHT", "WDJB-MJHé"]
        {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn g4_new_codes_use_every_letter_and_do_not_repeat() {
        let codes: HashSet<String> =
            (0..500).map(|_| UserCode::generate().unwrap().grouped()).collect();
        assert_eq!(codes.len(), 500);
        let letters: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(letters.len(), ALPHABET.len() + 1);
        assert!(codes.iter().all(|code| read(code).as_ref() == Some(code)));
    }
}
