//! The slow hash of passwords (RFC 9106), in the PHC string format.

use argon2::password_hash::Error;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};

// The OWASP minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT: usize = 32;

/// The allocator of glibc maps more than 32 MiB apart, and gives it back when it is freed. Less than
/// that it keeps, once for each thread that ever hashed.
const APART: usize = 33 * 1024 * 1024;

/// Hashes a password with a salt that was made for it.
pub(crate) fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String, Error> {
    let output = compute(password, salt, &params()?)?;
    phc(salt, output)
}

/// The hash of a password that nobody knows, from random bits. To check it costs what it costs to
/// check any other.
pub(crate) fn unknown(salt: &[u8; 16], output: &[u8; OUTPUT]) -> Result<String, Error> {
    phc(salt, Output::new(output)?)
}

fn params() -> Result<Params, Error> {
    Ok(Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT))?)
}

fn phc(salt: &[u8; 16], output: Output) -> Result<String, Error> {
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        hash: Some(output),
        params: ParamsString::try_from(params()?)?,
        salt: Some(Salt::new(salt)?),
    };
    Ok(hash.to_string())
}

/// Whether a hash that [`hash`] made, maybe with other parameters, was made of this password.
pub(crate) fn matches(password: &[u8], hash: &str) -> bool {
    let computed = |hash: &PasswordHash| {
        let ours = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
        let salt = hash.salt.filter(|_| ours)?;
        compute(password, &salt, &Params::try_from(hash).ok()?).ok()
    };
    PasswordHash::new(hash).is_ok_and(|stored| {
        // An `Output` is compared in constant time.
        stored.hash.is_some_and(|expected| computed(&stored) == Some(expected))
    })
}

/// Every hash that was computed in this process: of which password, and at what cost.
#[cfg(test)]
pub(crate) static COMPUTED: std::sync::Mutex<Vec<(Vec<u8>, Params)>> =
    std::sync::Mutex::new(Vec::new());

fn compute(password: &[u8], salt: &[u8], params: &Params) -> Result<Output, Error> {
    let mut memory = Vec::with_capacity(APART / Block::SIZE);
    // What is reserved beyond it is never touched, so it takes no memory.
    memory.resize(params.block_count(), Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut buffer = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(OUTPUT);
    let output = buffer.get_mut(..length).ok_or(Error::OutputSize)?;
    #[cfg(test)]
    COMPUTED.lock().unwrap().push((password.to_vec(), params.clone()));
    argon2.hash_password_into_with_memory(password, salt, output, &mut memory)?;
    Ok(Output::new(output)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_its_algorithm_and_matches_its_password_only() {
        let stored = hash(b"open sesame", &[7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(b"open sesame", &stored));
        assert!(!matches(b"open barley", &stored));
        assert_ne!(stored, hash(b"open sesame", &[8; 16]).unwrap());
    }

    #[test]
    fn a_hash_of_nothing_known_looks_like_any_other_and_matches_nothing() {
        let unknown = unknown(&[7; 16], &[9; OUTPUT]).unwrap();
        let real = hash(b"open sesame", &[7; 16]).unwrap();
        assert_eq!(unknown.len(), real.len());
        assert_eq!(unknown.rsplit_once('$').unwrap().0, real.rsplit_once('$').unwrap().0);
        assert!(!matches(b"open sesame", &unknown));
    }

    /// The first is the test vector of the reference implementation for these parameters.
    #[test]
    fn hashes_with_other_parameters_are_read_and_those_of_other_algorithms_match_nothing() {
        let reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ\
                         $nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(matches(b"password", reference));
        for other in [
            reference.replace("argon2id", "argon2i"),
            reference.replace("v=19", "v=16"),
            reference.replace("m=256", "m=257"),
            reference[..reference.len() - 44].to_owned(),
            String::new(),
        ] {
            assert!(!matches(b"password", &other), "{other}");
        }
    }
}
