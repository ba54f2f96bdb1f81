// Apple's WebKit lets nobody make its messages: these tests are for its stand-in.
#if os(Linux)
  import Foundation
  import FoundationNetworking
  import MiniHost
  import TestHost
  import Testing
  import UIKit
  import WebKit

  @testable import MiniHostWebKit

  /// A page of the stub's WebKit, and what WebKit would say of it.
  @MainActor
  final class Tab {
    let container: MiniProgramContainer
    let origin: WKSecurityOrigin
    let time: Shared<TimeInterval>
    let program: Program
    private var last = 0

    init(_ phone: Phone, _ program: Program, _ session: MiniProgramSession) throws {
      self.program = program
      let url = try #require(URL(string: program.origin))
      origin = WKSecurityOrigin(protocol: url.scheme ?? "", host: url.host ?? "", port: url.port ?? 0)
      let defaults = try #require(UserDefaults(suiteName: "minihost-container-tests"))
      let identifiers = DataStoreIdentifiers(defaults: defaults)
      let time = Shared<TimeInterval>(100)
      self.time = time
      container = MiniProgramContainer(session: session, identifiers: identifiers, now: { time.value })
    }

    func commit(_ address: String) {
      container.webView.url = URL(string: address)
      container.webView(container.webView, didCommit: WKNavigation())
    }

    /// Commits the program's own page, and begins; the user touches it.
    func begin() async throws {
      try await beginUntouched()
      container.touched()
    }

    func beginUntouched() async throws {
      commit("\(program.origin)/")
      let (reply, _) = try await post("host.initialize", ["versions": ["min": 1, "max": 1]])
      #expect(try Json(try #require(reply))["result"]["version"] == 1)
    }

    /// What WebKit is told of a navigation, of the main frame where nothing else is said.
    func decide(
      _ address: String, in frame: WKFrameInfo?, by type: WKNavigationType = .other
    ) throws -> WKNavigationActionPolicy? {
      let action = WKNavigationAction(
        request: URLRequest(url: try #require(URL(string: address))), targetFrame: frame, navigationType: type
      )
      var decision: WKNavigationActionPolicy?
      container.webView(container.webView, decidePolicyFor: action) { decision = $0 }
      return decision
    }

    var mainFrame: WKFrameInfo { WKFrameInfo(isMainFrame: true, securityOrigin: origin) }

    typealias Answer = (reply: String?, error: String?)

    func post(
      _ method: String, _ params: [String: Json], mainFrame: Bool = true, origin: WKSecurityOrigin? = nil
    ) async throws -> Answer {
      last += 1
      let message: Json = [
        "jsonrpc": "2.0", "id": .number(Double(last)), "method": .text(method), "params": .object(params),
      ]
      return try await post(body: message.encoded, mainFrame: mainFrame, origin: origin)
    }

    func post(body: Any, mainFrame: Bool = true, origin: WKSecurityOrigin? = nil) async throws -> Answer {
      let handler = try #require(container.webView.configuration.userContentController.handlers["minihost"])
      let frame = WKFrameInfo(isMainFrame: mainFrame, securityOrigin: origin ?? self.origin)
      let message = WKScriptMessage(body: body, frameInfo: frame, webView: container.webView)
      return await withCheckedContinuation { continuation in
        handler.userContentController(
          container.webView.configuration.userContentController, didReceive: message
        ) { reply, error in
          // Twice would end the process.
          continuation.resume(returning: (reply as? String, error))
        }
      }
    }

    /// What the script in the host's own world says.
    func gesture(_ what: Any, mainFrame: Bool = true) throws {
      let controller = container.webView.configuration.userContentController
      let (listener, world) = try #require(controller.listeners["minihostGesture"])
      #expect(world === WKContentWorld.defaultClient)
      let frame = WKFrameInfo(isMainFrame: mainFrame, securityOrigin: origin)
      listener.userContentController(
        controller, didReceive: WKScriptMessage(body: what, frameInfo: frame, webView: container.webView))
    }

    func requestCode(mainFrame: Bool = true, origin: WKSecurityOrigin? = nil) async throws -> Json {
      let (reply, error) = try await post(
        "auth.requestCode",
        ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"],
        mainFrame: mainFrame, origin: origin)
      if let reply { return try Json(reply) }
      return ["rejected": error.map(Json.text) ?? .null]
    }
  }

  /// Runs a test on a program that is open, on a phone whose user is signed in.
  @MainActor
  func withTab(
    screen: Screen = Screen { $0.allow() }, _ test: @MainActor (Tab, Phone) async throws -> Void
  ) async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let phone = try await Phone(sample, screen: screen)
    try await phone.host.signIn(username: "alice", password: sample.password(of: "alice"))
    let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
    let tab = try Tab(phone, program, session)
    try await test(tab, phone)
    tab.container.close()
    await phone.host.shutdown()
  }
#endif
