import Foundation

/// The page of a mini-program in a vendor's container, which tells its host little of it.
///
/// The container, not the message, says which program calls; what it does not tell, such as the origin, is
/// stood for by the fact that a program of its own process alone can reach the hook. Page loads it does not
/// tell either, so there is one for the session.
final class VendorPage: Sendable {
  let session: MiniProgramSession
  private let isVisible: @Sendable () -> Bool
  private let document: UInt64 = 1
  private let deliveries = Deliveries()
  private let subscribers = Locked(Subscribers())

  private struct Subscribers {
    var last = 0
    var told: [Int: @Sendable ([String: Any]) -> Void] = [:]
  }

  init(_ session: MiniProgramSession, isVisible: @escaping @Sendable () -> Bool) throws(HostError) {
    self.session = session
    self.isVisible = isVisible
    session.hearMessages { [document, deliveries, weak subscribers] message in
      guard message.document == document, let subscribers else { return }
      deliveries.event {
        for number in subscribers.with({ $0.told.keys.sorted() }) {
          // One of them may end another.
          subscribers.with { $0.told[number] }?(Self.object(message.text))
        }
      }
    }
    try session.documentStarted(document)
  }

  deinit {
    deliveries.finish()
  }

  /// Carries one message of the page, as its hook brings it, to the session. `answer` is called once.
  func send(_ object: [String: Any]?, answer: @escaping @Sendable (BridgeOutcome) -> Void) {
    guard let text = object?[Self.member] as? String else { return answer(.noMessage) }
    let sender = Sender(
      document: document, origin: nil, isMainFrame: nil, hasCapability: true, isVisible: isVisible(),
      gestureAge: nil)
    do {
      try session.send(text, from: sender) { [deliveries] reply in
        deliveries.reply { answer(BridgeOutcome(reply)) }
      }
    } catch {
      answer(.closed)
    }
  }

  /// Hands over the events of the bridge, until what this gives is called.
  func subscribe(_ told: @escaping @Sendable ([String: Any]) -> Void) -> @Sendable () -> Void {
    let number = subscribers.with { subscribers in
      subscribers.last += 1
      subscribers.told[subscribers.last] = told
      return subscribers.last
    }
    return { [weak subscribers] in _ = subscribers?.with { $0.told.removeValue(forKey: number) } }
  }

  /// How hooks carry a text: as this member of an object.
  private static let member = "message"

  fileprivate static func object(_ text: String?) -> [String: Any] {
    text.map { [member: $0] } ?? [:]
  }
}

/// How a message ended, for hooks that tell the ways apart.
enum BridgeOutcome: Sendable, Hashable {
  /// The reply is a result, or there is none.
  case done(String?)
  /// The reply says that the user closed what was asked.
  case cancelled(String)
  /// The reply is another error.
  case failed(String)
  /// What came is no message.
  case noMessage
  /// The host was shut down.
  case closed

  /// What the page gets.
  var object: [String: Any] {
    switch self {
    case .done(let reply): VendorPage.object(reply)
    case .cancelled(let reply), .failed(let reply): VendorPage.object(reply)
    case .noMessage, .closed: [:]
    }
  }

  fileprivate init(_ reply: String?) {
    guard let reply, let object = try? JSONSerialization.jsonObject(with: Data(reply.utf8)),
      let error = (object as? [String: Any])?["error"] as? [String: Any]
    else {
      self = .done(reply)
      return
    }
    let reason = (error["data"] as? [String: Any])?["reason"] as? String
    self = reason == "user_cancelled" ? .cancelled(reply) : .failed(reply)
  }
}
