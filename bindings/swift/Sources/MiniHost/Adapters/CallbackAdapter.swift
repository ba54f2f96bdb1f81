/// A vendor's container whose hook hands an object and a callback to the host, as FinClip's
/// `registerExtensionApi` does. An app makes its SDK conform in a line or two. There is one hook for the process, and
/// a name registered again takes the place of the one before.
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

/// Carries the bridges of all programs over such a hook: a page sends `{"message": text}`, and the callback brings
/// `{"message": reply}`. The hook has no way for events; a page asks again for what it wants to know.
public final class CallbackAdapter: Sendable {
  /// What the page's side of the vendor's API is called.
  public static let name = "minihost"

  private let programs = Programs()

  /// One adapter for one hook.
  public init(on hook: any CallbackHook) {
    hook.registerExtensionAPI(Self.name) { [programs] appletID, param, callback in
      guard let page = programs.page(appletID) else { return callback(1, [:]) }
      page.send(param) { callback(Self.code($0), $0.object) }
    }
  }

  /// Carries the bridge of a session, in place of an earlier one of the same program, for as long as what this gives
  /// is held. `appletID` is what the vendor calls the program, where that is not its manifest's `id`. `isVisible`
  /// tells whether the user sees the program.
  public func carry(
    _ session: MiniProgramSession, appletID: String? = nil, isVisible: @escaping @Sendable () -> Bool
  ) throws(HostError) -> CarriedSession {
    let page = try VendorPage(session, isVisible: isVisible)
    programs.add(page, as: appletID ?? session.program.id)
    return CarriedSession(page)
  }

  private static func code(_ outcome: BridgeOutcome) -> Int {
    switch outcome {
    case .done: 0
    case .cancelled: -1
    case .failed, .noMessage, .closed: 1
    }
  }
}

/// A session whose messages an adapter carries, until this is let go of.
public final class CarriedSession: Sendable {
  private let page: VendorPage

  init(_ page: VendorPage) {
    self.page = page
  }
}

/// The programs that are open, by the vendor's names of them.
private final class Programs: Sendable {
  private struct Weak {
    weak var page: VendorPage?
  }

  private let open = Locked<[String: Weak]>([:])

  func add(_ page: VendorPage, as appletID: String) {
    open.with { open in
      open = open.filter { $0.value.page != nil }
      open[appletID] = Weak(page: page)
    }
  }

  func page(_ appletID: String) -> VendorPage? {
    open.with { $0[appletID]?.page }
  }
}
