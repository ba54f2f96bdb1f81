import Foundation
import MiniHost
import TestHost
import Testing

/// A publisher, with a key of its own.
private enum Publisher {
  static let key = TrustedKey(
    publisher: "qinghe",
    jwk: Json.object([
      "kty": "EC", "crv": "P-256", "kid": "k-1", "x": .text(base64(Es256.publicKey[1..<33])),
      "y": .text(base64(Es256.publicKey[33...])),
    ]).encoded)

  static func sign(_ manifest: String) -> String {
    let header = #"{"alg":"ES256","kid":"k-1","typ":"minihost-manifest+jws"}"#
    let message = "\(base64(Data(header.utf8))).\(base64(Data(manifest.utf8)))"
    return "\(message).\(base64(Es256.sign(Data(message.utf8))))"
  }

  private static func base64(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}

/// Mini-programs are opened by manifests that publishers signed with keys that the host pins.
@Suite struct SignedManifestTests {
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
      let signed = Manifest.signed(Publisher.sign(manifest("1.1.0")), keys: [Publisher.key])
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
      let signed = Publisher.sign(manifest("1.1.0"))
      _ = try await phone.host.open(.signed(signed, keys: [Publisher.key]))
      let another = TrustedKey(publisher: "acme", jwk: Publisher.key.jwk)
      let parts = signed.split(separator: ".").map(String.init)
      let changed = [parts[0], String(parts[1].reversed()), parts[2]].joined(separator: ".")
      let older = Publisher.sign(manifest("1.0.0"))
      for (jws, keys) in [
        (signed, [another]), (signed, []), (changed, [Publisher.key]), (older, [Publisher.key]),
        (manifest("1.1.0"), [Publisher.key]),
      ] {
        let error = try await thrown(OpenError.self) { try await phone.host.open(.signed(jws, keys: keys)) }
        guard case .manifest = error else { throw error }
      }
      _ = try await phone.host.open(.signed(Publisher.sign(manifest("1.2.0")), keys: [Publisher.key]))
    }
  }
}
