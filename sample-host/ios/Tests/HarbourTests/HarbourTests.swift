import Foundation
import Harbour
import MiniHost
import MiniHostWebKit
import Testing

/// The app's story with the real library and the real authorization server, without its screens.
@MainActor
@Suite(.serialized) struct HarbourTests {
  private func withApp(
    _ words: [String], on device: Device = Device(), _ test: @MainActor (HarbourModel) async throws -> Void
  ) async throws {
    let line = try await SampleServers.line()
    let model = HarbourModel(
      steering: Steering(arguments: ["-servers", line] + words), kept: device.kept, data: try device.data)
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

  /// How a sheet leaves the screen without an answer.
  enum WayOut: CaseIterable {
    case swipe, alertOfTheApp, settings, somethingOfTheSystem

    @MainActor
    func take(_ model: HarbourModel) async throws {
      let consent = model.consent
      switch self {
      case .swipe:
        consent.current?.dismiss()
      case .alertOfTheApp:
        consent.covered()
      case .settings:
        try await model.show(for: "teahouse")
        #expect(model.showsGrants)
      case .somethingOfTheSystem:
        for phase in [ConsentSheetModel.Phase.active, .inactive, .active] {
          consent.current?.phaseChanged(to: phase)
        }
      }
    }
  }

  @Test(
    "Without a word the sheet waits for the user, who may close it in any way", arguments: WayOut.allCases)
  func sheet(_ way: WayOut) async throws {
    try await withApp(["-user", "alice", "-open", "teahouse", "-answer", "hang"]) { model in
      async let reply = requestCode(model)
      while model.consent.current == nil { await Task.yield() }
      try await way.take(model)
      let text = try await reply
      #expect(text.contains("user_cancelled"))
    }
  }

  @Test("The grants go with the program that they lie over, and with the user")
  func grantsGo() async throws {
    let servers = try #require(Servers(line: try await SampleServers.line()))
    let password = try #require(servers.password(of: "bob"))
    try await withApp(["-user", "alice", "-open", "teahouse"]) { model in
      try await model.show(for: "teahouse")
      #expect(model.showsGrants)
      model.close()
      #expect(!model.showsGrants)
      await model.open("teahouse")
      try await model.show(for: "teahouse")
      await model.signIn(username: "bob", password: password)
      #expect(model.user?.displayName == "bob" && model.session == nil && !model.showsGrants)
      model.setShowsGrants(true)
      await model.signOut()
      #expect(!model.showsGrants)
    }
  }

  #if canImport(WebKit)
    @Test("What programs keep is one user's: kept for them, gone with another or a reset")
    func programData() async throws {
      let device = Device()
      var before: UUID?
      for (words, name, isThere) in [
        (["-user", "alice"], "alice", false), ([], "alice", true), (["-switch-user", "bob"], "bob", false),
        ([], "bob", true), (["-store", "lost", "-user", "alice"], "alice", false),
        (["-reset", "-user", "alice"], "alice", false),
      ] {
        try await withApp(words, on: device) { model in
          #expect(model.user?.displayName == name)
          let store = model.data.stores.identifier(for: "teahouse")
          #expect((store == before) == isThere, "\(words)")
          before = store
        }
      }
    }
  #endif

  @Test("People read names, and hear which grant it is that they take back")
  func names() async throws {
    try await withApp(["-user", "alice", "-open", "teahouse", "-answer", "allow"]) { model in
      _ = try await requestCode(model)
      model.settingsOpened()
      let grant = try #require(model.grants.first { $0.scope == "email" })
      #expect(Words("en").takeBack(grant) == "Take back: Tea House: Email address")
      #expect(Words("zh-Hans").what(grant) == "清和茶馆：邮箱地址")
      #expect(Words("en").program("elsewhere") == "elsewhere" && Words("en").scope("address") == "address")
      await model.signOut()
    }
  }

  @Test("A wrong password, an unknown program and an unknown word are said")
  func notices() async throws {
    try await withApp(["-clock", "60"]) { model in
      #expect(model.notice == .unknownWords(["clock=60"]))
      await model.signIn(username: "alice", password: "wrong")
      #expect(model.notice == .wrongCredentials && model.screen == .signIn)
      await model.open("theatre")
      #expect(model.notice == .notOpened("theatre"))
    }
  }

  @Test("The sample host's line is kept until the app is reset")
  func kept() async throws {
    let device = Device()
    let line = try await SampleServers.line()
    for (words, screen) in [
      (["-servers", line], HarbourModel.Screen.signIn), ([], .signIn), (["-reset"], .noServers),
    ] {
      let model = HarbourModel(
        steering: Steering(arguments: words), kept: device.kept, data: try device.data)
      await model.start()
      #expect(model.screen == screen)
      await model.stop()
    }
    #expect(device.secrets.kept.isEmpty)
  }

  @Test("Whoever is signed in when the app ends still is when it begins, with what they allowed")
  func restored() async throws {
    let device = Device()
    try await withApp(["-user", "alice", "-open", "teahouse", "-answer", "allow"], on: device) { model in
      let reply = try await requestCode(model)
      #expect(reply.contains(#""code""#))
    }
    try await withApp([], on: device) { model in
      #expect(model.screen == .programs && model.user?.displayName == "alice")
      #expect(Set(model.grants.map(\.scope)) == ["openid", "email"])
      await model.open("teahouse")
      let reply = try await requestCode(model)
      #expect(reply.contains(#""code""#), "nobody is asked")
      await model.signOut()
    }
    try await withApp([], on: device) { model in #expect(model.screen == .signIn && model.user == nil) }
    try await withApp(["-user", "bob"], on: device) { model in #expect(model.user?.displayName == "bob") }
    try await withApp(["-user", "alice"], on: device) { #expect($0.user?.displayName == "alice") }
    try await withApp(["-reset"], on: device) { #expect($0.screen == .signIn && $0.grants.isEmpty) }
  }
}
