use serde_json::{Value, json};

use super::*;

/// The workspace as it should be, as (package, what it needs to be built, what its tests need).
const SOUND: [(&str, &[&str], &[&str]); 8] = [
    ("minihost-protocol", &["serde"], &[]),
    ("minihost-core", &["minihost-protocol", "serde"], &["minihost-testkit"]),
    (
        "minihost",
        &["minihost-core", "tokio", "reqwest", "keyring"],
        &["minihost-authorization-server"],
    ),
    ("minihost-ffi", &["minihost", "uniffi"], &[]),
    ("minihost-authorization-server", &["tokio", "serde"], &[]),
    ("minihost-testkit", &["minihost-core"], &[]),
    ("minihost-e2e", &["minihost-testkit", "tokio"], &[]),
    ("minihost-relay", &["minihost", "tokio"], &["minihost-authorization-server"]),
];

/// Violations in the sound workspace after one more dependency of a package.
fn violations_with(package: &str, kind: Option<&str>, dependency: &str) -> Vec<String> {
    let mut edges: Vec<(&str, Option<&str>, &str)> = vec![(package, kind, dependency)];
    for (name, shipped, development) in SOUND {
        edges.extend(shipped.iter().map(|needed| (name, None, *needed)));
        edges.extend(development.iter().map(|needed| (name, Some("dev"), *needed)));
    }
    violations(&Graph::from_metadata(&metadata(&edges)).unwrap())
}

fn metadata(edges: &[(&str, Option<&str>, &str)]) -> Value {
    let is_member = |name: &str| SOUND.iter().any(|(member, ..)| *member == name);
    let mut names: Vec<&str> = edges.iter().flat_map(|(from, _, to)| [*from, *to]).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| edges.iter().filter(|(from, ..)| *from == name).collect::<Vec<_>>();
    let packages = names.iter().map(|name| {
        let declared = of(name)
            .into_iter()
            .map(|(_, kind, to)| json!({ "name": to, "kind": kind, "features": [] }));
        json!({
            "id": format!("id of {name}"),
            "name": name,
            "source": if is_member(name) { Value::Null } else { json!("registry") },
            "dependencies": declared.collect::<Vec<_>>(),
        })
    });
    let nodes = names.iter().map(|name| {
        let deps = of(name).into_iter().map(
            |(_, kind, to)| json!({ "pkg": format!("id of {to}"), "dep_kinds": [{ "kind": kind }] }),
        );
        json!({ "id": format!("id of {name}"), "deps": deps.collect::<Vec<_>>() })
    });
    json!({
        "packages": packages.collect::<Vec<_>>(),
        "resolve": { "nodes": nodes.collect::<Vec<_>>() },
    })
}

#[test]
fn the_sound_workspace_has_no_violation() {
    assert_eq!(violations_with("minihost-core", None, "serde"), [""; 0]);
}

#[test]
fn a_lower_crate_may_not_depend_on_a_higher_one() {
    for (lower, higher) in [
        ("minihost-protocol", "minihost-core"),
        ("minihost-core", "minihost-ffi"),
        ("minihost", "minihost-ffi"),
    ] {
        let found = violations_with(lower, None, higher);
        assert!(found[0].starts_with(&format!("{lower} depends on {higher}")), "{found:?}");
    }
}

#[test]
fn the_sdk_depends_on_no_other_member_of_the_workspace() {
    let found = violations_with("minihost", None, SERVER);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_server_shares_no_code_with_the_sdk() {
    let found = violations_with(SERVER, None, "minihost-protocol");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn only_ffi_names_uniffi_and_only_host_names_tokio_reqwest_and_keyring() {
    for (package, dependency) in [
        (SERVER, "uniffi"),
        ("minihost-ffi", "tokio"),
        ("minihost-ffi", "reqwest"),
        ("minihost-ffi", "keyring"),
    ] {
        let found = violations_with(package, None, dependency);
        assert_eq!(found.len(), 1, "{package} and {dependency}: {found:?}");
    }
    assert_eq!(violations_with(SERVER, None, "reqwest"), [""; 0]);
}

#[test]
fn the_core_reaches_no_io_through_another_crate() {
    let mut edges = vec![("minihost-core", None, "helper"), ("helper", None, "tokio")];
    for (name, shipped, _) in SOUND {
        edges.extend(shipped.iter().map(|needed| (name, None, *needed)));
    }
    let found = violations(&Graph::from_metadata(&metadata(&edges)).unwrap());
    assert_eq!(found, ["minihost-core reaches tokio, and must do without I/O"]);
}

#[test]
fn the_test_kit_is_for_tests_only() {
    for kind in [None, Some("build")] {
        let found = violations_with("minihost-authorization-server", kind, TESTKIT);
        assert_eq!(found.len(), 1, "{found:?}");
    }
    assert_eq!(violations_with("minihost-authorization-server", Some("dev"), TESTKIT), [""; 0]);
}

#[test]
fn only_the_simulation_has_hosts_simulated_and_only_the_relay_does_without_approvals() {
    for (feature, member, allowed) in [
        ("simulation", "minihost-ffi", false),
        ("simulation", SIMULATION, true),
        ("backend", "minihost-ffi", false),
        ("backend", RELAY, true),
    ] {
        let mut edges = vec![(member, Some("dev"), "minihost")];
        for (name, shipped, _) in SOUND {
            edges.extend(shipped.iter().map(|needed| (name, None, *needed)));
        }
        let mut metadata = metadata(&edges);
        for package in metadata["packages"].as_array_mut().unwrap() {
            if package["name"] == member {
                package["source"] = Value::Null;
                package["dependencies"][0]["features"] = json!([feature]);
            }
        }
        let found = violations(&Graph::from_metadata(&metadata).unwrap());
        assert_eq!(found.is_empty(), allowed, "{member} with {feature}: {found:?}");
    }
}

#[test]
fn a_crate_that_the_rules_name_and_that_is_gone_is_noticed() {
    let edges = [("minihost-core", None, "serde")];
    let found = violations(&Graph::from_metadata(&metadata(&edges)).unwrap());
    assert!(
        found.iter().any(|line| line.starts_with("minihost-ffi is not in the workspace")),
        "{found:?}"
    );
}

#[test]
fn metadata_without_its_members_is_an_error() {
    assert!(Graph::from_metadata(&json!({})).is_err());
}
