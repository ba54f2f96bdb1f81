//! Private keys as files that other tools read: PKCS #8 in PEM (RFC 7468 §10).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const END: &str = "-----END PRIVATE KEY-----\n";
/// The longest line of base64.
const LINE: usize = 64;

pub(super) fn write(pkcs8: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(pkcs8));
    let room = BEGIN.len() + base64.len() + base64.len() / LINE + 1 + END.len();
    // Growing would leave copies of the key behind.
    let mut pem = Zeroizing::new(String::with_capacity(room));
    pem.push_str(BEGIN);
    for start in (0..base64.len()).step_by(LINE) {
        pem.push_str(&base64[start..base64.len().min(start + LINE)]);
        pem.push('\n');
    }
    pem.push_str(END);
    pem
}

pub(super) fn read(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    Some(Zeroizing::new(key.secret_pkcs8_der().to_vec()))
}
