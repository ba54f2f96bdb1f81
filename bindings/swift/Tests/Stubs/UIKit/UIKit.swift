// What of Apple's UIKit the container and the sheet use, with Apple's signatures as its documentation gives
// them and nothing behind them but memory.

import Foundation

/// Objective-C's, which Linux has not.
public struct Selector: Sendable {}

@MainActor
open class UIResponder: NSObject {
  public nonisolated override init() { super.init() }
}

@MainActor
open class UIView: UIResponder {
  public private(set) var gestureRecognizers: [UIGestureRecognizer]? = []

  public func addGestureRecognizer(_ gestureRecognizer: UIGestureRecognizer) {
    gestureRecognizers?.append(gestureRecognizer)
  }
}

@MainActor
open class UIViewController: UIResponder {
  public init(nibName nibNameOrNil: String?, bundle nibBundleOrNil: Bundle?) { super.init() }

  public required init?(coder: NSCoder) { super.init() }

  open func viewDidAppear(_ animated: Bool) {}
}

@MainActor
public final class UITouch: NSObject {
  public nonisolated override init() { super.init() }
}

@MainActor
public final class UIEvent: NSObject {
  public nonisolated override init() { super.init() }
}

@MainActor
open class UIGestureRecognizer: NSObject {
  public enum State: Sendable {
    case possible, began, changed, ended, cancelled, failed
  }

  open var state = State.possible
  open var cancelsTouchesInView = true
  open weak var delegate: (any UIGestureRecognizerDelegate)?

  public init(target: Any?, action: Selector?) { super.init() }

  open func touchesBegan(_ touches: Set<UITouch>, with event: UIEvent) {}
}

@MainActor
public protocol UIGestureRecognizerDelegate: NSObjectProtocol {
  func gestureRecognizer(
    _ gestureRecognizer: UIGestureRecognizer,
    shouldRecognizeSimultaneouslyWith otherGestureRecognizer: UIGestureRecognizer
  ) -> Bool
}

@MainActor
public final class UIApplication: UIResponder {
  public static let shared = UIApplication()
  public nonisolated static let didEnterBackgroundNotification = Notification.Name("didEnterBackground")
  public nonisolated static let willEnterForegroundNotification = Notification.Name("willEnterForeground")

  public func open(
    _ url: URL, options: [String: Any] = [:],
    completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
  ) {}
}

public struct UITextContentType: Sendable {
  public static let username = UITextContentType()
  public static let password = UITextContentType()
}
