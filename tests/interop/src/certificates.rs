//! A certificate authority of one stage alone.

use std::fs;
use std::path::{Path, PathBuf};

use minihost_authorization_server::Tls;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::failure::Failure;

/// What the stage's server speaks TLS with, and what its callers trust.
pub(crate) struct Certificates {
    pub(crate) tls: Tls,
    /// The authority's certificate, in PEM.
    pub(crate) authority: String,
    /// The same in a file.
    pub(crate) authority_file: PathBuf,
}

impl Certificates {
    /// Makes an authority, whose key is forgotten, and a certificate for `127.0.0.1`.
    pub(crate) fn issue(directory: &Path) -> Result<Self, Failure> {
        let mut authority = CertificateParams::new([])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority.distinguished_name.push(DnType::CommonName, "minihost interop");
        let authority_key = KeyPair::generate()?;
        let pem = authority.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority, authority_key);

        let mut server = CertificateParams::new(["127.0.0.1".to_owned()])?;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.distinguished_name.push(DnType::CommonName, "127.0.0.1");
        let key = KeyPair::generate()?;
        let certificate = server.signed_by(&key, &issuer)?.pem();

        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            fs::write(&path, text).map(|()| path)
        };
        let tls =
            Tls::open(write("server.pem", &certificate)?, write("key.pem", &key.serialize_pem())?)?;
        Ok(Self { tls, authority_file: write("authority.pem", &pem)?, authority: pem })
    }
}
