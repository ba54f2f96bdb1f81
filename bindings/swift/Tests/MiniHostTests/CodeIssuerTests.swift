import Foundation
import MiniHost
import TestHost
import Testing

private struct Offline: Error {}

/// Asks for codes as the test says.
private final class OwnIssuer: CodeIssuer {
  typealias Issue = @Sendable (WantedCode) async throws -> IssuedCode
  let wanted = Heard<WantedCode>("a wish for a code")
  let ended = Heard<String>("the end of a grant")
  let abandoned = Heard<Void>("the end of a wish")
  private let issue: Shared<Issue>
  let ends: Shared<GrantEnded?>

  init(ends: GrantEnded? = .ended, _ issue: @escaping Issue) {
    self.issue = Shared(issue)
    self.ends = Shared(ends)
  }

  func answers(_ issue: @escaping Issue) {
    self.issue.value = issue
  }

  func issue(_ wanted: WantedCode) async throws -> IssuedCode {
    self.wanted.add(wanted)
    let issued = try await issue.value(wanted)
    if Task.isCancelled { abandoned.add(()) }
    return issued
  }

  func endGrant(_ grantID: String, timeAllowed: TimeInterval) async throws -> GrantEnded {
    ended.add(grantID)
    guard let ended = ends.value, timeAllowed > 0 else { throw Offline() }
    return ended
  }
}

/// Codes that a host app asks for in a way of its own.
@Suite struct CodeIssuerTests {
  @Test("The host app's issuer gets what was agreed to, and the page gets its code")
  func issued() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let issuer = OwnIssuer { wanted in
      IssuedCode("c-1", clientID: wanted.clientID, scopes: ["openid"], expiresIn: 30, grantID: "g-1")
    }
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen, bring: { $0.codeIssuer = issuer }) { phone in
      let page = try await Page.ready(phone, program)
      let asked: [String: Json] = ["nonce": "n-1", "acrValues": ["gold"], "maxAge": 60]
      let result = try await page.requestCode(["openid", "email"], asked)["result"]
      #expect(result["code"] == "c-1" && result["expiresIn"] == 30)
      #expect(result["grantedScopes"] == ["openid"] && result["deniedScopes"]["email"] == "server_refused")
      let wanted = try await issuer.wanted.next()
      #expect(wanted.codeChallenge == Pkce.challenge && Set(wanted.scopes) == ["openid", "email"])
      #expect(wanted.nonce == "n-1" && wanted.acrValues == ["gold"] && wanted.maxAge == 60)
      #expect(wanted.user.displayName == "alice" && wanted.timeAllowed > 0)
      #expect(try Json(wanted.consent)["mode"] == "prompt")
      let revoked = try await page.call("auth.revoke")["result"]
      #expect(revoked["atServer"] == true)
      #expect(try await issuer.ended.next() == "g-1")
    }
  }

  @Test("Whatever the issuer does in place of giving a code, the page hears a reason")
  func refused() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let issuer = OwnIssuer { _ in throw Offline() }
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.codeIssuer = issuer }) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "internal")
      issuer.answers { _ in throw CodeRefused(reason: "denied_by_server") }
      #expect(try await page.requestCode(["openid"]).reason == "denied_by_server")
      issuer.answers { _ in throw CodeRefused(reason: "temporarily_unavailable", retryAfter: 7) }
      let later = try await page.requestCode(["openid"])
      #expect(later.reason == "temporarily_unavailable" && later["error"]["data"]["retryAfter"] == 7)
      issuer.answers { _ in throw CodeRefused(reason: "no reason of the bridge") }
      #expect(try await page.requestCode(["openid"]).reason == "internal")
      issuer.answers { _ in IssuedCode("c", clientID: "somebody-else") }
      #expect(try await page.requestCode(["openid"]).reason == "server_error")
    }
  }

  @Test("Whoever takes grants back hears what the server was told", arguments: GrantEnded.allCases)
  func ended(_ ended: GrantEnded) async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let issuer = OwnIssuer(ends: ended == .notYet ? nil : ended) { wanted in
      IssuedCode("c", clientID: wanted.clientID, grantID: "g")
    }
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen, bring: { $0.codeIssuer = issuer }) { phone in
      let page = try await Page.ready(phone, program)
      _ = try await page.requestCode(["openid"])
      let revoked = try await phone.host.revoke("teahouse")
      let told: ServerTold =
        switch ended {
        case .ended: .ended
        case .localOnly: .localOnly
        case .notYet: .later
        }
      #expect(revoked.scopes == ["openid"] && revoked.server == told)
    }
  }

  @Test("What the server was not told of a grant's end it is told as soon as the next host starts")
  func early() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let (vault, screen) = (Vault(), Screen { $0.allow(.untilRevoked) })
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("grants-\(UUID().uuidString)")
    let issuer = OwnIssuer(ends: nil) { IssuedCode("c", clientID: $0.clientID, grantID: "g") }
    let bring: (inout Delegates) -> Void = {
      $0.codeIssuer = issuer
      $0.secrets = vault
      $0.grants = .file(file)
    }
    try await sample.withPhone(screen: screen, bring: bring) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      #expect(try await phone.host.revoke("teahouse").server == .later)
    }
    while !issuer.ended.rest.isEmpty { _ = try await issuer.ended.next() }
    issuer.ends.value = .ended
    try await sample.withPhone(nil, bring: bring) { phone in
      #expect(try await issuer.ended.next() == "g")
      _ = try await phone.host.restoreSignIn()
      try await eventually("the grant's end is known") { try phone.host.pastGrants.last?.server == .ended }
    }
  }

  @Test("A wish is given up with its page")
  func abandoned() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let issuer = OwnIssuer { wanted in
      await untilCancelled()
      return IssuedCode("late", clientID: wanted.clientID)
    }
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.codeIssuer = issuer }) { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.post(
        page.request(
          "auth.requestCode",
          ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"]))
      _ = try await issuer.wanted.next()
      page.session.close()
      try await issuer.abandoned.next()
      #expect(try await reply == nil)
    }
  }
}
