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
  /// Where it is, for tests to say.
  public var window: UIWindow?
  public private(set) var gestureRecognizers: [UIGestureRecognizer]? = []

  public func addGestureRecognizer(_ gestureRecognizer: UIGestureRecognizer) {
    gestureRecognizers?.append(gestureRecognizer)
  }
}

@MainActor
public final class UIWindow: UIView {
  public var windowScene: UIWindowScene?
}

@MainActor
open class UIScene: UIResponder {
  public enum ActivationState: Sendable {
    case unattached, foregroundActive, foregroundInactive, background
  }

  public nonisolated static let didActivateNotification = Notification.Name("didActivate")
  public nonisolated static let willDeactivateNotification = Notification.Name("willDeactivate")
  public nonisolated static let didEnterBackgroundNotification = Notification.Name("didEnterBackground")
  public nonisolated static let willEnterForegroundNotification = Notification.Name("willEnterForeground")

  /// For tests to say.
  public var activationState = ActivationState.foregroundActive
}

@MainActor
public final class UIWindowScene: UIScene {}

/// What helps people, for tests to switch on.
@MainActor
public enum UIAccessibility {
  public static var isVoiceOverRunning = false
  public static var isSwitchControlRunning = false
}

@MainActor
open class UIViewController: UIResponder {
  public var view: UIView! = UIView()

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
public final class UIPress: NSObject {
  public nonisolated override init() { super.init() }
}

@MainActor
public final class UIPressesEvent: NSObject {
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

  open func pressesBegan(_ presses: Set<UIPress>, with event: UIPressesEvent) {}
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

  public func open(
    _ url: URL, options: [String: Any] = [:],
    completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
  ) {}
}

public struct UITextContentType: Sendable {
  public static let username = UITextContentType()
  public static let password = UITextContentType()
}
