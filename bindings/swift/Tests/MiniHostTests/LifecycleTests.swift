import Foundation
import MiniHost
import TestHost
import Testing

/// Pages, mini-programs and the host itself come to their ends.
@Suite struct LifecycleTests {
  @Test("Closing a mini-program takes its prompt away, and its late answer does not count")
  func closed() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let text = page.request(
        "auth.requestCode",
        ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"])
      async let reply = page.post(text)
      let view = try await phone.screen.presented.next()
      page.session.close()
      #expect(try await reply == nil)
      #expect(try await phone.screen.dismissed.next() == view.id)
      #expect(throws: AnswerError.notWaiting) { try phone.host.answer(view, with: view.allow()) }
    }
  }

  @Test("A session that nobody holds is closed")
  func released() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let view = try await askAndLetGo(phone, program)
      #expect(try await phone.screen.dismissed.next() == view.id)
    }
  }

  private func askAndLetGo(_ phone: Phone, _ program: Program) async throws -> ConsentView {
    let page = try await Page.ready(phone, program)
    let text = page.request(
      "auth.requestCode",
      ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"])
    try page.session.send(text, from: page.sender) { _ in }
    // One that is let go of sooner never has its prompt shown.
    let view = try await phone.screen.presented.next()
    return withExtendedLifetime(page) { view }
  }

  @Test("A reload answers what the page before has asked with nothing, and takes its prompt away")
  func reloaded() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let text = page.request(
        "auth.requestCode",
        ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"])
      async let reply = page.post(text)
      let view = try await phone.screen.presented.next()
      let next = try Page(phone, page.session, document: 2, origin: program.origin)
      #expect(try await reply == nil)
      #expect(try await phone.screen.dismissed.next() == view.id)
      #expect(try await next.initialize()["result"]["version"] == 1)
    }
  }

  @Test("Shutting down answers what waits, takes the prompt away, and ends what listens")
  func shutDown() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let phone = try await Phone(sample)
    try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
    let page = try await Page.ready(phone, program)
    let (audit, events) = (phone.host.auditEntries, phone.host.events)
    async let reply = page.requestCode(["openid"])
    let view = try await phone.screen.presented.next()
    await phone.host.shutdown()
    #expect(try await phone.screen.dismissed.next() == view.id)
    #expect(try await reply.reason == "aborted")
    var (entries, presented, dismissed) = (0, false, false)
    for await entry in audit where entry.outcome == .refused(reason: "aborted") { entries += 1 }
    for await event in events {
      presented = presented || event == .promptPresented(view)
      dismissed = dismissed || event == .promptDismissed(view.id)
    }
    #expect(entries == 1 && presented && dismissed)
  }

  @Test("After shutting down every call fails in the same way")
  func afterwards() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let phone = try await Phone(sample)
    try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
    let page = try await Page.ready(phone, program)
    let host = phone.host
    await host.shutdown()
    let view = ConsentView(
      id: 1, digest: "", miniProgram: .init(id: "", name: "", publisher: "", unsigned: false), account: "",
      scopes: [], audience: nil, locale: "en", remember: [])
    let calls: [@Sendable () async throws -> Void] = [
      { _ = try host.currentUser }, { try host.setLocale("en") }, { try host.settingsOpened() },
      { try page.session.documentStarted(2) }, { try page.session.setVisible(false) },
      { _ = try host.pendingPrompts() }, { _ = try await page.initialize() }, { _ = try host.grants },
      { _ = try host.pastGrants }, { try host.setEnabled("teahouse", false) },
      { _ = try await host.revoke("teahouse") },
    ]
    for call in calls {
      #expect(try await thrown(HostError.self, by: call) == .shutDown)
    }
    await #expect(throws: OpenError.shutDown) {
      try await host.open(.unsignedForDevelopment(program.manifest()))
    }
    #expect(throws: AnswerError.shutDown) { try host.answer(view, with: .deny) }
    await #expect(throws: SignInError.shutDown) { try await host.signIn(username: "alice", password: "x") }
    await #expect(throws: SignInError.shutDown) {
      try await host.beginSignIn(redirectURI: "com.example.harbour:/signed-in")
    }
    await #expect(throws: SignOutError.shutDown) { try await host.signOut() }
    await #expect(throws: StartError.shutDown) { try await host.diagnose() }
    await #expect(throws: DeviceRequestError.shutDown) { try await host.deviceRequest("bbbb-bbbb") }
    await host.shutdown()
  }

  @Test("Shutting down ends a sign-in whose server does not answer")
  func silentServer() async throws {
    let asked = Heard<Void>("a request for a token")
    let server = try StubServer { _ in
      asked.add(())
      return nil
    }
    let phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    async let signIn = thrown(SignInError.self) {
      try await phone.host.signIn(username: "alice", password: "secret")
    }
    try await asked.next()
    await phone.host.shutdown()
    #expect(try await signIn == .shutDown)
  }

  @Test("Who is signed in is told as it changes")
  func users() async throws {
    let sample = try await SampleHost.shared()
    try await sample.withPhone(nil) { phone in
      var events = phone.host.events.makeAsyncIterator()
      try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
      guard case .userChanged(let user?) = await events.next() else { throw Unexpected("nobody came") }
      #expect(user.displayName == "alice")
      try await phone.host.signOut()
      #expect(await events.next() == .userChanged(nil))
    }
  }

  @Test("Calls and callbacks from many tasks at once all come to their ends")
  func tasks() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(screen: Screen { $0.allow(.untilRevoked) }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      let codes = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let page = try await Page.ready(phone, program)
            for _ in 0..<50 { _ = try await page.call("auth.getGrants") }
            return try await page.requestCode(["openid"])["result"]["code"].string
          }
        }
        var codes: Set<String> = []
        for try await code in group { if let code { codes.insert(code) } }
        return codes
      }
      #expect(codes.count == 8)
    }
  }

  @Test("The host app's objects are let go of, with a shutdown and without, and whoever listens hears of it")
  func letsGo() async throws {
    let sample = try await SampleHost.shared()
    let ended = Heard<Bool>("the end of what listens")
    for isShutDown in [true, false] {
      weak var screen: Screen?
      weak var audit: Entries?
      do {
        let phone = try await Phone(sample)
        (screen, audit) = (phone.screen, phone.audit)
        #expect(screen != nil && audit != nil)
        let entries = phone.host.auditEntries
        Task {
          for await _ in entries {}
          ended.add(isShutDown)
        }
        if isShutDown { await phone.host.shutdown() }
      }
      try await eventually("the host app's objects are let go of") { screen == nil && audit == nil }
      #expect(try await ended.next() == isShutDown)
    }
  }
}
