//! The direction of dependencies between the crates.

mod graph;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

use self::graph::Graph;

/// The SDK from the bottom up: a crate may depend on those before it.
const SDK: [&str; 4] = ["minihost-protocol", "minihost-core", "minihost", "minihost-ffi"];
const SERVER: &str = "minihost-authorization-server";
const TESTKIT: &str = "minihost-testkit";

/// The only packages that may build on the test kit outside of their own tests: nobody ships them.
const NEVER_SHIPPED: [&str; 4] = [TESTKIT, "minihost-e2e", SIMULATION, "minihost-fuzz"];

/// The only package that may have hosts simulated, or rules broken.
const SIMULATION: &str = "minihost-simulation";
const SIMULATION_FEATURE: &str = "simulation";

/// The only package that may make code requests without the mediator's approval.
const RELAY: &str = "minihost-relay";
const BACKEND_FEATURE: &str = "backend";

/// What one crate alone may name, and among which crates.
struct Reserved {
    dependency: &'static str,
    owner: &'static str,
    among: Among,
}

enum Among {
    Sdk,
    Workspace,
}

const RESERVED: [Reserved; 4] = [
    Reserved { dependency: "keyring", owner: "minihost", among: Among::Sdk },
    Reserved { dependency: "reqwest", owner: "minihost", among: Among::Sdk },
    Reserved { dependency: "tokio", owner: "minihost", among: Among::Sdk },
    Reserved { dependency: "uniffi", owner: "minihost-ffi", among: Among::Workspace },
];

/// What the crates that decide without I/O may not even reach through others.
const WITHOUT_IO: [&str; 2] = ["minihost-protocol", "minihost-core"];

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let graph = Graph::from_metadata(&workspace.metadata()?)?;
    let violations = violations(&graph);
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => Err(NotPassed::failed("1 dependency points the wrong way")),
        many => Err(NotPassed::failed(format!("{many} dependencies point the wrong way"))),
    }
}

fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for name in
        SDK.into_iter().chain([SERVER, TESTKIT, RELAY]).filter(|name| !graph.has_member(name))
    {
        found.push(format!("{name} is not in the workspace; was it renamed?"));
    }
    for (package, dependency) in graph.declared() {
        found.extend(direct_violation(graph, package, dependency));
    }
    for enabled in graph.enabled() {
        if enabled.feature == SIMULATION_FEATURE && enabled.member != SIMULATION {
            let (member, dependency) = (&enabled.member, &enabled.dependency);
            found.push(format!("{member} has {dependency} simulated; only {SIMULATION} may"));
        }
    }
    for enabled in graph.enabled() {
        if enabled.feature == BACKEND_FEATURE && enabled.member != RELAY {
            let member = &enabled.member;
            found.push(format!(
                "{member} makes code requests that no mediator approved; only {RELAY} may"
            ));
        }
    }
    for package in WITHOUT_IO {
        let reached = graph.reachable(package);
        let forbidden = RESERVED.iter().map(|reserved| reserved.dependency);
        for dependency in forbidden.filter(|dependency| reached.contains(dependency)) {
            found.push(format!("{package} reaches {dependency}, and must do without I/O"));
        }
    }
    found
}

fn direct_violation(graph: &Graph, package: &str, dependency: &str) -> Option<String> {
    let level = |name: &str| SDK.iter().position(|crate_name| *crate_name == name);
    let breaks_the_order = match (level(package), level(dependency)) {
        (Some(upper), Some(lower)) => lower >= upper,
        (Some(_), None) => graph.has_member(dependency),
        (None, _) => false,
    };
    let reserved = RESERVED.iter().find(|reserved| reserved.dependency == dependency);

    if dependency == TESTKIT && !NEVER_SHIPPED.contains(&package) {
        Some(format!("{package} depends on {TESTKIT} outside of its tests"))
    } else if breaks_the_order {
        Some(format!("{package} depends on {dependency}; the order is {}", SDK.join(" ← ")))
    } else if package == SERVER && level(dependency).is_some() {
        Some(format!("{SERVER} depends on {dependency}; it shares nothing with the SDK but HTTP"))
    } else {
        let reserved = reserved.filter(|reserved| match reserved.among {
            Among::Sdk => level(package).is_some(),
            Among::Workspace => true,
        })?;
        (reserved.owner != package)
            .then(|| format!("{package} depends on {dependency}; only {} may", reserved.owner))
    }
}

#[cfg(test)]
mod tests;
