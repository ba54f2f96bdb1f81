import Foundation
import MiniHost
import TestHost
import Testing

private struct NoRoute: Error {}

/// How requests leave the machine.
@Suite struct NetworkTests {
  @Test("Everything that leaves the machine goes through the host app's own HTTP")
  func own() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.network = network }) { phone in
      let page = try await Page.ready(phone, program)
      let reply = try await page.requestCode(["openid"])
      #expect(try await program.redeem(reply["result"]["code"].string ?? "").status == 200)
      let paths = http.sent.rest.map(\.url.path)
      let token = try #require(http.sent.rest.first { $0.url.path.hasSuffix("/token") })
      #expect(token.method == "POST" && token.timeAllowed > 0 && token.body?.isEmpty == false)
      #expect(token.headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true)
      #expect(paths.contains { $0.hasSuffix("/.well-known/oauth-authorization-server") })
    }
  }

  @Test("Why there is no answer is told by the host app")
  func failures() async throws {
    let sample = try await SampleHost.shared()
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(nil, bring: { $0.network = network }) { phone in
      let password = sample.password(of: "alice")
      func signIn() async throws { try await phone.host.signIn(username: "alice", password: password) }
      let failures: [any Error] = HttpFailure.allCases + [NoRoute()]
      for failure in failures {
        http.fails.value = failure
        let error = try await thrown(SignInError.self, by: signIn)
        switch (failure as? HttpFailure, error) {
        case (.tooLarge, .server), (.some, .network), (nil, .network): break
        default: Issue.record("\(failure) counts as \(error)")
        }
      }
      http.fails.value = nil
      try await signIn()
    }
  }

  @Test("A request is given up with the task that waits for it")
  func abandoned() async throws {
    let sample = try await SampleHost.shared()
    let http = Forwarding()
    http.holds.value = true
    let network = try Network.own(http)
    try await sample.withPhone(nil, bring: { $0.network = network }) { phone in
      let signIn = Task { try await phone.host.signIn(username: "alice", password: "x") }
      let path = try await http.held.next()
      signIn.cancel()
      #expect(try await http.abandoned.next() == path)
      let error = try await thrown(SignInError.self) { try await signIn.value }
      #expect(error == .cancelled)
    }
  }

  @Test("The SDK's own HTTP takes a proxy, pins and roots, and says what is wrong with them")
  func settings() async throws {
    let sample = try await SampleHost.shared()
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    let settings = NetworkSettings(pins: [pin], connectTimeout: 2, firstByteTimeout: 8)
    // Neither the pins nor the proxy have a say on this machine's loopback interface.
    for network in [
      try Network.sdk(settings), try .sdk(settings, proxy: .direct),
      try .sdk(settings, proxy: .at("http://user:hunter2@proxy.example:3128")),
    ] {
      try await sample.withPhone(bring: { $0.network = network }) { phone in
        let user = try phone.host.currentUser
        #expect(user?.displayName == "alice")
      }
    }
    for refused in [
      { () throws(StartError) in try Network.sdk(NetworkSettings(pins: ["sha256/AAAA"])) },
      { () throws(StartError) in try Network.sdk(NetworkSettings(roots: .only(pem: "no certificate"))) },
      { () throws(StartError) in try Network.sdk(NetworkSettings(roots: .platformAnd(pem: ""))) },
      { () throws(StartError) in try Network.sdk(proxy: .at("socks5://user:hunter2@proxy.example")) },
    ] {
      let error = try await thrown(StartError.self) { try refused() }
      guard case .configuration(let detail) = error else { throw error }
      #expect(!detail.contains("hunter2"))
    }
  }

  @Test("A server whose silence lasts too long counts as one that cannot be reached")
  func silence() async throws {
    let server = try StubServer { _ in nil }
    let network = try Network.sdk(NetworkSettings(firstByteTimeout: 0.2))
    let phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: .publicClient(),
      bring: { $0.network = network })
    let error = try await thrown(SignInError.self) {
      try await phone.host.signIn(username: "alice", password: "x")
    }
    guard case .network = error else { throw error }
    await phone.host.shutdown()
  }
}
