use serde_json::Value;

use crate::{ProgramId, origin::Origin};

/// The program's manifest with its real origin.
pub(crate) fn manifest(
    id: ProgramId,
    origin: &Origin,
    client_id: &str,
    redirect_uri: &str,
) -> Value {
    let text = match id {
        ProgramId::Teahouse => include_str!("../programs/teahouse/manifest.json"),
        ProgramId::Cinema => include_str!("../programs/cinema/manifest.json"),
    };
    filled(text, origin, client_id, redirect_uri)
}

/// The manifest of the program without a backend.
pub(crate) fn notebook_manifest(origin: &Origin, client_id: &str, redirect_uri: &str) -> Value {
    let text = include_str!("../programs/notebook/manifest.json");
    filled(text, origin, client_id, redirect_uri)
}

fn filled(text: &str, origin: &Origin, client_id: &str, redirect_uri: &str) -> Value {
    // An origin needs no escaping in JSON.
    let text = text.replace("{origin}", origin.as_str());
    let mut manifest: Value = serde_json::from_str(&text).expect("the files are checked by a test");
    manifest["clientId"] = client_id.into();
    manifest["redirectUris"] = Value::from(vec![redirect_uri]);
    manifest
}

/// The scopes that a manifest declares: what the program asks the user for.
pub(crate) fn scopes(manifest: &Value) -> Vec<String> {
    let declared = manifest["scopes"].as_array().into_iter().flatten();
    declared.filter_map(|scope| scope["name"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{NOTEBOOK, PROGRAMS};

    #[test]
    fn every_manifest_names_its_program_its_origin_and_its_scopes_with_reasons() {
        let origin = Origin::parse("http://x.sim.localhost:1").unwrap();
        let redirect_uri = "http://x.sim.localhost:1/callback";
        let with_backend =
            PROGRAMS.iter().map(|&id| (id.as_str(), manifest(id, &origin, "client", redirect_uri)));
        let without = (NOTEBOOK, notebook_manifest(&origin, "client", redirect_uri));
        for (id, manifest) in with_backend.chain([without]) {
            assert_eq!(manifest["id"], id);
            assert_eq!(manifest["origins"], json!(["http://x.sim.localhost:1"]));
            assert_eq!(manifest["startUrl"], "http://x.sim.localhost:1/");
            assert_eq!(manifest["redirectUris"], json!(["http://x.sim.localhost:1/callback"]));
            let scopes: Vec<_> = manifest["scopes"].as_array().unwrap().iter().collect();
            let names: Vec<_> =
                scopes.iter().map(|scope| scope["name"].as_str().unwrap()).collect();
            let all = ["openid", "profile", "email", "phone"];
            assert_eq!(names, all[..if id == NOTEBOOK { 3 } else { 4 }]);
            for text in scopes.iter().map(|scope| &scope["reason"]).chain([&manifest["name"]]) {
                assert!(text["en"].is_string() && text["zh-Hans"].is_string(), "{text}");
            }
        }
    }
}
