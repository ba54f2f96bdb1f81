#if canImport(WebKit)
  import Foundation
  import WebKit

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

  /// Hands messages to a container that it does not hold.
  @MainActor
  final class WeakHandler: NSObject, WKScriptMessageHandlerWithReply {
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

  extension WeakHandler: WKScriptMessageHandler {
    func userContentController(
      _ userContentController: WKUserContentController, didReceive message: WKScriptMessage
    ) {
      container?.heard(message)
    }
  }
#endif
