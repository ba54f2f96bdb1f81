import Foundation
import Harbour
import MiniHost
import Testing

@Suite struct SteeringTests {
  private static let view = ConsentView(
    id: 1, digest: "d", miniProgram: .init(id: "teahouse", name: "Tea House", publisher: "Q", unsigned: true),
    account: "alice",
    scopes: ["openid", "email"].map { .init(name: $0, title: $0, reason: "") }, audience: nil, locale: "en",
    remember: [.thirtyDays, .once])

  @Test("Launch arguments are words, and each is read")
  func words() {
    let steering = Steering(arguments: [
      "-user", "alice", "-open", "teahouse", "-locale", "zh-Hans", "-appearance", "dark", "-manifest",
      "lookalike", "-navigate", "http://127.0.0.1:1/x", "-reload", "-revoke", "-background", "-reset",
      "-servers", "{}", "-answer", "deny", "-AppleLanguages", "(en)", "-network", "slow:200", "-store",
      "locked", "-clock", "+60", "-expire", "access", "-rotate-keys", "-attack", "sub-frame",
    ])
    #expect(steering.user == "alice" && steering.open == "teahouse" && steering.locale == "zh-Hans")
    #expect(steering.appearance == .dark && steering.manifest == .lookalike)
    #expect(steering.navigate == "http://127.0.0.1:1/x" && steering.servers == "{}")
    #expect(steering.reload && steering.revoke && steering.background && steering.reset)
    #expect(steering.answer == .deny && steering.unknown.isEmpty)
    #expect(steering.network == .slow(200) && steering.store == .locked && steering.attack == .subFrame)
    #expect(steering.server == ["clock": "+60", "expire": "access", "rotate-keys": "now"])
  }

  @Test(
    "Each weather has its word",
    arguments: [
      ("ok", Weather.fine), ("offline", .offline), ("html", .html), ("cut-after:10", .cutAfter(10)),
      ("status:503", .status(503)), ("retry-after:7", .retryAfter(7)),
    ])
  func weather(_ word: String, _ weather: Weather) {
    #expect(Steering(arguments: ["-network", word]).network == weather)
  }

  @Test(
    "A word that is none is shown and changes nothing",
    arguments: [
      ["-clock", "60"], ["-expire", "all"], ["-network", "status:42"], ["-network", "slow"],
      ["-store", "gone"],
      ["-attack", "asteroid"], ["-frobnicate", "1"], ["-user"], ["-locale", "fr"], ["-answer", "maybe"],
      ["-answer", "after:soon"],
      ["-reload", "now"], ["teahouse"], ["-appearance", "pink"],
    ])
  func unknown(_ arguments: [String]) {
    let steering = Steering(arguments: arguments)
    #expect(steering.unknown.count == 1)
    var plain = Steering(arguments: [])
    plain.unknown = steering.unknown
    #expect(steering == plain)
  }

  @Test("A sheet is answered as testers want")
  func answers() throws {
    func choice(_ text: String) throws -> (Choice, TimeInterval)? {
      try #require(Steering(arguments: ["-answer", text]).answer).choice(for: Self.view)
    }
    let all = Choice.allow(scopes: ["openid", "email"], remember: .thirtyDays)
    #expect(try choice("allow")?.0 == all)
    #expect(try choice("deny")?.0 == .deny)
    #expect(try choice("dismiss")?.0 == .dismiss)
    #expect(try choice("partial:email,phone")?.0 == .allow(scopes: ["email"], remember: .thirtyDays))
    let after = try #require(try choice("after:250"))
    #expect(after.0 == all && after.1 == 0.25)
    #expect(try choice("hang") == nil)
  }

  @Test("The sample host's line is read, and a program's manifest made of it")
  func servers() throws {
    let line = """
      {"authorizationServer":"http://127.0.0.1:1","simulator":"http://127.0.0.1:2/",\
      "host":{"clientId":"harbour","clientSecret":"s"},"users":[{"username":"alice","password":"p"}],\
      "miniPrograms":[{"id":"teahouse","url":"http://127.0.0.1:3/","clientId":"teahouse",\
      "redirectUri":"http://127.0.0.1:3/callback"}]}
      """
    let servers = try #require(Servers(line: line))
    #expect(servers.password(of: "alice") == "p" && servers.password(of: "bob") == nil)
    let program = try #require(servers.miniPrograms.first)
    #expect(servers.manifest(of: program).contains(#""origins":["http:\/\/127.0.0.1:3"]"#))
    #expect(servers.manifest(of: program, lookalike: true).contains("Harb0ur"))
    #expect(Servers(line: "{}") == nil)
  }
}
