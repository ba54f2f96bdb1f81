import Foundation
import MiniHost
import TestHost
import Testing

/// What a host says once.
@Suite struct ConfigurationTests {
  @Test("A user who takes too long is not waited for")
  func timeouts() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen()
    try await sample.withPhone(screen: screen, configure: { $0.timeouts.prompt = 0.2 }) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "timeout")
      _ = try await screen.dismissed.next()
    }
  }

  @Test("Whether a page must have been touched is the host's to say")
  func gesture() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    for (policy, age, isAsked) in [
      (GesturePolicy.within(1), 5.0, false), (.within(10), 5.0, true), (.notNeeded, 3600, true),
    ] {
      try await sample.withPhone(screen: Screen { $0.allow() }, configure: { $0.gesture = policy }) { phone in
        let page = try await Page.ready(phone, program)
        let reply = try await page.requestCode(["openid"]) { $0.gestureAge = age }
        #expect((reply["result"]["code"].string != nil) == isAsked, "\(policy): \(reply.encoded)")
      }
    }
  }

  @Test("Scopes are explained in the host's own words")
  func words() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow() }
    let words = ["en": "scope-email = Read where your letters go"]
    try await sample.withPhone(screen: screen, configure: { $0.words = words }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["email", "openid"])
      let titles = try await screen.presented.next().scopes.map(\.title)
      #expect(titles.contains("Read where your letters go") && titles.count == 2)
    }
    let unreadable = ["en": "scope-email = { $"]
    let error = try await thrown(StartError.self) {
      try await sample.withPhone(nil, configure: { $0.words = unreadable }) { _ in }
    }
    guard case .configuration = error else { throw error }
  }

  @Test("The host's token is for what the host says")
  func scopes() async throws {
    let seen = Heard<StubServer.Request>("a request to the token endpoint")
    let server = try StubServer { request in
      seen.add(request)
      return (200, #"{"access_token":"a","token_type":"Bearer","expires_in":600}"#)
    }
    let cases: [([String]?, Set<String>)] = [
      (["openid", "mediate"], ["openid", "mediate"]),
      (nil, ["openid", "profile", "email", "phone", "mediate"]),
    ]
    for (scopes, sent) in cases {
      let phone = try await Phone(
        issuer: server.issuer, clientID: "harbour", credentials: .publicClient(),
        configure: { $0.signInScopes = scopes })
      try await phone.host.signIn(username: "alice", password: "x")
      let asked = try await seen.next().form["scope"]?.split(separator: " ").map(String.init)
      #expect(Set(asked ?? []) == sent)
      await phone.host.shutdown()
    }
  }

  @Test("A token that is bound to this installation asks for codes like any other")
  func binding() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(
      screen: Screen { $0.allow() }, configure: { $0.tokenBinding = .whereOffered },
      bring: { $0.network = network }
    ) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
      let tokens = http.sent.rest.filter { $0.url.path.hasSuffix("/token") }
      #expect(!tokens.isEmpty && tokens.allSatisfy { $0.headers["dpop"] != nil })
    }
  }

  @Test("How codes are asked for is the host's to say: each profile goes where its settings lead")
  func profiles() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let seen = Heard<StubServer.Request>("a request")
    let server = try StubServer { request in
      if request.path == "/token" {
        return (200, #"{"access_token":"a","token_type":"Bearer","expires_in":600}"#)
      }
      seen.add(request)
      return (400, #"{"error":"access_denied"}"#)
    }
    let renamed = ChallengeSettings(
      endpoint: "\(server.issuer)/elsewhere", rename: ["target_client_id": "client"], add: ["tenant": "t-1"],
      leaveOut: ["consent"])
    for (profile, path) in [
      (CodeRequests.challenge(renamed), "/elsewhere"), (.authorize(), "/authorize"),
      (.relay(base: "\(server.issuer)/relay"), "/relay/v1/"),
    ] {
      let phone = try await Phone(
        issuer: server.issuer, clientID: "harbour", credentials: .publicClient(),
        screen: Screen { $0.allow() }, configure: { $0.codeRequests = profile })
      try await phone.host.signIn(username: "alice", password: "x")
      let reply = try await Page.ready(phone, program).requestCode(["openid"])
      #expect(reply.reason != nil, "\(reply.encoded)")
      let request = try await seen.next()
      #expect(request.path.hasPrefix(path), "\(profile): \(request.path)")
      if path == "/elsewhere" {
        #expect(request.form["client"] != nil && request.form["target_client_id"] == nil)
        #expect(request.form["tenant"] == "t-1" && request.form["consent"] == nil)
      }
      await phone.host.shutdown()
    }
    let unreadable = CodeRequests.authorize(settings: "no JSON")
    let error = try await thrown(StartError.self) {
      try await sample.withPhone(nil, configure: { $0.codeRequests = unreadable }) { _ in }
    }
    guard case .configuration = error else { throw error }
  }

  @Test(
    "Credentials that the backend holds go with the profile that asks it, and with no challenge from here")
  func backend() async throws {
    let error = try await thrown(StartError.self) {
      _ = try await Phone(issuer: "https://as.example", clientID: "harbour", credentials: .relay())
    }
    guard case .configuration(let detail) = error else { throw error }
    #expect(detail.contains("take the profile `relay`"), "\(detail)")
  }

  @Test("A host that works is found to, and what does not work comes with its cure")
  func diagnosis() async throws {
    let sample = try await SampleHost.shared()
    let client = try #require(sample.teahouse["clientId"].string)
    let redirectURI = try #require(sample.teahouse["redirectUri"].string)
    try await sample.withPhone(nil) { phone in
      let teahouse = RegisteredProgram(clientID: client, redirectURI: redirectURI)
      let stranger = RegisteredProgram(clientID: "nobody", redirectURI: redirectURI)
      let findings = try await phone.host.diagnose(programs: [teahouse, stranger])
      func verdict(_ check: Finding.Check, of program: String? = nil) -> Finding.Verdict? {
        findings.first { $0.check == check && $0.of == program }?.verdict
      }
      #expect(verdict(.metadata) == .good && verdict(.hostCredentials) == .good)
      #expect(verdict(.miniProgram, of: client) == .good)
      #expect(verdict(.miniProgram, of: "nobody") == .bad)
      #expect(findings.allSatisfy { $0.verdict != .bad || $0.cure?.isEmpty == false })
      #expect(Set(findings.map(\.check)).isSuperset(of: [.tls, .clock, .secretStore, .host]))
      let error = try await thrown(StartError.self) {
        try await phone.host.diagnose(redirectURI: "no address")
      }
      guard case .configuration = error else { throw error }
    }
    let nowhere = "http://127.0.0.1:\(try StubServer.closedPort())"
    let phone = try await Phone(issuer: nowhere, clientID: "harbour", credentials: .publicClient())
    let findings = try await phone.host.diagnose()
    #expect(findings.contains { $0.verdict == .bad && $0.cure != nil })
    await phone.host.shutdown()
  }
}
