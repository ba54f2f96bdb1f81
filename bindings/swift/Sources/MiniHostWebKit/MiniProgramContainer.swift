#if canImport(WebKit)
  import Foundation
  import MiniHost
  import WebKit

  #if canImport(FoundationNetworking)
    import FoundationNetworking
  #endif

  /// Why there is no page of a mini-program to see.
  public enum PageFailure: Sendable {
    /// It could not be loaded.
    case notLoaded(any Error)
    /// The program's address leads to this one, which is not for the view.
    case keptOut(URL)
    /// The process that showed it has ended.
    case crashed
  }

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
    /// the system's browser, or not at all. Called once for each touch, key or click of the user's,
    /// and for links and forms while VoiceOver or Switch Control acts for them.
    public var openOutside: (@MainActor (URL) -> Void)?
    /// Hears that a document is there, each time one begins to be shown.
    public var began: (@MainActor () -> Void)?
    /// Hears that there is no page to see, so that the host app can say so and offer ``load()`` again.
    public var failed: (@MainActor (PageFailure) -> Void)?

    let policy: NavigationPolicy
    private let now: @MainActor () -> TimeInterval
    private var document: UInt64 = 0
    /// The origin of the document, where it is one of the program's.
    private var programOrigin: String?
    /// What the host app tells of the view.
    private var isShown = true
    /// What the session was told last.
    private var isVisible = true
    private var gestures = Gestures()
    private var isClosed = false
    private let deliveries = Deliveries()
    private var observations: Observations?

    private static let handler = "minihost"
    private static let gestureHandler = "minihostGesture"

    /// Nothing is loaded until ``load()``.
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
        Task { await identifiers.deleteForgotten() }
      } else {
        configuration.websiteDataStore = .nonPersistent()
      }
      configuration.userContentController.addUserScript(
        WKUserScript(source: BridgeScript.source, injectionTime: .atDocumentStart, forMainFrameOnly: true))
      webView = WKWebView(frame: .zero, configuration: configuration)
      super.init()
      configuration.userContentController.addUserScript(
        WKUserScript(
          source: BridgeScript.gestures, injectionTime: .atDocumentStart, forMainFrameOnly: true,
          in: .defaultClient))
      // The controller holds its handler, which must not hold the view that holds the controller.
      let handler = WeakHandler(self)
      configuration.userContentController.addScriptMessageHandler(
        handler, contentWorld: .page, name: Self.handler)
      configuration.userContentController.add(
        handler, contentWorld: .defaultClient, name: Self.gestureHandler)
      webView.allowsLinkPreview = false
      webView.navigationDelegate = self
      webView.uiDelegate = self
      session.hearMessages { [deliveries, weak self] message in
        deliveries.event { [weak self] in await self?.deliver(message) }
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
      gestures.made(at: now())
    }

    /// Hears of a key or a click from the script in the world of the host's own.
    func heard(_ message: WKScriptMessage) {
      guard programOrigin != nil, message.webView === webView, message.frameInfo.isMainFrame else { return }
      switch message.body as? String {
      case "key": gestures.made(at: now())
      case "click": gestures.clicked(at: now())
      default: break
      }
    }

    /// Tells whether the user sees the view. On iOS the container hears by itself when the app leaves the
    /// screen; what the host app lays over the view, it tells.
    public func setVisible(_ visible: Bool) {
      isShown = visible
      updateVisibility()
    }

    /// The app may have come to the screen, or left it.
    func updateVisibility() {
      let isOnScreen = isAppOnScreen
      // The clock of touches may stand still while the device sleeps.
      if !isOnScreen { gestures.forget() }
      let visible = isShown && isOnScreen
      guard visible != isVisible, !isClosed else { return }
      isVisible = visible
      try? session.setVisible(visible)
    }

    /// Ends the session and gives the page up.
    public func close() {
      guard !isClosed else { return }
      isClosed = true
      programOrigin = nil
      observations = nil
      webView.stopLoading()
      let controller = webView.configuration.userContentController
      controller.removeScriptMessageHandler(forName: Self.handler, contentWorld: .page)
      controller.removeScriptMessageHandler(forName: Self.gestureHandler, contentWorld: .defaultClient)
      endSession()
    }

    deinit {
      endSession()
    }

    private nonisolated func endSession() {
      session.close()
      // WebKit is still given the replies that came of it.
      deliveries.finish()
    }

    /// A document begins, or the one before it has ended without another.
    func begin(_ address: URL?) {
      guard !isClosed else { return }
      document += 1
      programOrigin = policy.programOrigin(of: address)
      gestures.forget()
      try? session.documentStarted(document)
    }

    private func deliver(_ message: PageMessage) {
      guard let programOrigin, message.document == document else { return }
      // The text goes as an argument: no text can become part of a script. The origin goes with it, for the page
      // may have gone elsewhere without this process knowing it yet.
      gestures.scriptBegan()
      webView.callAsyncJavaScript(
        BridgeScript.deliver, arguments: ["text": message.text, "origin": programOrigin], in: nil, in: .page
      ) { [weak self] _ in
        guard let self else { return }
        gestures.scriptEnded(at: now())
      }
    }

    /// `nil` where nobody can tell, since what activates things for the user brings no touch.
    private var gestureAge: TimeInterval? {
      isAssisted ? nil : gestures.age(at: now())
    }

    /// Whether the user may have asked for this navigation. A gesture is good for one.
    func isUsersDoing(_ type: WKNavigationType) -> Bool {
      if gestures.use(at: now()) { return true }
      return isAssisted && (type == .linkActivated || type == .formSubmitted)
    }

    /// Whether the view is open, and shows no page of the program.
    var hasNoPage: Bool { !isClosed && programOrigin == nil }

    func receive(_ message: WKScriptMessage, _ reply: ReplyOnce) {
      guard programOrigin != nil, message.webView === webView else {
        return reply.refuse("The bridge is not for this page.")
      }
      guard let text = message.body as? String else {
        return reply.refuse("A message is a string.")
      }
      updateVisibility()
      let origin = message.frameInfo.securityOrigin
      let sender = Sender(
        document: document,
        origin: Origin.serialised(scheme: origin.protocol, host: origin.host, port: origin.port) ?? "null",
        isMainFrame: message.frameInfo.isMainFrame, isVisible: isVisible,
        gestureAge: gestureAge)
      do {
        try session.send(text, from: sender) { [deliveries] text in
          deliveries.reply { await reply.give(text) }
        }
      } catch {
        reply.refuse("The host was shut down.")
      }
    }
  }
#endif
