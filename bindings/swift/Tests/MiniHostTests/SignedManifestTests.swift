import Foundation
import MiniHost
import TestHost
import Testing

/// Mini-programs are opened by manifests that publishers signed with keys that the host pins.
@Suite struct SignedManifestTests {
  private let publisher = Publisher("qinghe")

  private func manifest(_ version: String) -> String {
    Json.object([
      "manifestVersion": 1, "id": "teahouse", "version": .text(version), "name": ["en": "Tea House"],
      "publisher": ["id": "qinghe", "name": ["en": "Qinghe Tea Ltd"]], "startUrl": "https://tea.example/",
      "origins": ["https://tea.example"], "clientId": "teahouse",
      "redirectUris": ["https://tea.example/callback"], "scopes": [["name": "openid"]],
    ]).encoded
  }

  @Test("A program of a pinned publisher is opened, and nobody warns of it")
  func opened() async throws {
    let sample = try await SampleHost.shared()
    try await sample.withPhone(screen: Screen { _ in .dismiss }, configure: { $0.build = .release }) {
      phone in
      let signed = Manifest.signed(publisher.sign(manifest("1.1.0")), keys: [publisher.key])
      let session = try await phone.host.open(signed)
      #expect(!session.program.unsigned && session.program.version == "1.1.0")
      let page = try Page(phone, session, document: 1, origin: "https://tea.example")
      _ = try await page.initialize()
      #expect(try await page.requestCode(["openid"]).reason == "user_cancelled")
      #expect(try await phone.screen.presented.next().miniProgram.unsigned == false)
    }
  }

  @Test("Another publisher's key, no key, a changed text and an older release are refused")
  func refused() async throws {
    let sample = try await SampleHost.shared()
    try await sample.withPhone(nil, configure: { $0.build = .release }) { phone in
      let signed = publisher.sign(manifest("1.1.0"))
      _ = try await phone.host.open(.signed(signed, keys: [publisher.key]))
      let another = TrustedKey(publisher: "acme", jwk: publisher.key.jwk)
      let otherKey = Publisher("qinghe", key: .second)
      let parts = signed.split(separator: ".").map(String.init)
      let changed = [parts[0], String(parts[1].reversed()), parts[2]].joined(separator: ".")
      let older = publisher.sign(manifest("1.0.0"))
      for (jws, keys) in [
        (signed, [another]), (signed, [otherKey.key]), (otherKey.sign(manifest("1.1.0")), [publisher.key]),
        (signed, []), (changed, [publisher.key]), (older, [publisher.key]),
        (manifest("1.1.0"), [publisher.key]),
      ] {
        let error = try await thrown(OpenError.self) { try await phone.host.open(.signed(jws, keys: keys)) }
        guard case .manifest = error else { throw error }
      }
      _ = try await phone.host.open(.signed(publisher.sign(manifest("1.2.0")), keys: [publisher.key]))
    }
  }
}
