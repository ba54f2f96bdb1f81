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
private final class Tab {
  let container: MiniProgramContainer
  let origin: WKSecurityOrigin
  var seconds: TimeInterval = 100
  private let program: Program
  private var last = 0

  init(_ phone: Phone, _ program: Program, _ session: MiniProgramSession) throws {
    self.program = program
    let url = try #require(URL(string: program.origin))
    origin = WKSecurityOrigin(protocol: url.scheme ?? "", host: url.host ?? "", port: url.port ?? 0)
    var clock: () -> TimeInterval = { 0 }
    let defaults = try #require(UserDefaults(suiteName: "minihost-container-tests"))
    let identifiers = DataStoreIdentifiers(defaults: defaults)
    let box = Shared<TimeInterval>(100)
    clock = { box.value }
    container = MiniProgramContainer(session: session, identifiers: identifiers, now: { clock() })
    time = box
  }

  let time: Shared<TimeInterval>

  func commit(_ address: String) {
    container.webView.url = URL(string: address)
    container.webView(container.webView, didCommit: WKNavigation())
  }

  /// Commits the program's own page, and begins.
  func begin() async throws {
    commit("\(program.origin)/")
    let (reply, _) = try await post("host.initialize", ["versions": ["min": 1, "max": 1]])
    _ = try Json(try #require(reply))["result"]["version"].int
    container.touched()
  }

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

  func requestCode(mainFrame: Bool = true, origin: WKSecurityOrigin? = nil) async throws -> Json {
    let (reply, error) = try await post(
      "auth.requestCode",
      ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"],
      mainFrame: mainFrame, origin: origin)
    if let reply { return try Json(reply) }
    return ["rejected": error.map(Json.text) ?? .null]
  }
}

@MainActor
@Suite struct ContainerTests {
  private func withTab(
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

  @Test("A page of the program gets a code by its promise, and the text of the reply alone")
  func code() async throws {
    try await withTab { tab, _ in
      try await tab.begin()
      #expect(try await tab.requestCode()["result"]["code"].string != nil)
    }
  }

  @Test("The view is set up before anything is loaded")
  func setUp() async throws {
    try await withTab { tab, _ in
      let configuration = tab.container.webView.configuration
      let script = try #require(configuration.userContentController.userScripts.first)
      #expect(script.injectionTime == .atDocumentStart && script.isForMainFrameOnly)
      #expect(configuration.websiteDataStore.identifier != nil)
      #expect(!configuration.preferences.javaScriptCanOpenWindowsAutomatically)
      #expect(tab.container.webView.loaded.isEmpty)
      tab.container.load()
      #expect(tab.container.webView.loaded.map(\.absoluteString) == [tab.container.session.program.startURL])
    }
  }

  @Test("A frame within, and a page of another origin, get nothing")
  func others() async throws {
    try await withTab { tab, phone in
      try await tab.begin()
      #expect(try await tab.requestCode(mainFrame: false).reason == "not_main_frame")
      let evil = WKSecurityOrigin(protocol: "https", host: "evil.example", port: 0)
      #expect(try await tab.requestCode(origin: evil).reason == "untrusted_origin")
      let opaque = WKSecurityOrigin(protocol: "", host: "", port: 0)
      #expect(try await tab.requestCode(origin: opaque).reason == "untrusted_origin")
      #expect(phone.screen.presented.rest.isEmpty)
    }
  }

  @Test("Before a page is there, and on pages of others, there is no bridge")
  func bridgeOff() async throws {
    try await withTab { tab, _ in
      #expect(try await tab.requestCode()["rejected"].string != nil)
      try await tab.begin()
      tab.commit("https://shop.example/")
      #expect(try await tab.requestCode()["rejected"].string != nil)
      try await tab.begin()
      #expect(try await tab.requestCode()["result"]["code"].string != nil)
      tab.container.webViewWebContentProcessDidTerminate(tab.container.webView)
      #expect(try await tab.requestCode()["rejected"].string != nil)
    }
  }

  @Test("What the page before has asked is answered with nothing, and never to the next page")
  func navigation() async throws {
    try await withTab(screen: Screen()) { tab, phone in
      try await tab.begin()
      async let reply = tab.post(
        "auth.requestCode",
        ["scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256"])
      let view = try await phone.screen.presented.next()
      try await tab.begin()
      let (text, error) = try await reply
      #expect(text == nil && error == nil)
      #expect(try await phone.screen.dismissed.next() == view.id)
    }
  }

  @Test("What is no text is refused, a notification has no reply, and closing refuses the rest")
  func bodies() async throws {
    try await withTab { tab, _ in
      try await tab.begin()
      #expect(try await tab.post(body: 7).error != nil)
      #expect(try await tab.post(body: ["jsonrpc": "2.0"]).error != nil)
      let cancel = #"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}"#
      let (reply, error) = try await tab.post(body: cancel)
      #expect(reply == nil && error == nil)
      let controller = tab.container.webView.configuration.userContentController
      let handler = try #require(controller.handlers["minihost"])
      tab.container.close()
      #expect(controller.handlers.isEmpty && tab.container.webView.stopped == 1)
      let frame = WKFrameInfo(isMainFrame: true, securityOrigin: tab.origin)
      let message = WKScriptMessage(body: cancel, frameInfo: frame, webView: tab.container.webView)
      let late: String? = await withCheckedContinuation { continuation in
        handler.userContentController(controller, didReceive: message) { continuation.resume(returning: $1) }
      }
      #expect(late != nil)
    }
  }

  @Test("A page that nobody touched, or that is not on screen, cannot ask the user")
  func gesture() async throws {
    try await withTab { tab, phone in
      try await tab.begin()
      tab.time.value += 3_600
      #expect(try await tab.requestCode().reason == "interaction_required")
      tab.container.touched()
      tab.container.setVisible(false)
      #expect(try await tab.requestCode().reason == "interaction_required")
      #expect(phone.screen.presented.rest.isEmpty)
      tab.container.setVisible(true)
      #expect(try await tab.requestCode()["result"]["code"].string != nil)
    }
  }

  @Test("The platform tells of touches and of the app's leaving the screen, and no more once it is closed")
  func platform() async throws {
    try await withTab { tab, _ in
      try await tab.begin()
      tab.time.value += 3_600
      let observer = try #require(tab.container.webView.gestureRecognizers?.first)
      observer.touchesBegan([], with: UIEvent())
      #expect(observer.state == .failed && !observer.cancelsTouchesInView)
      let others = UIGestureRecognizer(target: nil, action: nil)
      #expect(
        observer.delegate?.gestureRecognizer(observer, shouldRecognizeSimultaneouslyWith: others) == true)
      #expect(try await tab.requestCode()["result"]["code"].string != nil)

      let center = NotificationCenter.default
      center.post(name: UIApplication.didEnterBackgroundNotification, object: nil)
      #expect(try await tab.requestCode().reason == "interaction_required")
      center.post(name: UIApplication.willEnterForegroundNotification, object: nil)
      observer.touchesBegan([], with: UIEvent())
      #expect(try await tab.requestCode()["result"]["code"].string != nil)
    }
  }

  @Test("Events come as an argument of a script that is always the same, to the page that is there")
  func events() async throws {
    try await withTab(screen: Screen { $0.allow(.untilRevoked) }) { tab, _ in
      try await tab.begin()
      _ = try await tab.requestCode()
      while tab.container.webView.called.isEmpty { await Task.yield() }
      for (body, arguments) in tab.container.webView.called {
        #expect(body == BridgeScript.deliver)
        let text = try #require(arguments["text"] as? String)
        #expect(try Json(text)["method"].string?.hasPrefix("auth.") == true)
      }
    }
  }

  @Test("Popups are denied, and the authorization server's pages go to the system's browser")
  func popups() async throws {
    try await withTab { tab, _ in
      try await tab.begin()
      let view = tab.container.webView
      let frame = WKFrameInfo(isMainFrame: true, securityOrigin: tab.origin)
      @MainActor func decide(_ address: String, _ target: WKFrameInfo?) throws -> WKNavigationActionPolicy? {
        let url = try #require(URL(string: address))
        let action = WKNavigationAction(request: URLRequest(url: url), targetFrame: target)
        var decision: WKNavigationActionPolicy?
        tab.container.webView(view, decidePolicyFor: action) { decision = $0 }
        if target == nil {
          let popup = tab.container.webView(
            view, createWebViewWith: WKWebViewConfiguration(), for: action, windowFeatures: WKWindowFeatures()
          )
          #expect(popup == nil)
        }
        return decision
      }
      var outside: [URL] = []
      tab.container.openOutside = { outside.append($0) }
      #expect(try decide("https://shop.example/", frame) == .allow)
      #expect(try decide("https://shop.example/", nil) == .cancel)
      let issuer = tab.container.session.issuer
      #expect(try decide("\(issuer)/authorize?x=1", frame) == .cancel)
      #expect(outside.map(\.absoluteString) == ["\(issuer)/authorize?x=1"])
      #expect(try decide("javascript:alert(1)", frame) == .cancel)
      #expect(outside.count == 1)
    }
  }

  @Test("A container that nobody holds is gone, and its page's last message is refused")
  func released() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let phone = try await Phone(sample)
    let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
    var container: MiniProgramContainer? = MiniProgramContainer(session: session)
    weak var gone = container
    let view = try #require(container?.webView)
    container = nil
    while gone != nil { await Task.yield() }
    #expect(view.configuration.userContentController.handlers["minihost"] != nil)
    await phone.host.shutdown()
  }
}
