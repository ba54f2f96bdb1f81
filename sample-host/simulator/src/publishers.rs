//! The publishers of the sample programs: each signs its manifest with a key of its own, which stays
//! with it. Harbour pins the public halves.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use minihost::{
    PublisherId,
    manifest::{Algorithm, Build, KeyError, SignError, SigningKey, TrustedKey},
};
use serde_json::Value;

/// A manifest as it is published, and the key that the host pins for it.
pub(crate) struct Published {
    pub(crate) jws: String,
    pub(crate) key: TrustedKey,
}

/// Why nothing was published. Each message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    #[error(
        "The publisher's key {path} cannot be used: {cause}; make it readable, or remove it to get a new one."
    )]
    File { path: PathBuf, cause: io::Error },
    #[error("The manifest of a sample program is not signed: {0}.")]
    Sign(#[from] SignError),
    #[error("The public half of a publisher's key is not usable: {0}.")]
    Key(#[from] KeyError),
}

/// Signs a manifest with its publisher's key, which is made where there is none yet: what users
/// granted is granted to the program of that key.
pub(crate) fn publish(directory: &Path, manifest: &Value) -> Result<Published, PublishError> {
    let publisher = manifest["publisher"]["id"].as_str().unwrap_or_default();
    let path = directory.join(format!("{publisher}.pem"));
    let unusable = |cause| PublishError::File { path: path.clone(), cause };
    let key = match fs::read_to_string(&path) {
        Ok(pem) => SigningKey::from_pem(&pem)?,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let (key, pem) = SigningKey::generate(Algorithm::EdDsa)?;
            write_private(&path, pem.as_bytes()).map_err(unusable)?;
            key
        }
        Err(cause) => return Err(unusable(cause)),
    };
    Ok(Published {
        // Its addresses are on the loopback interface, which hosts of users do not take.
        jws: key.sign(manifest.to_string().as_bytes(), Build::Development)?,
        key: TrustedKey::from_jwk(PublisherId::new(publisher), &key.public_jwk())?,
    })
}

/// Writes a new file that this user alone can read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use minihost::manifest::verify;
    use serde_json::json;

    use super::*;

    fn manifest(publisher: &str) -> Value {
        json!({
            "manifestVersion": 1, "id": "teahouse", "version": "1.0.0", "name": {"en": "Tea House"},
            "publisher": {"id": publisher, "name": {"en": "Acme Ltd"}},
            "startUrl": "http://teahouse.sim.localhost:1/",
            "origins": ["http://teahouse.sim.localhost:1"], "clientId": "teahouse",
            "redirectUris": ["http://teahouse.sim.localhost:1/callback"], "scopes": []
        })
    }

    #[test]
    fn a_publisher_keeps_its_key_and_another_has_another() {
        let directory = tempfile::tempdir().unwrap();
        let publish = |publisher| publish(directory.path(), &manifest(publisher)).unwrap();
        let (first, again, other) = (publish("acme"), publish("acme"), publish("other"));
        assert_eq!(first.key, again.key);
        assert!(verify(&again.jws, std::slice::from_ref(&first.key), Build::Development).is_ok());
        assert!(verify(&other.jws, &[first.key], Build::Development).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        publish(directory.path(), &manifest("acme")).unwrap();
        let mode = fs::metadata(directory.path().join("acme.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(directory.path().join("acme.pem"), "no key").unwrap();
        assert!(publish(directory.path(), &manifest("acme")).is_err());
    }
}
