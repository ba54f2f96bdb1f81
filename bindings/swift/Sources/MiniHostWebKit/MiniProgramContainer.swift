#if canImport(WebKit)
  import Foundation
  import MiniHost
  import WebKit

  #if canImport(FoundationNetworking)
    import FoundationNetworking
  #endif

  /// Shows one mini-program in a `WKWebView`, and tells the session what WebKit knows of each message.
  ///
  /// The bridge is there for pages of the program's origins and nobody else; pages of the authorization
  /// server are never shown inside, popups are denied, and each program has a data store of its own.
  @MainActor
  public final class MiniProgramContainer: NSObject {
    /// The view. Its delegates belong to the container.
    public let webView: WKWebView
    /// The session, which ends with ``close()``.
    public let session: MiniProgramSession
    /// Takes addresses that are not for this view, such as those of the authorization server: show them in
    /// the system's browser, or not at all.
    public var openOutside: (@MainActor (URL) -> Void)?

    private let policy: NavigationPolicy
    private let now: @MainActor () -> TimeInterval
    private var document: UInt64 = 0
    private var isProgramPage = false
    private var isVisible = true
    private var lastTouch: TimeInterval?
    private var isClosed = false
    private var delivering: Task<Void, Never>?
    private var observations: Observations?

    private static let handler = "minihost"

    /// Nothing is loaded until ``load(path:)``.
    ///
    /// - Parameters:
    ///   - neverInside: addresses whose origins are kept out besides the issuer's, where the authorization
    ///     server's pages are elsewhere.
    ///   - now: seconds of a clock that only goes forward.
    public init(
      session: MiniProgramSession, identifiers: DataStoreIdentifiers = DataStoreIdentifiers(),
      neverInside: [String] = [],
      now: @escaping @MainActor () -> TimeInterval = { ProcessInfo.processInfo.systemUptime }
    ) {
      self.session = session
      self.now = now
      policy = NavigationPolicy(
        origins: session.program.origins, neverInside: [session.issuer] + neverInside)
      let configuration = WKWebViewConfiguration()
      configuration.preferences.javaScriptCanOpenWindowsAutomatically = false
      if #available(iOS 17.0, macOS 14.0, *) {
        let identifier = identifiers.identifier(for: session.program.id)
        configuration.websiteDataStore = WKWebsiteDataStore(forIdentifier: identifier)
      } else {
        configuration.websiteDataStore = .nonPersistent()
      }
      configuration.userContentController.addUserScript(
        WKUserScript(source: BridgeScript.source, injectionTime: .atDocumentStart, forMainFrameOnly: true))
      webView = WKWebView(frame: .zero, configuration: configuration)
      super.init()
      // The controller holds its handler, which must not hold the view that holds the controller.
      configuration.userContentController.addScriptMessageHandler(
        WeakHandler(self), contentWorld: .page, name: Self.handler)
      webView.allowsLinkPreview = false
      webView.navigationDelegate = self
      webView.uiDelegate = self
      let messages = session.messages
      delivering = Task { [weak self] in
        for await message in messages { self?.deliver(message) }
      }
      observations = observePlatform()
    }

    /// Loads the program's start page.
    public func load() {
      guard let url = URL(string: session.program.startURL) else { return }
      webView.load(URLRequest(url: url))
    }

    /// Tells that the user touched the view now. On iOS the container hears it by itself.
    public func touched() {
      lastTouch = now()
    }

    /// Tells whether the user sees the view. On iOS the container hears by itself when the app leaves the
    /// screen; what the host app lays over the view, it tells.
    public func setVisible(_ visible: Bool) {
      guard visible != isVisible, !isClosed else { return }
      isVisible = visible
      try? session.setVisible(visible)
    }

    /// Ends the session and gives the page up.
    public func close() {
      guard !isClosed else { return }
      isClosed = true
      isProgramPage = false
      delivering?.cancel()
      observations = nil
      webView.stopLoading()
      webView.configuration.userContentController.removeScriptMessageHandler(
        forName: Self.handler, contentWorld: .page)
      session.close()
    }

    /// A document begins, or the one before it has ended without another.
    private func begin(program: Bool) {
      guard !isClosed else { return }
      document += 1
      isProgramPage = program
      lastTouch = nil
      try? session.documentStarted(document)
    }

    private func deliver(_ message: PageMessage) {
      guard isProgramPage, message.document == document else { return }
      // The text goes as an argument: no text can become part of a script.
      webView.callAsyncJavaScript(
        BridgeScript.deliver, arguments: ["text": message.text], in: nil, in: .page, completionHandler: nil)
    }

    fileprivate func receive(_ message: WKScriptMessage, _ reply: ReplyOnce) {
      guard isProgramPage, message.webView === webView else {
        return reply.refuse("The bridge is not for this page.")
      }
      guard let text = message.body as? String else {
        return reply.refuse("A message is a string.")
      }
      let origin = message.frameInfo.securityOrigin
      let sender = Sender(
        document: document,
        origin: Origin.serialised(scheme: origin.protocol, host: origin.host, port: origin.port) ?? "null",
        isMainFrame: message.frameInfo.isMainFrame, isVisible: isVisible,
        gestureAge: lastTouch.map { now() - $0 })
      do {
        try session.send(text, from: sender) { text in
          Task { @MainActor in reply.give(text) }
        }
      } catch {
        reply.refuse("The host was shut down.")
      }
    }
  }

  /// WebKit wants each message answered exactly once, on the main thread.
  @MainActor
  final class ReplyOnce: Sendable {
    private var handler: (@MainActor @Sendable (Any?, String?) -> Void)?

    init(_ handler: @escaping @MainActor @Sendable (Any?, String?) -> Void) {
      self.handler = handler
    }

    func give(_ text: String?) {
      take()?(text, nil)
    }

    func refuse(_ why: String) {
      take()?(nil, why)
    }

    private func take() -> (@MainActor @Sendable (Any?, String?) -> Void)? {
      defer { handler = nil }
      return handler
    }
  }

  @MainActor
  private final class WeakHandler: NSObject, WKScriptMessageHandlerWithReply {
    private weak var container: MiniProgramContainer?

    init(_ container: MiniProgramContainer) {
      self.container = container
    }

    func userContentController(
      _ userContentController: WKUserContentController, didReceive message: WKScriptMessage,
      replyHandler: @escaping @MainActor @Sendable (Any?, String?) -> Void
    ) {
      let reply = ReplyOnce(replyHandler)
      guard let container else { return reply.refuse("The mini-program is closed.") }
      container.receive(message, reply)
    }
  }

  extension MiniProgramContainer: WKNavigationDelegate {
    public func webView(
      _ webView: WKWebView, decidePolicyFor navigationAction: WKNavigationAction,
      decisionHandler: @escaping @MainActor @Sendable (WKNavigationActionPolicy) -> Void
    ) {
      let url = navigationAction.request.url
      // Without a target it is a new window.
      guard let frame = navigationAction.targetFrame else { return decisionHandler(.cancel) }
      switch policy.decide(url, mainFrame: frame.isMainFrame) {
      case .load:
        decisionHandler(.allow)
      case .outside:
        decisionHandler(.cancel)
        if let url { openOutside?(url) }
      case .refuse:
        decisionHandler(.cancel)
      }
    }

    public func webView(_ webView: WKWebView, didCommit navigation: WKNavigation!) {
      begin(program: policy.isProgram(webView.url))
    }

    public func webViewWebContentProcessDidTerminate(_ webView: WKWebView) {
      begin(program: false)
    }
  }

  extension MiniProgramContainer: WKUIDelegate {
    public func webView(
      _ webView: WKWebView, createWebViewWith configuration: WKWebViewConfiguration,
      for navigationAction: WKNavigationAction, windowFeatures: WKWindowFeatures
    ) -> WKWebView? {
      nil
    }
  }
#endif
