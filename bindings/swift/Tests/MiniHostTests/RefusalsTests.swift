import Foundation
import MiniHost
import TestHost
import Testing

/// Wrong input at the border gets its stable reason or its error, and leaves everything working.
@Suite struct RefusalsTests {
  /// What a page may get wrong, and what it hears.
  enum Wrong: CaseIterable {
    case undeclaredScope, otherOrigin, frameWithin, nothingTold, noMessage, noMethod, hidden

    var reason: String {
      switch self {
      case .undeclaredScope: "scope_not_declared"
      case .otherOrigin, .nothingTold: "untrusted_origin"
      case .frameWithin: "not_main_frame"
      case .noMessage: "invalid_request"
      case .noMethod: "unsupported_method"
      case .hidden: "interaction_required"
      }
    }

    func send(_ page: Page) async throws -> Json? {
      switch self {
      case .undeclaredScope:
        try await page.requestCode(["openid", "address"])
      case .otherOrigin:
        try await page.requestCode(["openid"]) { $0.origin = "https://evil.example" }
      case .frameWithin:
        try await page.requestCode(["openid"]) {
          $0.isMainFrame = false
          $0.hasCapability = true
        }
      case .nothingTold:
        try await page.requestCode(["openid"]) {
          $0.origin = nil
          $0.isMainFrame = nil
        }
      case .noMessage:
        try await page.post("{\"jsonrpc\":")
      case .noMethod:
        try await page.call("host.format")
      case .hidden:
        try await page.requestCode(["openid"]) { $0.isVisible = false }
      }
    }
  }

  @Test("An answer that the view does not offer counts as a closed prompt, and the page hears so")
  func otherAnswers() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { _ in .allow(scopes: ["openid", "phone"], remember: .once) }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "user_cancelled")
      #expect(try phone.host.pendingPrompts().isEmpty)
    }
  }

  @Test(
    "The reason comes, nobody is asked, and the next request is as good as ever", arguments: Wrong.allCases)
  func refused(_ wrong: Wrong) async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow() }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await wrong.send(page)?.reason == wrong.reason)
      #expect(screen.presented.rest.isEmpty)
      #expect(try await page.requestCode(["openid"])["result"]["grantedScopes"].strings == ["openid"])
    }
  }

  @Test("A capability stands in for what the platform does not tell")
  func capability() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(screen: Screen { $0.allow() }) { phone in
      let page = try await Page.ready(phone, program)
      let reply = try await page.requestCode(["openid"]) {
        $0.origin = nil
        $0.isMainFrame = nil
        $0.hasCapability = true
      }
      #expect(reply["result"]["code"].string != nil)
    }
  }

  @Test("Only an answer to the view that is shown counts, and only once")
  func answers() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      let view = try await phone.screen.presented.next()
      func like(_ id: UInt64, _ digest: String) -> ConsentView {
        ConsentView(
          id: id, digest: digest, miniProgram: view.miniProgram, account: view.account, scopes: view.scopes,
          audience: nil, locale: view.locale, remember: view.remember)
      }
      #expect(throws: AnswerError.notWaiting) {
        try phone.host.answer(like(view.id + 1, view.digest), with: view.allow())
      }
      #expect(throws: AnswerError.otherView) {
        try phone.host.answer(like(view.id, "another"), with: view.allow())
      }
      #expect(throws: AnswerError.otherScopes) {
        try phone.host.answer(view, with: .allow(scopes: ["openid", "email"], remember: .once))
      }
      #expect(try phone.host.pendingPrompts() == [view])

      try phone.host.answer(view, with: view.allow())
      #expect(throws: AnswerError.notWaiting) { try phone.host.answer(view, with: .deny) }
      #expect(try await reply["result"]["grantedScopes"].strings == ["openid"])
    }
  }

  @Test("A host offers to remember for as long as it likes")
  func remember() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(configure: { $0.remember = [.once] }) { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      let view = try await phone.screen.presented.next()
      #expect(view.remember == [.once])
      #expect(throws: AnswerError.otherRemember) {
        try phone.host.answer(view, with: view.allow(.thirtyDays))
      }
      try phone.host.answer(view, with: .deny)
      #expect(try await reply.reason == "user_denied")
    }
    await #expect(throws: StartError.self) {
      try await Phone(sample, configure: { $0.remember = [] })
    }
  }

  @Test("A manifest that is not acceptable is refused with the member to mend")
  func manifest() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(nil) { phone in
      let refused = try await thrown(OpenError.self) {
        try await phone.host.open(.unsignedForDevelopment(program.manifest(id: "Tea House")))
      }
      guard case .manifest(let detail) = refused else { throw refused }
      #expect(detail.contains("`id`"))
      await #expect(throws: OpenError.self) { try await phone.host.open(.unsignedForDevelopment("{}")) }
      await #expect(throws: OpenError.self) { try await phone.host.open(.signed("a.b.c", keys: [])) }
      let noKey = TrustedKey(publisher: "qinghe", jwk: "{}")
      let unread = try await thrown(OpenError.self) {
        try await phone.host.open(.signed("a.b.c", keys: [noKey]))
      }
      guard case .key = unread else { throw unread }
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      #expect(session.program.id == "teahouse" && session.program.name == "Tea House")
      #expect(session.program.origins == [program.origin] && session.program.unsigned)
      #expect(session.program.startURL == "\(program.origin)/")
    }
    try await sample.withPhone(nil, configure: { $0.build = .release }) { phone in
      await #expect(throws: OpenError.self) {
        try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      }
    }
  }

  @Test("A sign-in that fails says whose turn it is, and leaves the user signed in")
  func signIn() async throws {
    let sample = try await SampleHost.shared()
    try await sample.withPhone { phone in
      let user = try phone.host.currentUser
      await #expect(throws: SignInError.wrongCredentials) {
        try await phone.host.signIn(username: "bob", password: "not bob's")
      }
      #expect(try phone.host.currentUser == user)
    }
    let impostor = try await Phone(
      issuer: sample.issuer, clientID: sample.host.id,
      credentials: .secret("not the secret", known: .toThisHostAlone))
    let rejected = try await thrown(SignInError.self) {
      try await impostor.host.signIn(username: "alice", password: sample.password(of: "alice"))
    }
    guard case .hostRejected = rejected else { throw rejected }
    await impostor.host.shutdown()
    let offline = try await Phone(
      issuer: "http://127.0.0.1:\(StubServer.closedPort())", clientID: sample.host.id,
      credentials: sample.host.credentials())
    let unreached = try await thrown(SignInError.self) {
      try await offline.host.signIn(username: "alice", password: "x")
    }
    guard case .network = unreached else { throw unreached }
    await offline.host.shutdown()
  }

  @Test(
    "A host does not start with an address that is no issuer",
    arguments: ["", "a server", "http://as.example"])
  func issuer(_ issuer: String) async throws {
    let credentials = try ClientCredentials.publicClient()
    let error = try await thrown(StartError.self) {
      try await Phone(issuer: issuer, clientID: "harbour", credentials: credentials)
    }
    guard case .configuration = error else { throw error }
  }
}
