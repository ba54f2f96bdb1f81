import Foundation
internal import MiniHostFFI

/// One mini-program that is open: from ``MiniHost/MiniHost/open(_:launch:)`` to ``close()``. A container
/// tells it what the platform knows, and carries what it says to the page.
public final class MiniProgramSession: Sendable {
  /// The program, as its manifest describes it.
  public let program: MiniProgram
  /// The authorization server's issuer identifier: its pages are never shown inside a container.
  public let issuer: String
  private let number: UInt64
  private let native: MiniHostFFI.MiniHost
  private let hub: Hub
  private let replies = Replies()
  private let told = Broadcast<PageMessage>()

  init(
    _ opened: MiniHostFFI.OpenedProgram, issuer: String, _ native: MiniHostFFI.MiniHost, _ hub: Hub
  ) {
    program = MiniProgram(opened)
    self.issuer = issuer
    number = opened.session
    self.native = native
    self.hub = hub
  }

  /// Messages for pages that answer nothing, from now on: events of the bridge. They may carry what is
  /// private and must not be logged.
  public var messages: AsyncStream<PageMessage> { told.listen() }

  /// Has the same heard on the thread that calls for replies too, so that a container keeps one order of
  /// both. `hear` must call nobody and not wait.
  package func hearMessages(_ hear: @escaping @Sendable (PageMessage) -> Void) {
    told.hear(hear)
  }

  /// Tells that a page load began; to be told before that document's first message. What documents before
  /// it have asked is over.
  public func documentStarted(_ document: UInt64) throws(HostError) {
    replies.end(allBut: document)
    try translated(HostError.self) { try native.documentStarted(session: number, document: document) }
  }

  /// Takes one message of a document, in the order in which they are sent. `reply` is called once: with the
  /// reply, or with `nil` where there is none or the document is gone; before this returns where the answer
  /// needs nobody, else on a thread of the SDK. The text may carry an authorization code and must not be
  /// logged.
  public func send(
    _ text: String, from sender: Sender, reply: @escaping @Sendable (String?) -> Void
  ) throws(HostError) {
    let token = replies.expect(in: sender.document, reply)
    do {
      let now = try native.receive(session: number, context: sender.context(token), text: text)
      if !now.isEmpty {
        replies.settle(token, with: now)
      } else if hub.session(number) !== self {
        // It was closed: nobody tells that there is no reply.
        replies.settle(token, with: nil)
      }
    } catch {
      replies.forget(token)
      throw HostError(native: error)
    }
  }

  /// The same, for a caller who waits for the reply. Where the task is cancelled the request is taken back
  /// as its page could do it, and the reply is `aborted`, unless another one was faster.
  public func receive(_ text: String, from sender: Sender) async throws(HostError) -> String? {
    let result: Result<String?, HostError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        do throws(HostError) {
          try send(text, from: sender) { continuation.resume(returning: .success($0)) }
          // Taken back before it was sent, it would wait.
          if Task.isCancelled { takeBack(text, from: sender) }
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    } onCancel: {
      takeBack(text, from: sender)
    }
    return try result.get()
  }

  private func takeBack(_ text: String, from sender: Sender) {
    guard let request = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      let id = request["id"], id is String || id is Int
    else { return }
    let cancel: [String: Any] = ["jsonrpc": "2.0", "method": "$/cancelRequest", "params": ["id": id]]
    guard let message = try? JSONSerialization.data(withJSONObject: cancel) else { return }
    try? send(String(decoding: message, as: UTF8.self), from: sender) { _ in }
  }

  /// Tells that the program came to the screen or left it.
  public func setVisible(_ visible: Bool) throws(HostError) {
    try translated(HostError.self) { try native.visibility(session: number, visible: visible) }
  }

  /// Closes the program. Nothing is delivered to it any more, and what waits for a reply gets none. Another
  /// time it does nothing.
  public func close() {
    hub.closed(number)
    // A host that was shut down has closed it before.
    try? native.close(session: number)
    hostEnded()
  }

  func deliver(_ text: String, to document: UInt64, inReplyTo token: UInt64?) {
    if let token {
      replies.settle(token, with: text)
    } else {
      told.tell(PageMessage(document: document, text: text))
    }
  }

  func settle(_ token: UInt64) {
    replies.settle(token, with: nil)
  }

  func hostEnded() {
    replies.end(allBut: nil)
    told.end()
  }

  deinit {
    close()
  }
}

/// What the platform, not the page, says of a message's sender.
public struct Sender: Sendable, Hashable {
  /// The page load; minted by the container at each navigation.
  public var document: UInt64
  /// The sender's origin, ASCII serialisation; `nil` where the platform does not tell.
  public var origin: String?
  /// Whether the document itself sent it, and not a frame within; `nil` where the platform does not tell.
  public var isMainFrame: Bool?
  /// Whether it came through a port or with a secret that only this document's main frame was given.
  /// Needed where `origin` or `isMainFrame` is `nil`.
  public var hasCapability: Bool
  /// Whether the document is on screen.
  public var isVisible: Bool
  /// Seconds since the user touched the page; `nil` where the platform does not tell. Never the page's word.
  public var gestureAge: TimeInterval?

  public init(
    document: UInt64, origin: String?, isMainFrame: Bool?, hasCapability: Bool = false, isVisible: Bool,
    gestureAge: TimeInterval?
  ) {
    self.document = document
    self.origin = origin
    self.isMainFrame = isMainFrame
    self.hasCapability = hasCapability
    self.isVisible = isVisible
    self.gestureAge = gestureAge
  }

  fileprivate func context(_ token: UInt64) -> MiniHostFFI.CallContext {
    MiniHostFFI.CallContext(
      document: document, replyToken: token, origin: origin, mainFrame: isMainFrame,
      capability: hasCapability, visible: isVisible,
      gestureAgeMs: gestureAge.map(Self.milliseconds))
  }

  private static func milliseconds(_ seconds: TimeInterval) -> UInt32 {
    let milliseconds = (seconds * 1000).rounded()
    return milliseconds >= 0 && milliseconds < 4_294_967_296 ? UInt32(milliseconds) : .max
  }
}

/// A message for one document that answers nothing.
public struct PageMessage: Sendable {
  /// Which document; where it is gone, drop the message.
  public let document: UInt64
  /// JSON-RPC 2.0.
  public let text: String
}
