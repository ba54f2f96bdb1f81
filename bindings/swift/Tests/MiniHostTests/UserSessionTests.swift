import Foundation
import MiniHost
import TestHost
import Testing

private struct Offline: Error {}

/// A host app that signs its users in by itself, at the sample host's authorization server.
private final class OwnSession: UserSession {
  let asked = Heard<(user: User, rejected: String?)>("a wish for a token")
  let abandoned = Heard<Void>("the end of a wish")
  let signedOut = Heard<User>("a sign-out")
  /// What is thrown in place of an answer.
  let trouble = Shared<(any Error)?>(nil)
  /// Nobody gets an answer.
  let isSilent = Shared(false)
  private let sample: SampleHost
  private let tokens = Shared<[String: String]>([:])

  init(_ sample: SampleHost) {
    self.sample = sample
  }

  /// Signs in, and gives whom the host app tells the SDK of.
  func signIn(_ username: String, epoch: UInt64) async throws -> User {
    let token = try await token(username)
    let claims = try await Http.get(
      "\(sample.issuer)/userinfo", headers: ["Authorization": "Bearer \(token)"]
    ).json()
    let user = User(id: claims["sub"].string ?? "", displayName: username, epoch: epoch)
    tokens.value["\(user.id)/\(epoch)"] = token
    return user
  }

  func accessToken(for user: User, rejected: String?) async throws -> String {
    asked.add((user, rejected))
    if isSilent.value {
      await untilCancelled()
      abandoned.add(())
    }
    if let trouble = trouble.value { throw trouble }
    let key = "\(user.id)/\(user.epoch)"
    if rejected == tokens.value[key] { tokens.value[key] = try await token(user.displayName) }
    guard let token = tokens.value[key] else { throw NoToken.userChanged }
    return token
  }

  func signOut(_ user: User) async throws {
    signedOut.add(user)
    if let trouble = trouble.value { throw trouble }
    tokens.value["\(user.id)/\(user.epoch)"] = nil
  }

  /// Puts a token that the server does not take in the place of the one that is there.
  func spoil(_ user: User) {
    tokens.value["\(user.id)/\(user.epoch)"] = "spoiled"
  }

  private func token(_ username: String) async throws -> String {
    let pair = Data("\(sample.host.id):\(Http.encode(sample.host.secret))".utf8).base64EncodedString()
    let answer = try await Http.post(
      "\(sample.issuer)/token",
      form: [
        "grant_type": "password", "username": username, "password": sample.password(of: username),
        "scope": "openid profile mediate",
      ], headers: ["Authorization": "Basic \(pair)"])
    guard let token = try answer.json()["access_token"].string else { throw Unexpected("no token") }
    return token
  }
}

/// Users whom the host app signs in by itself.
@Suite struct UserSessionTests {
  private func withOwn(
    _ test: (Phone, OwnSession, Program) async throws -> Void
  ) async throws {
    let sample = try await SampleHost.shared()
    let session = OwnSession(sample)
    let program = try Program(sample)
    try await sample.withPhone(
      nil, screen: Screen { $0.allow() }, bring: { $0.session = session }
    ) { phone in try await test(phone, session, program) }
  }

  @Test("A page gets a code for the user whom the host app tells, by that user's token")
  func code() async throws {
    try await withOwn { phone, session, program in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "login_required")
      let alice = try await session.signIn("alice", epoch: 1)
      try phone.host.userChanged(alice)
      #expect(try phone.host.currentUser == alice)
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
      let asked = try await session.asked.next()
      #expect(asked.user == alice && asked.rejected == nil)
      #expect(try await phone.screen.presented.next().account == "alice")
    }
  }

  @Test("A token that the server does not take is rejected once, and another one is taken")
  func rejected() async throws {
    try await withOwn { phone, session, program in
      let alice = try await session.signIn("alice", epoch: 1)
      session.spoil(alice)
      try phone.host.userChanged(alice)
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
      #expect(try await session.asked.next().rejected == nil)
      #expect(try await session.asked.next().rejected == "spoiled")
    }
  }

  @Test(
    "Whatever keeps the host app from giving a token, the page hears a reason",
    arguments: [
      (NoToken.unavailable as any Error, "temporarily_unavailable"), (NoToken.network, "network"),
      (NoToken.tryLater(retryAfter: 7), "temporarily_unavailable"), (NoToken.server, "server_error"),
      (Offline(), "temporarily_unavailable"),
    ])
  func noToken(_ trouble: any Error, _ reason: String) async throws {
    try await withOwn { phone, session, program in
      let alice = try await session.signIn("alice", epoch: 1)
      try phone.host.userChanged(alice)
      session.trouble.value = trouble
      let page = try await Page.ready(phone, program)
      let reply = try await page.requestCode(["openid"])
      #expect(reply.reason == reason)
      if case NoToken.tryLater = trouble { #expect(reply["error"]["data"]["retryAfter"] == 7) }
      #expect(try phone.host.currentUser == alice)
      session.trouble.value = nil
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
    }
  }

  @Test("A sign-in that the server has ended is over for the SDK too")
  func ended() async throws {
    try await withOwn { phone, session, program in
      try await phone.host.userChanged(session.signIn("alice", epoch: 1))
      var events = phone.host.events.makeAsyncIterator()
      session.trouble.value = NoToken.signInEnded
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "login_required")
      while let event = await events.next(), event != .userChanged(nil) {}
      #expect(try phone.host.currentUser == nil)
    }
  }

  @Test("Another user takes the place of the one before, whose wish for a token is given up")
  func switched() async throws {
    try await withOwn { phone, session, program in
      try await phone.host.userChanged(session.signIn("alice", epoch: 1))
      let bob = try await session.signIn("bob", epoch: 2)
      session.isSilent.value = true
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      _ = try await session.asked.next()
      try phone.host.userChanged(bob)
      #expect(try await reply.reason == "account_changed")
      try await session.abandoned.next()
      session.isSilent.value = false
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
      #expect(try await session.asked.next().user == bob)
    }
  }

  @Test("A sign-in whose epoch has not grown ends the one before, and a new name does not")
  func epochs() async throws {
    try await withOwn { phone, _, _ in
      try phone.host.userChanged(User(id: "u-1", displayName: "Alice", epoch: 4))
      try phone.host.userChanged(User(id: "u-1", displayName: "Alice B.", epoch: 4))
      #expect(try phone.host.currentUser?.displayName == "Alice B.")
      #expect(throws: UserChangeError.signInOver) {
        try phone.host.userChanged(User(id: "u-2", displayName: "Bob", epoch: 4))
      }
      #expect(try phone.host.currentUser == nil)
      try phone.host.userChanged(User(id: "u-2", displayName: "Bob", epoch: 5))
      #expect(try phone.host.currentUser?.displayName == "Bob")
      try phone.host.userChanged(nil)
      #expect(throws: UserChangeError.signInOver) {
        try phone.host.userChanged(User(id: "u-1", displayName: "Alice", epoch: 5))
      }
    }
  }

  @Test("A sign-out is the host app's too, and may leave tokens behind")
  func signOut() async throws {
    try await withOwn { phone, session, _ in
      let alice = try await session.signIn("alice", epoch: 1)
      try phone.host.userChanged(alice)
      session.trouble.value = Offline()
      let error = try await thrown(SignOutError.self) { try await phone.host.signOut() }
      guard case .storage = error else { throw error }
      #expect(try phone.host.currentUser == nil)
      #expect(try await session.signedOut.next() == alice)
      session.trouble.value = nil
      try await phone.host.signOut()
      #expect(try await session.signedOut.next() == alice)
      try await phone.host.signOut()
      #expect(session.signedOut.rest.isEmpty)
    }
  }

  @Test("Who signs users in is settled when the host starts")
  func settled() async throws {
    let sample = try await SampleHost.shared()
    try await withOwn { phone, _, _ in
      let error = try await thrown(SignInError.self) {
        try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
      }
      guard case .configuration = error else { throw error }
      #expect(try await phone.host.restoreSignIn() == nil)
      await phone.host.shutdown()
      #expect(throws: UserChangeError.shutDown) { try phone.host.userChanged(nil) }
    }
    try await sample.withPhone(nil) { phone in
      #expect(throws: UserChangeError.sdkSignsIn) {
        try phone.host.userChanged(User(id: "u-1", displayName: "Alice", epoch: 1))
      }
    }
  }
}
