//! The dependency graph that `cargo metadata` prints.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::outcome::{NotPassed, PartResult};

/// Names of packages and what they need to be built; what only their own tests need is left out.
#[derive(Debug, Default)]
pub(super) struct Graph {
    declared: BTreeMap<String, Vec<String>>,
    enabled: Vec<Enabled>,
    resolved: BTreeMap<String, BTreeSet<String>>,
}

/// A feature that the manifest of a member asks of a dependency, for its own tests or not.
#[derive(Debug)]
pub(super) struct Enabled {
    pub(super) member: String,
    pub(super) dependency: String,
    pub(super) feature: String,
}

impl Graph {
    /// Reads the output of `cargo metadata` for the whole tree. Versions of one crate are not told apart.
    ///
    /// # Errors
    /// A member that cargo documents is missing.
    pub(super) fn from_metadata(metadata: &Value) -> PartResult<Self> {
        let mut graph = Self::default();
        let mut names = BTreeMap::new();
        for package in array(metadata, "packages")? {
            let name = text(package, "name")?;
            names.insert(text(package, "id")?, name);
            if package["source"].is_null() {
                for dependency in array(package, "dependencies")? {
                    for feature in array(dependency, "features")?.iter().filter_map(Value::as_str) {
                        graph.enabled.push(Enabled {
                            member: name.to_owned(),
                            dependency: text(dependency, "name")?.to_owned(),
                            feature: feature.to_owned(),
                        });
                    }
                }
                let declared = array(package, "dependencies")?.iter().filter(|one| is_built(one));
                let declared = declared.map(|one| Ok(text(one, "name")?.to_owned()));
                graph.declared.insert(name.to_owned(), declared.collect::<PartResult<_>>()?);
            }
        }
        for node in array(&metadata["resolve"], "nodes")? {
            let name = |id: &str| {
                let name = names.get(id).copied();
                name.ok_or_else(|| {
                    NotPassed::failed(format!("cargo metadata does not describe {id}"))
                })
            };
            let reached = graph.resolved.entry(name(text(node, "id")?)?.to_owned()).or_default();
            for dependency in array(node, "deps")? {
                if array(dependency, "dep_kinds")?.iter().any(is_built) {
                    reached.insert(name(text(dependency, "pkg")?)?.to_owned());
                }
            }
        }
        Ok(graph)
    }

    pub(super) fn has_member(&self, name: &str) -> bool {
        self.declared.contains_key(name)
    }

    /// What the manifests of the workspace name, as (member, dependency), optional ones included.
    pub(super) fn declared(&self) -> impl Iterator<Item = (&str, &str)> {
        self.declared.iter().flat_map(|(member, dependencies)| {
            dependencies.iter().map(|dependency| (member.as_str(), dependency.as_str()))
        })
    }

    /// The features that members ask of their dependencies.
    pub(super) fn enabled(&self) -> &[Enabled] {
        &self.enabled
    }

    /// Everything that is built because of a package, itself left out.
    pub(super) fn reachable(&self, package: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![package];
        while let Some(name) = open.pop() {
            for dependency in self.resolved.get(name).into_iter().flatten() {
                if reached.insert(dependency.as_str()) {
                    open.push(dependency);
                }
            }
        }
        reached
    }
}

fn is_built(dependency: &Value) -> bool {
    dependency["kind"] != "dev"
}

fn array<'a>(value: &'a Value, member: &str) -> PartResult<&'a [Value]> {
    value[member].as_array().map(Vec::as_slice).ok_or_else(|| absent(member))
}

fn text<'a>(value: &'a Value, member: &str) -> PartResult<&'a str> {
    value[member].as_str().ok_or_else(|| absent(member))
}

fn absent(member: &str) -> NotPassed {
    NotPassed::failed(format!("cargo metadata has no {member}"))
}
