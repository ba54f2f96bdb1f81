import Foundation
import MiniHost
import TestHost
import Testing

/// A task that is cancelled ends what it has begun: not its caller's waiting alone, but the work on the threads of
/// the SDK, which whoever is at the other end sees go.
@Suite struct CancelledCallTests {
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
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(bring: { $0.network = network }) { phone in
      http.holds.value = true
      let task = Task {
        try await thrown(DeviceRequestError.self) { try await phone.host.deviceRequest("bbbb-bbbb") }
      }
      let path = try await http.held.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      #expect(try await http.abandoned.next() == path)
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
}
