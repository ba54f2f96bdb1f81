import Foundation
import MiniHost
import TestHost
import Testing

/// The way of a request from the page to the user's details, with the real core and the real authorization
/// server.
@Suite struct StoryTests {
  private let all = Program.scopes.map(\.name)

  @Test("The user allows, and the mini-program learns who the user is")
  func allows() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow() }
    try await sample.withPhone(nil, screen: screen) { phone in
      #expect(try phone.host.currentUser == nil)
      let user = try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
      #expect(user.displayName == "alice")
      #expect(try phone.host.currentUser == user)

      let page = try await Page.load(phone, program)
      let initialized = try await page.initialize()["result"]
      #expect(initialized["miniProgram"]["id"] == "teahouse")
      #expect(initialized["host"]["name"] == "Harbour")
      #expect(initialized["launch"]["source"] == "test")

      let result = try await page.requestCode(all, ["state": "s-1"])["result"]
      let view = try await screen.presented.next()
      let asking = ConsentView.Asking(
        id: "teahouse", name: "Tea House", publisher: "Qinghe Tea Ltd", unsigned: true, doubts: [])
      #expect(view.miniProgram == asking)
      #expect(view.account == "alice")
      #expect(view.scopes.map(\.name) == all)
      #expect(view.scopes.map(\.reason) == Program.scopes.map(\.reason))
      #expect(view.scopes.allSatisfy { !$0.title.isEmpty })
      #expect(try phone.host.pendingPrompts().isEmpty)

      #expect(Set(result["grantedScopes"].strings) == Set(all))
      #expect(result["state"] == "s-1")
      #expect(result["iss"].string == sample.issuer)

      let code = try #require(result["code"].string)
      let token = try #require(try await program.redeem(code).json()["access_token"].string)
      let details = try await program.userDetails(token)
      #expect(details["preferred_username"] == "alice")
      #expect(details["email"] == "alice@harbour.example")
      #expect(details["phone_number"].string != nil)
      #expect(details["open_id"].string != user.id, "each client knows the user by another id")

      let entry = try await phone.audit.recorded.next()
      #expect(entry.outcome == .delivered(scopes: all.sorted(), mode: .prompt))
      #expect(entry.miniProgram == "teahouse" && entry.user == user.id && entry.digest == view.digest)
      #expect(entry.choice == .allowed(scopes: all.sorted(), remember: .once))
      #expect(!"\(entry)".contains(code))
    }
  }

  @Test("A code is worth nothing without its verifier")
  func verifier() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(screen: Screen { $0.allow() }) { phone in
      let page = try await Page.ready(phone, program)
      let code = try #require(try await page.requestCode(["openid"])["result"]["code"].string)
      let another = String(repeating: "x", count: 43)
      #expect(try await program.redeem(code, verifier: another).status == 400)
    }
  }

  @Test("What the user wants remembered is not asked again")
  func remembered() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen) { phone in
      let first = try await Page.ready(phone, program).requestCode(["openid", "email"])["result"]["code"]
      _ = try await screen.presented.next()
      let again = try await Page.ready(phone, program).requestCode(["openid", "email"])["result"]["code"]
      #expect(first.string != nil && again.string != nil && first != again)
      #expect(screen.presented.rest.isEmpty)
      _ = try await phone.audit.recorded.next()
      let entry = try await phone.audit.recorded.next()
      #expect(entry.outcome == .delivered(scopes: ["email", "openid"], mode: .remembered))
    }
  }

  @Test("A cleared box is denied and its value is not told")
  func cleared() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { _ in .allow(scopes: ["openid", "email"], remember: .once) }
    try await sample.withPhone("bob", screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      let result = try await page.requestCode(["openid", "email", "phone"])["result"]
      #expect(result["deniedScopes"] == ["phone": "user_denied"])
      let code = try #require(result["code"].string)
      let token = try #require(try await program.redeem(code).json()["access_token"].string)
      let details = try await program.userDetails(token)
      #expect(details["email"] == "bob@harbour.example")
      #expect(details["phone_number"] == .null)
    }
  }

  @Test("A denial holds the program back until the user opens the settings")
  func denial() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { _ in .deny }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "user_denied")
      let entry = try await phone.audit.recorded.next()
      #expect(entry.outcome == .refused(reason: "user_denied") && entry.choice == .denied)
      #expect(try await page.requestCode(["openid"]).reason == "cooldown")
      try phone.host.settingsOpened()
      #expect(try await page.requestCode(["openid"]).reason == "user_denied")
    }
  }

  @Test("A prompt closed without an answer is told apart from a denial")
  func dismissed() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone(screen: Screen { _ in .dismiss }) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"]).reason == "user_cancelled")
      #expect(try await phone.audit.recorded.next().choice == .dismissed)
    }
  }

  @Test("Signing out ends what waits, and nothing is issued afterwards")
  func signsOut() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      let view = try await phone.screen.presented.next()
      try await phone.host.signOut()
      #expect(try phone.host.currentUser == nil)
      #expect(try await phone.screen.dismissed.next() == view.id)
      #expect(try await reply.reason == "account_changed")
      #expect(try await page.requestCode(["openid"]).reason == "login_required")

      try await phone.host.signIn(username: "bob", password: sample.password(of: "bob"))
      async let next = page.requestCode(["openid"])
      let other = try await phone.screen.presented.next()
      #expect(other.account == "bob")
      try phone.host.answer(other, with: other.allow())
      #expect(try await next["result"]["grantedScopes"].strings == ["openid"])
    }
  }

  @Test("Prompts speak the language that the user reads now")
  func locale() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { _ in .dismiss }
    try await sample.withPhone(screen: screen) { phone in
      try phone.host.setLocale("zh-Hans")
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      let view = try await screen.presented.next()
      #expect(view.locale == "zh-Hans")
      let title = try #require(view.scopes.first?.title.unicodeScalars)
      #expect(title.contains { (0x4E00...0x9FFF).contains($0.value) })
    }
  }
}
