//! The property tests with many more cases.

use serde_json::Value;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// How many cases each property is tried with; proptest's own default is 256.
const CASES: u32 = 20_000;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let packages = packages_with_properties(&workspace.metadata()?);
    if packages.is_empty() {
        return Err(NotPassed::failed("no package of the workspace has property tests"));
    }
    let selected = packages.iter().flat_map(|package| ["-p", package]);
    let test = ["test", "--no-fail-fast"].into_iter().chain(selected);
    Ok(workspace.cargo(test).env("PROPTEST_CASES", CASES.to_string()).run()?)
}

fn packages_with_properties(metadata: &Value) -> Vec<String> {
    let uses_proptest = |package: &&Value| {
        let dependencies = package["dependencies"].as_array();
        package["source"].is_null()
            && dependencies.is_some_and(|all| all.iter().any(|one| one["name"] == "proptest"))
    };
    let packages = metadata["packages"].as_array().into_iter().flatten().filter(uses_proptest);
    packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_packages_of_the_workspace_that_use_proptest_are_tried() {
        let proptest = json!([{ "name": "serde" }, { "name": "proptest" }]);
        let metadata = json!({ "packages": [
            { "name": "ours", "source": null, "dependencies": proptest },
            { "name": "theirs", "source": "registry", "dependencies": proptest },
            { "name": "plain", "source": null, "dependencies": [{ "name": "serde" }] },
        ]});
        assert_eq!(packages_with_properties(&metadata), ["ours"]);
    }
}
