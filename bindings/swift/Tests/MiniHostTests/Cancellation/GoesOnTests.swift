import Foundation
import MiniHost
import TestHost
import Testing

private final class SlowIssuer: CodeIssuer {
  let endings = Heard<String>("the end of a grant")
  let abandoned = Heard<Void>("nobody waits for the end of a grant")
  private let gate = AsyncStream<Void>.makeStream()

  func issue(_ wanted: WantedCode) async throws -> IssuedCode {
    IssuedCode("c", clientID: wanted.clientID, grantID: "g-1")
  }

  func endGrant(_ grantID: String, timeAllowed: TimeInterval) async throws -> GrantEnded {
    endings.add(grantID)
    for await _ in gate.stream { return .ended }
    abandoned.add(())
    return .notYet
  }

  func open() { gate.continuation.yield() }
}

/// What would be worse done by half goes on though the task that waits for it is cancelled.
@Suite struct GoesOnTests {
  @Test("A taking back: the grant is gone here at once, and at the server once that has answered")
  func revoke() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let issuer = SlowIssuer()
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen, bring: { $0.codeIssuer = issuer }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      let task = Task { try await thrown(HostError.self) { try await phone.host.revoke("teahouse") } }
      #expect(try await issuer.endings.next() == "g-1")
      task.cancel()
      #expect(try await task.value == .cancelled)
      #expect(try phone.host.grants.isEmpty)
      issuer.open()
      #expect(try await phone.audit.recorded.next().action == .requestCode)
      #expect(try await phone.audit.recorded.next().outcome == .revoked(atServer: true))
      #expect(issuer.abandoned.rest.isEmpty)
    }
  }

  @Test("A sign-out: nobody is signed in, and the server ends the sign-in")
  func signOut() async throws {
    let sample = try await SampleHost.shared()
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(bring: { $0.network = network }) { phone in
      let sent = http.sent.rest.compactMap { $0.headers["authorization"] }
      let token = try #require(sent.first { $0.hasPrefix("Bearer ") })
      http.holds.value = true
      let task = Task { try await thrown(SignOutError.self) { try await phone.host.signOut() } }
      _ = try await http.held.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      #expect(try phone.host.currentUser == nil)
      http.letGo()
      let headers = ["Authorization": token]
      try await eventually("the sign-in ends at the server") {
        try await Http.get("\(sample.issuer)/userinfo", headers: headers).status == 401
      }
      #expect(http.abandoned.rest.isEmpty)
    }
  }

  @Test("The answer to another device: that is let in")
  func answer() async throws {
    let sample = try await SampleHost.shared()
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(bring: { $0.network = network }) { phone in
      let browser = WaitingBrowser(sample.issuer)
      let request = try await phone.host.deviceRequest(browser.code())
      http.holds.value = true
      let task = Task {
        try await thrown(DeviceRequestError.self) { try await phone.host.answer(request, approve: true) }
      }
      _ = try await http.held.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      http.letGo()
      try await eventually("the other device is let in") { try await browser.state() == "approved" }
      #expect(http.abandoned.rest.isEmpty)
    }
  }
}
