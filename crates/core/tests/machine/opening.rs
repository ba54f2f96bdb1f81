//! Which manifests a host opens.

use minihost_core::{Build, NotOpened, PublisherKey, Trust};
use minihost_testkit::{Machine, manifest};

#[test]
fn a_host_for_users_opens_no_manifest_that_nobody_signed() {
    let signed = {
        let mut signed = manifest("teahouse");
        signed.trust = Trust::Signed { key: PublisherKey::new("k1") };
        signed.build = Build::Release;
        signed
    };
    for build in [Build::Release, Build::Development] {
        let host = Machine::with(|config| config.build = build).mediator;
        assert!(host.check_open(&signed).is_ok());
        let unsigned = host.check_open(&manifest("teahouse"));
        let refused = matches!(unsigned, Err(NotOpened::DevelopmentOnly { .. }));
        assert_eq!(refused, build == Build::Release, "{unsigned:?}");
    }
}
