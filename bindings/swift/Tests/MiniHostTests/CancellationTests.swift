import Foundation
import MiniHost
import TestHost
import Testing

/// Sends nothing, and knows what is still waited for.
private final class HoldingTransport: HttpTransport {
  let begun = Heard<String>("a request")
  let abandoned = Heard<String>("the end of a request")
  /// Which paths are not answered; the others go to a server.
  private let held: @Sendable (String) -> Bool
  let answers = Shared<[String: HttpResponse]>([:])

  init(held: @escaping @Sendable (String) -> Bool) {
    self.held = held
  }

  func send(_ request: HttpRequest) async throws -> HttpResponse {
    guard held(request.url.path) else { return try await forward(request) }
    begun.add(request.url.path)
    let (waiting, continuation) = AsyncStream<Never>.makeStream()
    release.value = continuation
    for await _ in waiting {}
    if Task.isCancelled {
      abandoned.add(request.url.path)
      throw HttpFailure.maybeSent
    }
    return try await forward(request)
  }

  /// Lets the request go on that is held.
  let release = Shared<AsyncStream<Never>.Continuation?>(nil)

  private func forward(_ request: HttpRequest) async throws -> HttpResponse {
    let answer = try await Http.exchange(
      request.method, request.url.absoluteString, headers: request.headers, body: request.body)
    let headers = answer.headers.mapValues { [$0] }
    return HttpResponse(status: UInt16(answer.status), headers: headers, body: Data(answer.body.utf8))
  }
}

/// Keeps secrets, and lets nobody read them until it is told to.
private final class SlowVault: SecretStore {
  let asked = Heard<Void>("a look at the secrets")
  let isOpen = Shared(true)
  private let gate = DispatchSemaphore(value: 0)
  private let entries = Shared<[String: Data]>([:])

  func get(_ name: String) throws -> Data? {
    if !isOpen.value {
      asked.add(())
      gate.wait()
    }
    return entries.value[name]
  }

  func open() {
    isOpen.value = true
    gate.signal()
  }

  func put(_ name: String, _ secret: Data) throws { entries.value[name] = secret }
  func remove(_ name: String) throws { entries.value[name] = nil }
}

/// A task that is cancelled ends what it has begun: not its caller's waiting alone, but the work on the threads of
/// the SDK, which whoever is at the other end sees go.
@Suite struct CancellationTests {
  private static let callback = "com.example.harbour:/signed-in"

  /// A host whose server answers nothing at these paths.
  private func withHeld(
    _ paths: Set<String>,
    _ test: (Phone, StubServer, Heard<String>) async throws -> Void
  ) async throws {
    let asked = Heard<String>("a request")
    let server = try StubServer(holding: paths) { request in
      guard paths.contains(request.path) else {
        return (200, #"{"access_token":"t","token_type":"Bearer","expires_in":600}"#)
      }
      asked.add(request.path)
      return nil
    }
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    try await test(phone, server, asked)
    await phone.host.shutdown()
  }

  /// Begins something, waits until the server has heard of it, cancels it, and waits until the server sees it go.
  private func cancel<Failure: Error>(
    _ failure: Failure.Type, at server: StubServer, _ asked: Heard<String>,
    _ begin: @escaping @Sendable () async throws -> Void
  ) async throws -> Failure {
    let task = Task { try await thrown(failure, by: begin) }
    let path = try await asked.next()
    task.cancel()
    let error = try await task.value
    #expect(try await server.abandoned.next() == path)
    return error
  }

  @Test("A sign-in with a password: its request ends, and nobody is signed in")
  func password() async throws {
    try await withHeld(["/token"]) { phone, server, asked in
      let error = try await cancel(SignInError.self, at: server, asked) {
        try await phone.host.signIn(username: "alice", password: "x")
      }
      #expect(error == .cancelled)
      #expect(try phone.host.currentUser == nil)
    }
  }

  @Test("The beginning of a sign-in in the browser: its request ends")
  func begins() async throws {
    try await withHeld(["/.well-known/oauth-authorization-server"]) { phone, server, asked in
      let error = try await cancel(SignInError.self, at: server, asked) {
        _ = try await phone.host.beginSignIn(redirectURI: Self.callback)
      }
      #expect(error == .cancelled)
    }
  }

  @Test("The end of a sign-in in the browser: its request ends, and so has the sign-in")
  func finishes() async throws {
    try await withHeld(["/token"]) { phone, server, asked in
      let signIn = try await phone.host.beginSignIn(redirectURI: Self.callback)
      let state = try #require(Http.decode(signIn.page.query ?? "")["state"])
      let answer = "\(Self.callback)?code=c&state=\(state)"
      let error = try await cancel(SignInError.self, at: server, asked) {
        try await phone.host.finishSignIn(signIn, answer: answer)
      }
      #expect(error == .cancelled)
      #expect(try phone.host.currentUser == nil)
      let again = try await thrown(SignInError.self) {
        try await phone.host.finishSignIn(signIn, answer: answer)
      }
      guard case .wrongAnswer = again else { throw again }
    }
  }

  @Test("A diagnosis: its request ends")
  func diagnosis() async throws {
    try await withHeld(["/.well-known/oauth-authorization-server"]) { phone, server, asked in
      let error = try await cancel(StartError.self, at: server, asked) { _ = try await phone.host.diagnose() }
      #expect(error == .cancelled)
    }
  }

  @Test("A look at what another device asks: its request ends")
  func device() async throws {
    let sample = try await SampleHost.shared()
    let isHolding = Shared(false)
    let transport = HoldingTransport(held: { _ in isHolding.value })
    let network = try Network.own(transport)
    try await sample.withPhone(bring: { $0.network = network }) { phone in
      isHolding.value = true
      let task = Task {
        try await thrown(DeviceRequestError.self) { try await phone.host.deviceRequest("bbbb-bbbb") }
      }
      let path = try await transport.begun.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      #expect(try await transport.abandoned.next() == path)
    }
  }

  @Test("The answer to another device goes on, since half of it would be worse")
  func answer() async throws {
    let sample = try await SampleHost.shared()
    let isHolding = Shared(false)
    let transport = HoldingTransport(held: { _ in isHolding.value })
    let network = try Network.own(transport)
    try await sample.withPhone(bring: { $0.network = network }) { phone in
      let browser = WaitingBrowser(sample.issuer)
      let request = try await phone.host.deviceRequest(browser.code())
      isHolding.value = true
      let task = Task {
        try await thrown(DeviceRequestError.self) { try await phone.host.answer(request, approve: true) }
      }
      _ = try await transport.begun.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      isHolding.value = false
      transport.release.value?.finish()
      var state = try await browser.state()
      let deadline = Date(timeIntervalSinceNow: patience)
      while state == "pending", Date() < deadline { state = try await browser.state() }
      #expect(state == "approved")
      #expect(transport.abandoned.rest.isEmpty)
    }
  }

  @Test("The sign-in of the last start: what is read too late signs nobody in")
  func restore() async throws {
    let sample = try await SampleHost.shared()
    let vault = SlowVault()
    try await sample.withPhone(bring: { $0.secrets = vault }) { _ in }
    try await sample.withPhone(nil, bring: { $0.secrets = vault }) { phone in
      vault.isOpen.value = false
      let task = Task { try await thrown(RestoreError.self) { try await phone.host.restoreSignIn() } }
      try await vault.asked.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      vault.open()
      // Comes after what was read too late: secrets are asked for one after the other.
      await #expect(throws: SignInError.wrongCredentials) {
        try await phone.host.signIn(username: "alice", password: "not hers")
      }
      #expect(try phone.host.currentUser == nil)
      #expect(try await phone.host.restoreSignIn()?.displayName == "alice")
    }
  }

  @Test("A start: no host comes of it, and what the host app has brought is let go of")
  func start() async throws {
    let sample = try await SampleHost.shared()
    weak var held: SlowVault?
    do {
      let vault = SlowVault()
      held = vault
      vault.isOpen.value = false
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("start-\(UUID().uuidString)")
      let task = Task {
        try await thrown(StartError.self) {
          try await Phone(
            sample,
            bring: {
              $0.secrets = vault
              $0.grants = .file(file)
            })
        }
      }
      // The key of the grants' file.
      try await vault.asked.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      vault.open()
    }
    let deadline = Date(timeIntervalSinceNow: patience)
    while held != nil {
      try #require(Date() < deadline, "the host app's objects are still held")
      await Task.yield()
    }
  }

  @Test("A task that was cancelled before it begins asks nobody anything")
  func before() async throws {
    try await withHeld(["/token", "/.well-known/oauth-authorization-server"]) { phone, server, asked in
      let calls: [@Sendable () async throws -> Void] = [
        { try await phone.host.signIn(username: "alice", password: "x") },
        { _ = try await phone.host.beginSignIn(redirectURI: Self.callback) },
      ]
      for call in calls {
        let task = Task {
          await untilCancelled()
          return try await thrown(SignInError.self, by: call)
        }
        task.cancel()
        let error = try await task.value
        #expect(error == .cancelled)
      }
      // Whatever had reached the server would have let go of it by now, or never.
      #expect(asked.rest.count == server.abandoned.rest.count)
      let user = try phone.host.currentUser
      #expect(user == nil)
    }
  }

  @Test("A page's request whose prompt is on screen: the prompt goes, and the reply says so")
  func prompt() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let task = Task { try await page.requestCode(["openid"]) }
      let view = try await phone.screen.presented.next()
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try await phone.screen.dismissed.next() == view.id)
      #expect(throws: AnswerError.notWaiting) { try phone.host.answer(view, with: view.allow()) }
      #expect(try phone.host.pendingPrompts().isEmpty)
    }
  }

  @Test("A page's request whose code is on its way: its request ends, and no code is handed over")
  func code() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let isHolding = Shared(false)
    let transport = HoldingTransport(held: { _ in isHolding.value })
    let network = try Network.own(transport)
    let screen = Screen {
      isHolding.value = true
      return $0.allow()
    }
    try await sample.withPhone(screen: screen, bring: { $0.network = network }) { phone in
      let page = try await Page.ready(phone, program)
      let task = Task { try await page.requestCode(["openid"]) }
      let path = try await transport.begun.next()
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try await transport.abandoned.next() == path)
    }
  }

  @Test("A page's request that was cancelled before it is sent asks the user nothing")
  func unsent() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let task = Task {
        await untilCancelled()
        return try await page.requestCode(["openid"])
      }
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try phone.host.pendingPrompts().isEmpty)
    }
  }
}

/// What somebody takes back goes on though the task that waits for it is cancelled.
@Suite struct TakingBackTests {
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

  @Test("The grant is gone here at once, and at the server once that has answered")
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
}
