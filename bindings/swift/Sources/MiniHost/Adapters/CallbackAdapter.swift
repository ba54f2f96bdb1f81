import Foundation

/// A vendor's container whose hook hands an object and a callback to the host, as FinClip's
/// `registerExtensionApi` does. An app makes its SDK conform in a line or two.
public protocol CallbackHook: AnyObject {
  /// Registers an API by which mini-programs call the host. The callback takes -1 for cancelled, 0 for
  /// done and 1 for failed, and an object for the page.
  func registerExtensionAPI(
    _ name: String,
    handler: @escaping @Sendable (
      _ appletID: String, _ param: [String: Any]?,
      _ callback: @escaping @Sendable (Int, [String: Any]) -> Void
    ) -> Void)
}

/// Carries the bridge over such a hook: the page sends `{"message": text}`, and the callback brings
/// `{"message": reply}`.
///
/// The container, not the message, says which program calls; what it does not tell, such as the origin,
/// is stood for by the fact that a program of its own process alone can reach the hook.
public final class CallbackAdapter: Sendable {
  /// What the page's side of the vendor's API is called.
  public static let name = "minihost"

  private let session: MiniProgramSession
  private let isVisible: @Sendable () -> Bool
  private let document: UInt64 = 1

  /// One adapter for one session. `isVisible` tells whether the user sees the program.
  public init(
    _ session: MiniProgramSession, on hook: any CallbackHook, isVisible: @escaping @Sendable () -> Bool
  ) throws(HostError) {
    self.session = session
    self.isVisible = isVisible
    try session.documentStarted(document)
    hook.registerExtensionAPI(Self.name) { [weak self] appletID, param, callback in
      guard let self, appletID == self.session.program.id, let text = param?["message"] as? String else {
        return callback(1, [:])
      }
      self.receive(text, callback)
    }
  }

  private func receive(_ text: String, _ callback: @escaping @Sendable (Int, [String: Any]) -> Void) {
    let sender = Sender(
      document: document, origin: nil, isMainFrame: nil, hasCapability: true, isVisible: isVisible(),
      gestureAge: nil)
    do {
      try session.send(text, from: sender) { reply in
        callback(BridgeOutcome(reply).code, reply.map { ["message": $0] } ?? [:])
      }
    } catch {
      callback(1, [:])
    }
  }
}

/// How a reply ended, for hooks that tell three ways apart.
enum BridgeOutcome {
  case done
  case cancelled
  case failed

  init(_ reply: String?) {
    guard let reply, let object = try? JSONSerialization.jsonObject(with: Data(reply.utf8)),
      let error = (object as? [String: Any])?["error"] as? [String: Any]
    else {
      self = .done
      return
    }
    let reason = (error["data"] as? [String: Any])?["reason"] as? String
    self = reason == "user_cancelled" ? .cancelled : .failed
  }

  var code: Int {
    switch self {
    case .done: 0
    case .cancelled: -1
    case .failed: 1
    }
  }
}
