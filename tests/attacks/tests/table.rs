//! The list, the table and the cases say the same.
#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use minihost_attacks::ATTACKS;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The attacks that a test's name begins with, such as `a19` and `f6` of `a19_f6_a_sentence`.
fn attacks_of(name: &str) -> BTreeSet<&str> {
    name.split('_').take_while(|word| ATTACKS.iter().any(|attack| attack.id == *word)).collect()
}

/// For each attack the files that have a case of it, as the table names them.
fn cases() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut cases: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for place in ["tests/core", "browser/tests"] {
        for entry in fs::read_dir(folder().join(place)).unwrap() {
            let path = entry.unwrap().path();
            let file = format!("{place}/{}", path.file_name().unwrap().to_string_lossy());
            let text = fs::read_to_string(&path).unwrap();
            let tests = text.split("test]\n").skip(1);
            let names = tests.filter_map(|test| test.split_once("fn ")?.1.split('(').next());
            for attack in names.flat_map(attacks_of) {
                let known = ATTACKS.iter().find(|known| known.id == attack).unwrap();
                cases.entry(known.id).or_default().insert(file.clone());
            }
        }
    }
    cases
}

#[test]
fn every_attack_has_a_case() {
    let cases = cases();
    let missing: Vec<&str> =
        ATTACKS.iter().map(|attack| attack.id).filter(|id| !cases.contains_key(id)).collect();
    assert!(missing.is_empty(), "no case of {missing:?}");
}

#[test]
fn every_test_here_is_a_case() {
    for place in ["tests/core", "browser/tests"] {
        for entry in fs::read_dir(folder().join(place)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for test in text.split("test]\n").skip(1) {
                let name = test.split_once("fn ").unwrap().1.split('(').next().unwrap();
                assert!(!attacks_of(name).is_empty(), "{name} names no attack");
            }
        }
    }
}

#[test]
fn the_table_has_every_attack_with_its_files_and_no_others() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .filter(|row: &Vec<&str>| row.len() == 4 && !row[0].is_empty())
        .collect();
    let cases = cases();
    let listed: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1])).collect();
    let expected: Vec<(&str, &str)> =
        ATTACKS.iter().map(|attack| (attack.id, attack.what)).collect();
    assert_eq!(listed, expected);
    for row in rows {
        let files: BTreeSet<String> =
            row[2].split(' ').map(|file| file.trim_matches('`').to_owned()).collect();
        assert_eq!(Some(&files), cases.get(row[0]), "{}", row[0]);
        assert!(!row[3].is_empty());
    }
}
