import Foundation
import MiniHost
import TestHost
import Testing

/// What users granted, and how it ends.
@Suite struct GrantsTests {
  @Test("The user takes back a part and then the rest, and the server hears of the end")
  func revokes() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow(.thirtyDays) }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      _ = try await page.requestCode(["openid", "email"])
      let granted = try phone.host.grants
      #expect(Set(granted.map(\.scope)) == ["openid", "email"])
      for grant in granted {
        #expect(grant.miniProgram == "teahouse" && grant.manifestVersion == "1.0.0")
        let days = try #require(grant.expiresAt).timeIntervalSince(grant.grantedAt) / 86_400
        #expect(abs(days - 30) < 0.001)
      }
      let part = try await phone.host.revoke("teahouse", scopes: ["email"])
      #expect(part.scopes == ["email"] && part.stored && part.server == .nothing)
      let rest = try await phone.host.revoke("teahouse")
      #expect(rest.scopes == ["openid"] && rest.stored && rest.server == .ended)
      #expect(try phone.host.grants.isEmpty)
      let past = try phone.host.pastGrants
      #expect(past.map(\.grant.scope) == ["email", "openid"])
      #expect(past.allSatisfy { $0.endedBy == .revoked && $0.endedAt >= $0.grant.grantedAt })
      #expect(past.last?.server == .ended)
      #expect(try await phone.host.revoke("teahouse").scopes.isEmpty)
      _ = try await screen.presented.next()
      _ = try await page.requestCode(["openid"])
      _ = try await screen.presented.next()
    }
  }

  @Test("A page takes its grants back, reads them, and hears that they changed")
  func byProgram() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(screen: Screen { $0.allow(.untilRevoked) }) { phone in
      let page = try await Page.ready(phone, program)
      var messages = page.session.messages.makeAsyncIterator()
      _ = try await page.requestCode(["openid"])
      var heard: Set<String> = []
      while heard.count < 2 {
        heard.insert(try Json(try #require(await messages.next()).text)["method"].string ?? "")
      }
      #expect(heard == ["auth.grantsChanged", "auth.sessionChanged"])
      let held = try await page.call("auth.getGrants")["result"]["grants"].array
      #expect(held?.map { $0["scope"] } == ["openid"])
      #expect(try await page.call("auth.checkSession")["result"] == ["valid": true])
      let revoked = try await page.call("auth.revoke")["result"]
      #expect(revoked["revokedScopes"] == ["openid"] && revoked["atServer"] == true)
      let entries = try [await phone.audit.recorded.next(), await phone.audit.recorded.next()]
      #expect(entries.last?.action == .revokeByProgram && entries.last?.outcome == .revoked(atServer: true))
    }
  }

  @Test("A program that is switched off hears it until it is switched on")
  func switches() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      _ = try await phone.screen.presented.next()
      try phone.host.setEnabled("teahouse", false)
      #expect(try await reply.reason == "disabled_by_host")
      #expect(try await page.requestCode(["openid"]).reason == "disabled_by_host")
      try phone.host.setEnabled("teahouse", true)
      async let next = page.requestCode(["openid"])
      let view = try await phone.screen.presented.next()
      try phone.host.answer(view, with: .dismiss)
      #expect(try await next.reason == "user_cancelled")
    }
  }

  @Test(
    "A host may forget grants when their user signs out", arguments: [OnSignOut.keepGrants, .forgetGrants])
  func signOut(_ onSignOut: OnSignOut) async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen, configure: { $0.onSignOut = onSignOut }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      #expect(try phone.host.grants.map(\.scope) == ["openid"])
      try await phone.host.signOut()
      try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
      let kept = onSignOut == .keepGrants
      #expect(try phone.host.grants.map(\.scope) == (kept ? ["openid"] : []))
      #expect(try phone.host.pastGrants.map(\.endedBy) == (kept ? [] : [.signedOut]))
    }
  }

  @Test("A host may let programs know its user again without asking")
  func silent() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(configure: { $0.silent = .recognise }) { phone in
      let page = try await Page.ready(phone, program)
      let reply = try await page.requestCode(["openid"], ["prompt": "none"])
      #expect(reply["result"]["grantedScopes"].strings == ["openid"])
      let entry = try await phone.audit.recorded.next()
      #expect(entry.outcome == .delivered(scopes: ["openid"], mode: .silent))
      #expect(phone.screen.presented.rest.isEmpty)
    }
  }
}
