import Foundation
import MiniHost
import TestHost
import Testing

@MainActor
private final class Settings: SettingsPage {
  nonisolated let asked = Heard<String>("a wish to see the settings")

  nonisolated init() {}

  func show(for miniProgram: String) async throws {
    asked.add(miniProgram)
  }
}

@MainActor
private final class SignIn: SignInPrompt {
  typealias Act = @Sendable (SignInRequest) async throws -> UserReturned
  nonisolated let presented = Heard<SignInRequest>("a sign-in")
  nonisolated let dismissed = Heard<Void>("the end of a sign-in")
  nonisolated let act: Shared<Act>

  nonisolated init(_ act: @escaping Act) {
    self.act = Shared(act)
  }

  func signIn(_ request: SignInRequest) async throws -> UserReturned {
    presented.add(request)
    let outcome = try await act.value(request)
    if Task.isCancelled { dismissed.add(()) }
    return outcome
  }
}

@MainActor
private final class Tab: Browser {
  typealias Act = @Sendable (URL) async throws -> UserReturned
  nonisolated let visited = Heard<(URL, String)>("a visit to the server")
  nonisolated let dismissed = Heard<Void>("the end of a visit")
  nonisolated let act: Shared<Act>

  nonisolated init(_ act: @escaping Act) {
    self.act = Shared(act)
  }

  func visit(_ page: URL, for miniProgram: String) async throws -> UserReturned {
    visited.add((page, miniProgram))
    let outcome = try await act.value(page)
    if Task.isCancelled { dismissed.add(()) }
    return outcome
  }
}

private final class Printer: HostMethod {
  typealias Act = @Sendable () async throws -> String
  let declaration: HostMethodDeclaration
  let called = Heard<(HostCall, String)>("a call")
  let abandoned = Heard<Void>("the end of a call")
  let act: Shared<Act>

  init(
    name: String = "acme.print", scope: String? = nil, only: [String]? = nil,
    _ act: @escaping Act = { #"{"pages":1}"# }
  ) {
    self.act = Shared(act)
    declaration = HostMethodDeclaration(
      name: name,
      params: [.init("text", .shortText(characters: 20)), .init("copies", .whole, required: false)],
      result: [.init("pages", .whole, required: false)], scope: scope, only: only)
  }

  func call(_ call: HostCall, params: String) async throws -> String {
    called.add((call, params))
    let result = try await act.value()
    if Task.isCancelled { abandoned.add(()) }
    return result
  }
}

private struct OutOfPaper: Error {}

extension Page {
  fileprivate func printReceipt() async throws -> Json {
    try await call("acme.print", ["text": "receipt", "copies": 2])
  }
}

/// What a host app may have beside what it must have.
@Suite struct OwnPortsTests {
  @Test("A page opens the settings, and hears when they are there")
  func settings() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let settings = Settings()
    try await sample.withPhone(bring: { $0.settings = settings }) { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.call("host.openSettings")["result"] == [:])
      #expect(try await settings.asked.next() == "teahouse")
    }
  }

  @Test("What a host app does not have does not exist")
  func missing() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program, methods: ["acme.print"])
      #expect(try await page.call("host.openSettings").reason == "unsupported_method")
      #expect(try await page.printReceipt().reason == "unsupported_method")
    }
  }

  @Test("A method of the host's own is called with what it declares, and its answer reaches the page")
  func method() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let printer = Printer(scope: "profile")
    let screen = Screen { $0.allow(.untilRevoked) }
    try await sample.withPhone(screen: screen, bring: { $0.methods = [printer] }) { phone in
      let page = try await Page.ready(phone, program, methods: ["acme.print"])
      #expect(try await page.printReceipt().reason == "consent_required")
      _ = try await page.requestCode(["profile"])
      #expect(try await page.call("acme.print", ["text": 1]).reason == "invalid_request")
      #expect(try await page.printReceipt()["result"] == ["pages": 1])
      let (call, params) = try await printer.called.next()
      #expect(params == #"{"copies":2,"text":"receipt"}"#)
      #expect(call.method == "acme.print" && call.miniProgram == "teahouse")
      #expect(call.user?.displayName == "alice" && call.timeAllowed > 0)

      let failures: [(Printer.Act, String)] = [
        (
          { throw HostMethodFailure(reason: "temporarily_unavailable", message: "There is no paper.") },
          "temporarily_unavailable"
        ),
        ({ throw HostMethodFailure(reason: "tired", message: "") }, "internal"),
        ({ throw OutOfPaper() }, "internal"), ({ "{" }, "internal"), ({ #"{"ink":1}"# }, "internal"),
      ]
      for (act, reason) in failures {
        printer.act.value = act
        #expect(try await page.printReceipt().reason == reason)
      }
    }
  }

  @Test("A call that its page gives up ends the task of the host's method")
  func abandoned() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let printer = Printer {
      await untilCancelled()
      return "{}"
    }
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.methods = [printer] }) { phone in
      let page = try await Page.ready(phone, program, methods: ["acme.print"])
      async let reply = page.printReceipt()
      _ = try await printer.called.next()
      // It holds up nothing but itself.
      #expect(try await Page.ready(phone, program).requestCode(["openid"])["result"]["code"].string != nil)
      try await page.notify("$/cancelRequest", ["id": .number(Double(page.lastID))])
      #expect(try await reply.reason == "aborted")
      try await printer.abandoned.next()
    }
  }

  @Test("A program that is not on the list of a method does not find it")
  func list() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let printer = Printer(only: ["cinema"])
    try await sample.withPhone(bring: { $0.methods = [printer] }) { phone in
      let page = try await Page.load(phone, program, methods: ["acme.print"])
      let methods = try await page.initialize()["result"]["capabilities"]["methods"].strings
      #expect(!methods.contains("acme.print"))
      #expect(try await page.printReceipt().reason == "unsupported_method")
    }
  }

  @Test("A host does not start with a method whose name is reserved or given twice")
  func names() async throws {
    let sample = try await SampleHost.shared()
    for names in [["auth.print"], ["acme.print", "acme.print"]] {
      await #expect(throws: StartError.self) {
        try await Phone(sample, bring: { $0.methods = names.map { Printer(name: $0) } })
      }
    }
  }

  @Test("A page has the user sign in again, and goes on as whoever is there then")
  func signsInAgain() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { $0.allow() }
    let host = Shared<MiniHost?>(nil)
    let signIn = SignIn { _ in
      try await host.value?.signIn(username: "bob", password: sample.password(of: "bob"))
      return .done
    }
    try await sample.withPhone(screen: screen, bring: { $0.signIn = signIn }) { phone in
      host.value = phone.host
      let page = try await Page.ready(phone, program)
      let reply = try await page.requestCode(["openid"], ["prompt": "login", "maxAge": 60])
      #expect(reply["result"]["grantedScopes"].strings == ["openid"])
      let request = try await signIn.presented.next()
      #expect(request.wish == .again(acrValues: [], maxAge: 60))
      #expect(request.miniProgram == "teahouse" && request.user?.displayName == "alice")
      #expect(try await screen.presented.next().account == "bob")
      host.value = nil
    }
  }

  @Test("A sign-in that the user, the host or the page gives up is over")
  func signInGivenUp() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let signIn = SignIn { _ in .cancelled }
    try await sample.withPhone(bring: { $0.signIn = signIn }) { phone in
      let page = try await Page.ready(phone, program)
      let account: [String: Json] = ["prompt": "select_account"]
      #expect(try await page.requestCode(["openid"], account).reason == "user_cancelled")
      #expect(try await signIn.presented.next().wish == .chooseAccount)

      signIn.act.value = { _ in throw OutOfPaper() }
      #expect(try await page.requestCode(["openid"], account).reason == "login_required")
      _ = try await signIn.presented.next()

      signIn.act.value = { _ in
        await untilCancelled()
        return .failed
      }
      let text = page.request(
        "auth.requestCode",
        [
          "scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256",
          "prompt": "select_account",
        ])
      async let reply = page.post(text)
      _ = try await signIn.presented.next()
      page.session.close()
      try await signIn.dismissed.next()
      #expect(try await reply == nil)
    }
  }

  @Test("A server that wants its user in a browser gets that")
  func browser() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let visited = Shared(false)
    let server = try StubServer { request in
      if request.path == "/token" {
        return (200, #"{"access_token":"a","token_type":"Bearer","expires_in":600}"#)
      }
      return visited.value
        ? (200, #"{"authorization_code":"c","client_id":"teahouse","expires_in":60}"#)
        : (403, #"{"error":"redirect_to_web","request_uri":"urn:example:1"}"#)
    }
    let tab = Tab { _ in
      visited.value = true
      return .done
    }
    let phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: sample.host.credentials(),
      screen: Screen { $0.allow(.untilRevoked) }, bring: { $0.browser = tab })
    try await phone.host.signIn(username: "alice", password: "secret")
    let page = try await Page.ready(phone, program)
    #expect(try await page.requestCode(["openid"])["result"]["code"] == "c")
    let (address, miniProgram) = try await tab.visited.next()
    #expect(miniProgram == "teahouse")
    let expected = "\(server.issuer)/authorize?client_id=harbour&request_uri=urn%3Aexample%3A1"
    #expect(address.absoluteString == expected)

    visited.value = false
    tab.act.value = { _ in throw OutOfPaper() }
    #expect(try await page.requestCode(["openid"]).reason == "interaction_required")
    _ = try await tab.visited.next()
    tab.act.value = { _ in
      await untilCancelled()
      return .failed
    }
    async let reply = page.session.receive(
      page.request(
        "auth.requestCode",
        ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"]),
      from: page.sender)
    _ = try await tab.visited.next()
    page.session.close()
    try await tab.dismissed.next()
    #expect(try await reply == nil)
    await phone.host.shutdown()
  }
}
