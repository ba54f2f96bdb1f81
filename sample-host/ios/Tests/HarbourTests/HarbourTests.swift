import Foundation
import Harbour
import MiniHost
import Testing

/// The app's story with the real library and the real authorization server, without its screens.
@MainActor
@Suite(.serialized) struct HarbourTests {
  private func withApp(
    _ words: [String], _ test: @MainActor (HarbourModel) async throws -> Void
  ) async throws {
    let name = "harbour-tests-\(UUID().uuidString)"
    let defaults = try #require(UserDefaults(suiteName: name))
    defer { defaults.removePersistentDomain(forName: name) }
    let line = try await SampleServers.line()
    let model = HarbourModel(steering: Steering(arguments: ["-servers", line] + words), kept: defaults)
    await model.start()
    try await test(model)
    await model.stop()
  }

  private func requestCode(_ model: HarbourModel) async throws -> String {
    let session = try #require(model.session)
    try session.documentStarted(1)
    let sender = Sender(
      document: 1, origin: try #require(session.program.origins.first), isMainFrame: true, isVisible: true,
      gestureAge: 0)
    let initialize =
      #"{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"#
    _ = try await session.receive(initialize, from: sender)
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    let request = """
      {"jsonrpc":"2.0","id":2,"method":"auth.requestCode","params":{"scopes":["openid","email"],\
      "codeChallenge":"\(challenge)","codeChallengeMethod":"S256"}}
      """
    return try await session.receive(request, from: sender) ?? ""
  }

  @Test("The words sign a user in, open a program and answer its sheet; the grant is listed and taken back")
  func story() async throws {
    try await withApp(["-user", "alice", "-open", "teahouse", "-answer", "partial:openid"]) { model in
      #expect(model.screen == .programs && model.user?.displayName == "alice" && model.notice == nil)
      #expect(model.session?.program.name == "Tea House" && model.session?.program.unsigned == true)
      let reply = try await requestCode(model)
      #expect(reply.contains(#""code""#) && reply.contains(#""email":"user_denied""#))
      model.settingsOpened()
      #expect(model.grants.map(\.scope) == ["openid"])
      await model.revoke("teahouse")
      #expect(model.grants.isEmpty && model.notice == .revoked(["openid"], .ended))
      await model.signOut()
      #expect(model.screen == .signIn && model.user == nil && model.session == nil)
    }
  }

  @Test("Without a word the sheet waits for the user")
  func sheet() async throws {
    try await withApp(["-user", "alice", "-open", "teahouse", "-answer", "hang"]) { model in
      async let reply = requestCode(model)
      while model.consent.current == nil { await Task.yield() }
      model.consent.current?.dismiss()
      let text = try await reply
      #expect(text.contains("user_cancelled"))
    }
  }

  @Test("A wrong password, an unknown program and an unknown word are said")
  func notices() async throws {
    try await withApp(["-clock", "+60"]) { model in
      #expect(model.notice == .unknownWords(["clock=+60"]))
      await model.signIn(username: "alice", password: "wrong")
      #expect(model.notice == .wrongCredentials && model.screen == .signIn)
      await model.open("theatre")
      #expect(model.notice == .notOpened("theatre"))
    }
  }

  @Test("The line is kept until the app is reset")
  func kept() async throws {
    let name = "harbour-tests-\(UUID().uuidString)"
    let defaults = try #require(UserDefaults(suiteName: name))
    defer { defaults.removePersistentDomain(forName: name) }
    let line = try await SampleServers.line()
    for (words, screen) in [
      (["-servers", line], HarbourModel.Screen.signIn), ([], .signIn), (["-reset"], .noServers),
    ] {
      let model = HarbourModel(steering: Steering(arguments: words), kept: defaults)
      await model.start()
      #expect(model.screen == screen)
      await model.stop()
    }
  }
}
