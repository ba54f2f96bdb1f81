#if os(Linux)
  import Foundation
  import MiniHost
  import TestHost
  import Testing
  import WebKit

  @testable import MiniHostWebKit

  /// Where the pages of a container go, and what the host app hears of it.
  @MainActor
  @Suite struct ContainerNavigationTests {
    @Test(
      "Popups are denied, and what is not the program's goes to the system's browser, after a touch alone")
    func outside() async throws {
      try await withTab { tab, _ in
        let (container, view) = (tab.container, tab.container.webView)
        var outside: [String] = []
        container.openOutside = { outside.append($0.absoluteString) }
        let login = "\(container.session.issuer)/authorize?x=1"
        try await tab.beginUntouched()
        #expect(
          try tab.decide(login, in: tab.mainFrame) == .cancel && outside.isEmpty, "nobody touched anything")
        for address in [login, "https://shop.example/", "tel:+100"] {
          container.touched()
          #expect(try tab.decide(address, in: tab.mainFrame) == .cancel)
          #expect(try tab.decide("https://one.too.many.example/", in: tab.mainFrame) == .cancel)
        }
        #expect(outside == [login, "https://shop.example/", "tel:+100"])
        container.touched()
        for address in ["javascript:alert(1)", "itms-apps://x", "http://shop.example/"] {
          #expect(try tab.decide(address, in: tab.mainFrame) == .cancel)
        }
        tab.time.value += 60
        #expect(try tab.decide(login, in: tab.mainFrame) == .cancel)
        #expect(outside.count == 3)
        #expect(try tab.decide("\(tab.program.origin)/next", in: tab.mainFrame) == .allow)
        #expect(try tab.decide("https://shop.example/", in: nil) == .cancel)
        let popup = WKNavigationAction(
          request: URLRequest(url: try #require(URL(string: login))), targetFrame: nil)
        let opened = container.webView(
          view, createWebViewWith: WKWebViewConfiguration(), for: popup, windowFeatures: WKWindowFeatures())
        #expect(opened == nil)
      }
    }

    @Test("The host app hears that the start page leads elsewhere, but not of links of a page that is there")
    func startsElsewhere() async throws {
      try await withTab { tab, _ in
        let container = tab.container
        var keptOut: [String] = []
        container.failed = { if case .keptOut(let url) = $0 { keptOut.append(url.absoluteString) } }
        let login = "\(container.session.issuer)/authorize"
        #expect(try tab.decide("\(tab.program.origin)/", in: tab.mainFrame) == .allow)
        #expect(try tab.decide(login, in: tab.mainFrame) == .cancel)
        #expect(try tab.decide("http://shop.example/", in: tab.mainFrame) == .cancel)
        let expected = [login, "http://shop.example/"]
        #expect(keptOut == expected)
        try await tab.begin()
        #expect(try tab.decide(login, in: tab.mainFrame) == .cancel)
        let within = WKFrameInfo(isMainFrame: false, securityOrigin: tab.origin)
        #expect(try tab.decide(login, in: within) == .cancel)
        #expect(keptOut == expected)
        container.webViewWebContentProcessDidTerminate(container.webView)
        #expect(try tab.decide(login, in: tab.mainFrame) == .cancel)
        #expect(keptOut == expected + [login])
        container.close()
        #expect(try tab.decide(login, in: tab.mainFrame) == .cancel)
        #expect(keptOut == expected + [login])
      }
    }

    @Test("The host app hears that a page is there, that one is not, and why")
    func failures() async throws {
      try await withTab { tab, _ in
        let (container, view) = (tab.container, tab.container.webView)
        var heard: [String] = []
        container.began = { heard.append("began") }
        container.failed = {
          switch $0 {
          case .crashed: heard.append("crashed")
          case .notLoaded(let error): heard.append("\((error as NSError).code)")
          case .keptOut(let url): heard.append("kept out: \(url)")
          }
        }
        let errors = [
          NSError(domain: NSURLErrorDomain, code: NSURLErrorNotConnectedToInternet),
          NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled),
          NSError(domain: "WebKitErrorDomain", code: 102),
        ]
        for error in errors {
          container.webView(view, didFailProvisionalNavigation: WKNavigation(), withError: error)
        }
        try await tab.begin()
        container.webView(view, didFail: WKNavigation(), withError: errors[0])
        container.webViewWebContentProcessDidTerminate(view)
        let offline = "\(NSURLErrorNotConnectedToInternet)"
        #expect(heard == [offline, "began", offline, "crashed"])
      }
    }
  }
#endif
