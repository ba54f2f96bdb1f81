/// A vendor's container whose hook is a module that answers named events, as Dimina's `registerExtModule`
/// does. One hook belongs to one opened mini-program: its calls do not say whose they are.
public protocol ModuleHook: AnyObject {
  /// Registers a module. A handler may answer many times, and gives what ends that.
  func registerModule(
    _ name: String,
    handler: @escaping @Sendable (
      _ event: String, _ data: [String: Any], _ callback: ModuleCallback
    ) -> (@Sendable () -> Void)?)
}

/// How a module answers.
public struct ModuleCallback: Sendable {
  public let onSuccess: @Sendable ([String: Any]) -> Void
  public let onFail: @Sendable ([String: Any]) -> Void

  public init(
    onSuccess: @escaping @Sendable ([String: Any]) -> Void,
    onFail: @escaping @Sendable ([String: Any]) -> Void
  ) {
    self.onSuccess = onSuccess
    self.onFail = onFail
  }
}

/// Carries the bridge over such a module: the event `send` brings a message and gets its reply, `subscribe`
/// gets the events of the bridge for as long as it lasts.
public final class ModuleAdapter: Sendable {
  /// What the page's side of the vendor's module is called.
  public static let name = "minihost"

  private let page: VendorPage

  /// One adapter for one session. `isVisible` tells whether the user sees the program.
  public init(
    _ session: MiniProgramSession, on hook: any ModuleHook, isVisible: @escaping @Sendable () -> Bool
  ) throws(HostError) {
    page = try VendorPage(session, isVisible: isVisible)
    hook.registerModule(Self.name) { [weak page] event, data, callback in
      switch (event, page) {
      case ("send", let page?):
        page.send(data) { Self.answer($0, callback) }
        return nil
      case ("subscribe", let page?):
        return page.subscribe(callback.onSuccess)
      case (_, nil):
        Self.fail(callback, event, "closed")
        return nil
      default:
        Self.fail(callback, event, "no such event")
        return nil
      }
    }
  }

  private static func answer(_ outcome: BridgeOutcome, _ callback: ModuleCallback) {
    switch outcome {
    case .done: callback.onSuccess(outcome.object)
    case .cancelled: fail(callback, "send", "cancel", outcome.object)
    case .failed: fail(callback, "send", nil, outcome.object)
    case .noMessage: fail(callback, "send", "no message")
    case .closed: fail(callback, "send", "closed")
    }
  }

  private static func fail(
    _ callback: ModuleCallback, _ event: String, _ why: String?, _ object: [String: Any] = [:]
  ) {
    let text = ["\(event):fail", why].compactMap(\.self).joined(separator: " ")
    callback.onFail(object.merging(["errMsg": text]) { $1 })
  }
}
