// What of Apple's WebKit the container uses, with Apple's signatures as its documentation gives them and
// nothing behind them but memory. It shows that the container is consistent with these declarations and
// lets its decisions be run where there is no WebKit; it shows nothing of WebKit itself.

import Foundation
@_exported import FoundationNetworking
import UIKit

@MainActor
public final class WKSecurityOrigin {
  public let `protocol`: String
  public let host: String
  public let port: Int

  public init(protocol scheme: String, host: String, port: Int) {
    self.protocol = scheme
    self.host = host
    self.port = port
  }
}

@MainActor
public final class WKFrameInfo {
  public let isMainFrame: Bool
  public let securityOrigin: WKSecurityOrigin

  public init(isMainFrame: Bool, securityOrigin: WKSecurityOrigin) {
    self.isMainFrame = isMainFrame
    self.securityOrigin = securityOrigin
  }
}

@MainActor
public final class WKScriptMessage {
  public let body: Any
  public let frameInfo: WKFrameInfo
  public private(set) weak var webView: WKWebView?

  public init(body: Any, frameInfo: WKFrameInfo, webView: WKWebView?) {
    self.body = body
    self.frameInfo = frameInfo
    self.webView = webView
  }
}

@MainActor
public protocol WKScriptMessageHandlerWithReply: NSObjectProtocol {
  func userContentController(
    _ userContentController: WKUserContentController, didReceive message: WKScriptMessage,
    replyHandler: @escaping @MainActor @Sendable (Any?, String?) -> Void)
}

@MainActor
public protocol WKScriptMessageHandler: NSObjectProtocol {
  func userContentController(
    _ userContentController: WKUserContentController, didReceive message: WKScriptMessage)
}

@MainActor
public final class WKContentWorld {
  public static let page = WKContentWorld()
  public static let defaultClient = WKContentWorld()
}

public enum WKUserScriptInjectionTime: Sendable {
  case atDocumentStart
  case atDocumentEnd
}

@MainActor
public final class WKUserScript {
  public let source: String
  public let injectionTime: WKUserScriptInjectionTime
  public let isForMainFrameOnly: Bool
  /// Where it runs, for tests.
  public let world: WKContentWorld

  public convenience init(source: String, injectionTime: WKUserScriptInjectionTime, forMainFrameOnly: Bool) {
    self.init(source: source, injectionTime: injectionTime, forMainFrameOnly: forMainFrameOnly, in: .page)
  }

  public init(
    source: String, injectionTime: WKUserScriptInjectionTime, forMainFrameOnly: Bool,
    in contentWorld: WKContentWorld
  ) {
    self.source = source
    self.injectionTime = injectionTime
    isForMainFrameOnly = forMainFrameOnly
    world = contentWorld
  }
}

@MainActor
public final class WKUserContentController {
  public private(set) var userScripts: [WKUserScript] = []
  public private(set) var handlers: [String: any WKScriptMessageHandlerWithReply] = [:]
  /// Those that give no reply, with their worlds, for tests.
  public private(set) var listeners: [String: (any WKScriptMessageHandler, WKContentWorld)] = [:]

  public init() {}

  public func addUserScript(_ userScript: WKUserScript) {
    userScripts.append(userScript)
  }

  public func addScriptMessageHandler(
    _ scriptMessageHandlerWithReply: any WKScriptMessageHandlerWithReply, contentWorld: WKContentWorld,
    name: String
  ) {
    handlers[name] = scriptMessageHandlerWithReply
  }

  public func add(
    _ scriptMessageHandler: any WKScriptMessageHandler, contentWorld world: WKContentWorld, name: String
  ) {
    listeners[name] = (scriptMessageHandler, world)
  }

  public func removeScriptMessageHandler(forName name: String, contentWorld: WKContentWorld) {
    handlers[name] = nil
    listeners[name] = nil
  }
}

@MainActor
public final class WKWebsiteDataStore {
  public let isPersistent: Bool
  public let identifier: UUID?

  private init(isPersistent: Bool, identifier: UUID?) {
    self.isPersistent = isPersistent
    self.identifier = identifier
  }

  public static func nonPersistent() -> WKWebsiteDataStore {
    WKWebsiteDataStore(isPersistent: false, identifier: nil)
  }

  /// What was deleted, for tests.
  public private(set) static var removed: [UUID] = []
  /// What a view still shows, for tests to say.
  public static var shown: Set<UUID> = []
  /// What a view shows that is on its way out, for tests to say: it is not deleted, and nobody is told.
  public static var leaving: Set<UUID> = []
  private static var there: Set<UUID> = []

  @available(iOS 17.0, macOS 14.0, *)
  public static var allDataStoreIdentifiers: [UUID] {
    get async { Array(there) }
  }

  @available(iOS 17.0, macOS 14.0, *)
  public static func remove(forIdentifier identifier: UUID) async throws {
    if shown.contains(identifier) { throw CocoaError(.featureUnsupported) }
    guard !leaving.contains(identifier) else { return }
    there.remove(identifier)
    removed.append(identifier)
  }

  @available(iOS 17.0, macOS 14.0, *)
  public convenience init(forIdentifier identifier: UUID) {
    Self.there.insert(identifier)
    self.init(isPersistent: true, identifier: identifier)
  }
}

@MainActor
public final class WKPreferences {
  public var javaScriptCanOpenWindowsAutomatically = false

  public init() {}
}

@MainActor
public final class WKWebViewConfiguration {
  public var userContentController = WKUserContentController()
  public var websiteDataStore = WKWebsiteDataStore.nonPersistent()
  public var preferences = WKPreferences()
  public var limitsNavigationsToAppBoundDomains = false

  public init() {}
}

@MainActor
public final class WKNavigation {
  public init() {}
}

public enum WKNavigationType: Sendable {
  case linkActivated, formSubmitted, backForward, reload, formResubmitted, other
}

@MainActor
public final class WKNavigationAction {
  public let request: URLRequest
  public let targetFrame: WKFrameInfo?
  public let navigationType: WKNavigationType

  public init(request: URLRequest, targetFrame: WKFrameInfo?, navigationType: WKNavigationType = .other) {
    self.request = request
    self.targetFrame = targetFrame
    self.navigationType = navigationType
  }
}

@MainActor
public final class WKWindowFeatures {
  public init() {}
}

public enum WKNavigationActionPolicy: Sendable {
  case cancel
  case allow
}

@MainActor
public protocol WKNavigationDelegate: NSObjectProtocol {
  func webView(
    _ webView: WKWebView, decidePolicyFor navigationAction: WKNavigationAction,
    decisionHandler: @escaping @MainActor @Sendable (WKNavigationActionPolicy) -> Void)
  func webView(_ webView: WKWebView, didCommit navigation: WKNavigation!)
  func webView(
    _ webView: WKWebView, didFailProvisionalNavigation navigation: WKNavigation!, withError error: any Error)
  func webView(_ webView: WKWebView, didFail navigation: WKNavigation!, withError error: any Error)
  func webViewWebContentProcessDidTerminate(_ webView: WKWebView)
}

@MainActor
public protocol WKUIDelegate: NSObjectProtocol {
  func webView(
    _ webView: WKWebView, createWebViewWith configuration: WKWebViewConfiguration,
    for navigationAction: WKNavigationAction, windowFeatures: WKWindowFeatures
  ) -> WKWebView?
}

@MainActor
public final class WKWebView: UIView {
  public let configuration: WKWebViewConfiguration
  public weak var navigationDelegate: (any WKNavigationDelegate)?
  public weak var uiDelegate: (any WKUIDelegate)?
  public var url: URL?
  public var allowsLinkPreview = true

  /// What was asked to be run in the page, for tests.
  public private(set) var called: [(body: String, arguments: [String: Any])] = []
  /// What was asked to be loaded, for tests.
  public private(set) var loaded: [URL] = []
  /// How often the page was loaded anew, for tests.
  public private(set) var reloads = 0
  /// How often the page was given up, for tests.
  public private(set) var stopped = 0

  public init(frame: CGRect, configuration: WKWebViewConfiguration) {
    self.configuration = configuration
    super.init()
  }

  @discardableResult
  public func reload() -> WKNavigation? {
    reloads += 1
    return WKNavigation()
  }

  @discardableResult
  public func load(_ request: URLRequest) -> WKNavigation? {
    if let url = request.url { loaded.append(url) }
    return WKNavigation()
  }

  public func stopLoading() {
    stopped += 1
  }

  public func callAsyncJavaScript(
    _ functionBody: String, arguments: [String: Any] = [:], in frame: WKFrameInfo? = nil,
    in contentWorld: WKContentWorld,
    completionHandler: (@MainActor @Sendable (Result<Any, any Error>) -> Void)? = nil
  ) {
    called.append((functionBody, arguments))
    completionHandler?(.success(""))
  }
}
