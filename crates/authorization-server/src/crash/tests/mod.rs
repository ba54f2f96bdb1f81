//! Kills the process at every point, starts it again, and checks that what was answered holds, that
//! what was not answered happened whole or not at all, and that everything goes on.

mod operations;
mod startup;
mod victim;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::CrashPoint;

static ARMED: Mutex<Option<CrashPoint>> = Mutex::new(None);

/// Stops here for ever when the point is armed, to be killed.
pub(crate) fn reached(point: CrashPoint) {
    let armed = *ARMED.lock().unwrap_or_else(PoisonError::into_inner);
    if armed == Some(point) {
        victim::say("reached");
        loop {
            std::thread::park();
        }
    }
}

fn arm(point: Option<CrashPoint>) {
    *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = point;
}

impl CrashPoint {
    const ALL: [Self; 11] = [
        Self::KeyFileWritten,
        Self::SchemaMade,
        Self::Migrated,
        Self::Pruning,
        Self::Written,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::ClientChecked,
        Self::KeysMade,
        Self::KeyFileReplaced,
        Self::BeforeCheckpoint,
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| format!("{point:?}") == name)
    }
}

/// The declaration and the list name the same points, and each of them stands somewhere in the code.
#[test]
fn every_declared_point_is_in_the_list_and_in_the_code() {
    let declaration = include_str!("../mod.rs");
    let body = declaration.split_once("pub(crate) enum CrashPoint {").unwrap().1;
    let body = body.split_once("\n}\n").unwrap().0;
    let declared: Vec<_> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    let listed: Vec<_> = CrashPoint::ALL.iter().map(|point| format!("{point:?}")).collect();
    assert_eq!(declared, listed);

    let mut code = String::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for directory in ["keys", "registry", "store"] {
        for file in std::fs::read_dir(source.join(directory)).unwrap() {
            code += &std::fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    for point in listed {
        assert!(code.contains(&format!("reached(CrashPoint::{point})")), "{point}");
    }
}

/// What must hold of the file whatever happened.
fn assert_sound(database: &Path) {
    let db = Connection::open(database).unwrap();
    let verdict: String = db.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    assert!(!db.prepare("PRAGMA foreign_key_check").unwrap().exists(()).unwrap());
    let signers: i64 = db
        .query_row(
            "SELECT coalesce(max(signers), 0) FROM (
                 SELECT count(*) AS signers FROM signing_keys WHERE superseded_at IS NULL
                 GROUP BY algorithm
             )",
            (),
            |row| row.get(0),
        )
        .unwrap();
    assert!(signers <= 1, "one key signs for an algorithm");
    let orphans: i64 = db
        .query_row(
            "SELECT count(*) FROM authorizations AS a
             WHERE code_hash IS NULL
             AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE authorization_id = a.id)",
            (),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(orphans, 0, "an authorization without what it was made for is half a deed");
}
