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
public final class CallbackAdapter: Sendable {
  /// What the page's side of the vendor's API is called.
  public static let name = "minihost"

  private let page: VendorPage

  /// One adapter for one session. `isVisible` tells whether the user sees the program.
  public init(
    _ session: MiniProgramSession, on hook: any CallbackHook, isVisible: @escaping @Sendable () -> Bool
  ) throws(HostError) {
    page = try VendorPage(session, isVisible: isVisible)
    hook.registerExtensionAPI(Self.name) { [weak page] appletID, param, callback in
      guard let page, appletID == page.session.program.id else { return callback(1, [:]) }
      page.send(param) { callback(Self.code($0), $0.object) }
    }
  }

  private static func code(_ outcome: BridgeOutcome) -> Int {
    switch outcome {
    case .done: 0
    case .cancelled: -1
    case .failed, .noMessage, .closed: 1
    }
  }
}
