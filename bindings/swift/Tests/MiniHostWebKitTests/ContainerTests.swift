#if os(Linux)
  import Foundation
  import TestHost
  import Testing
  import WebKit

  @testable import MiniHost
  @testable import MiniHostWebKit

  /// The bridge of a page in the container.
  @MainActor
  @Suite struct ContainerTests {
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
        let gestures = try #require(configuration.userContentController.userScripts.last)
        #expect(gestures.source == BridgeScript.gestures && gestures.world === WKContentWorld.defaultClient)
        #expect(gestures.injectionTime == .atDocumentStart && gestures.isForMainFrameOnly)
        #expect(configuration.websiteDataStore.identifier != nil)
        #expect(!configuration.preferences.javaScriptCanOpenWindowsAutomatically)
        #expect(tab.container.webView.loaded.isEmpty)
        tab.container.load()
        #expect(
          tab.container.webView.loaded.map(\.absoluteString) == [tab.container.session.program.startURL])
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
        #expect(controller.handlers.isEmpty && controller.listeners.isEmpty)
        #expect(tab.container.webView.stopped == 1)
        let frame = WKFrameInfo(isMainFrame: true, securityOrigin: tab.origin)
        let message = WKScriptMessage(body: cancel, frameInfo: frame, webView: tab.container.webView)
        let late: String? = await withCheckedContinuation { continuation in
          handler.userContentController(controller, didReceive: message) {
            continuation.resume(returning: $1)
          }
        }
        #expect(late != nil)
      }
    }

    @Test("Replies and events come to the page in the order in which the host tells them")
    func order() async throws {
      try await withTab { tab, _ in
        try await tab.begin()
        let webView = tab.container.webView
        let controller = webView.configuration.userContentController
        let handler = try #require(controller.handlers["minihost"])
        let frame = WKFrameInfo(isMainFrame: true, securityOrigin: tab.origin)
        var eventsBefore: [Int] = []
        let rounds = 50
        let before = webView.called.count
        for round in 1...rounds {
          tab.container.session.deliver("{}", to: 1, inReplyTo: nil)
          let text = #"{"jsonrpc":"2.0","id":\#(round),"method":"host.nothing"}"#
          let message = WKScriptMessage(body: text, frameInfo: frame, webView: webView)
          handler.userContentController(controller, didReceive: message) { _, _ in
            eventsBefore.append(webView.called.count - before)
          }
        }
        try await eventually("the replies") { eventsBefore.count == rounds }
        #expect(eventsBefore == Array(1...rounds))
      }
    }

    @Test("Events come as an argument of a script that is always the same, to pages of the program alone")
    func events() async throws {
      try await withTab(screen: Screen { $0.allow(.untilRevoked) }) { tab, _ in
        try await tab.begin()
        _ = try await tab.requestCode()
        try await eventually("an event") { !tab.container.webView.called.isEmpty }
        for (body, arguments) in tab.container.webView.called {
          #expect(body == BridgeScript.deliver && arguments["origin"] as? String == tab.program.origin)
          let text = try #require(arguments["text"] as? String)
          #expect(try Json(text)["method"].string?.hasPrefix("auth.") == true)
        }
      }
    }

    @Test(
      "A container that nobody holds is gone, its page's last message is refused, and its session is closed")
    func released() async throws {
      let sample = try await SampleHost.shared()
      let program = try Program(sample)
      let phone = try await Phone(sample)
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      var container: MiniProgramContainer? = MiniProgramContainer(session: session)
      weak var gone = container
      let view = try #require(container?.webView)
      container = nil
      try await eventually("the container is gone") { gone == nil }
      #expect(view.configuration.userContentController.handlers["minihost"] != nil)
      let page = try Page(phone, session, document: 1, origin: program.origin)
      let reply = try await page.post(page.request("host.initialize", ["versions": ["min": 1, "max": 1]]))
      #expect(reply == nil)
      await phone.host.shutdown()
    }
  }
#endif
