//! Looks for secrets in clear.
//!
//! The authorization server keeps the SHA-256 of everything it mints, behind the time of what it
//! mints itself, and the S256 challenge of a verifier is its SHA-256. So whether a text holds any
//! code, token or verifier of a run can be told without knowing them: hash every word that could be
//! one and look the hash up.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::Path,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sample_host::Ready;

/// How long a secret is: 32 bytes in base64url, of the server's own also with the time before them.
const LENGTHS: [usize; 2] = [43, 51];
/// The bytes of a kept hash that may be a time; the others are the secret's hash in any case.
const TIME: usize = 6;

fn open(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the server's database can be read")
}

/// The hashes of the clients' secrets, from what is registered of them.
fn client_secrets(database: &Connection) -> Vec<Vec<u8>> {
    let mut select =
        database.prepare("SELECT registration FROM clients").expect("the server has clients");
    let rows = select.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    let hash = |registration: String| {
        let registration: Value = serde_json::from_str(&registration).expect("it is JSON");
        URL_SAFE_NO_PAD.decode(registration["proof"]["secret"]["sha256"].as_str()?).ok()
    };
    rows.filter_map(|row| hash(row.expect("a registration"))).collect()
}

/// What must not be found.
pub struct Minted {
    /// Without what may be a time.
    hashes: BTreeSet<Vec<u8>>,
    known: BTreeMap<String, String>,
}

impl Minted {
    /// Everything that was minted in a run: what the server's database has the hash of, and the
    /// passwords and client secrets that the host said when it was ready.
    pub fn of(database: &Path, ready: &Ready) -> Self {
        let secrets = client_secrets(&open(database));
        assert!(!secrets.is_empty(), "the form of a registration is the one this test knows");
        let mut minted = Self::for_public_clients(database);
        minted.hashes.extend(secrets.iter().map(|hash| hash[TIME..].to_vec()));
        for user in &ready.users {
            minted.learn(&user.password, &format!("the password of {}", user.username));
        }
        let clients = ready.mini_programs.iter().filter_map(|program| {
            Some((program.client_id.as_str(), program.client_secret.as_deref()?))
        });
        for (id, secret) in
            clients.chain([(ready.host.client_id.as_str(), ready.host.client_secret.as_str())])
        {
            minted.learn(secret, &format!("the secret of {id}"));
            let basic = STANDARD.encode(format!("{id}:{secret}"));
            minted.learn(&basic, &format!("the Basic header of {id}"));
        }
        minted
    }

    /// Everything that was minted at a server whose clients have no secrets.
    pub fn for_public_clients(database: &Path) -> Self {
        let database = open(database);
        let mut hashes = BTreeSet::new();
        for (table, column) in [
            ("authorizations", "code_hash"),
            ("authorizations", "code_challenge"),
            ("access_tokens", "hash"),
            ("refresh_tokens", "hash"),
            ("browser_sessions", "hash"),
            ("device_requests", "hash"),
        ] {
            let mut select = database
                .prepare(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))
                .expect("the schema is the one this test knows");
            let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
            hashes.extend(rows.map(|row| row.expect("a hash")[TIME..].to_vec()));
        }
        Self { hashes, known: BTreeMap::new() }
    }

    /// Adds what only the browser knows: a value, and what to call it.
    pub fn learn(&mut self, value: &str, name: &str) {
        assert!(value.len() >= 8, "too short to be told from other text: {name}");
        self.known.insert(value.to_owned(), name.to_owned());
    }

    /// How many codes, tokens, verifiers and client secrets are looked for by their hash.
    pub fn count(&self) -> usize {
        self.hashes.len()
    }

    /// What a text gives away, in words that do not repeat it.
    pub fn found_in(&self, text: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        let readable = String::from_utf8_lossy(text);
        for (value, name) in &self.known {
            if readable.contains(value.as_str()) {
                found.push(name.clone());
            }
        }
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let long_enough = |word: &&[u8]| word.len() >= LENGTHS[0];
        let words = text.split(|byte| !is_word(byte)).filter(long_enough);
        for word in words.collect::<HashSet<_>>() {
            for candidate in LENGTHS.into_iter().flat_map(|length| word.windows(length)) {
                if self.hashes.contains(&Sha256::digest(candidate)[TIME..]) {
                    found.push("a code, token, verifier or client secret".to_owned());
                }
            }
        }
        found
    }

    /// What the files below a folder give away, each with the file's name.
    pub fn found_below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                found.extend(self.found_below(&path));
            } else if let Ok(content) = fs::read(&path) {
                let leaks = self.found_in(&content);
                found.extend(leaks.into_iter().map(|leak| format!("{}: {leak}", path.display())));
            }
        }
        found
    }
}
