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

  public struct AutoresizingMask: OptionSet, Sendable {
    public let rawValue: UInt

    public init(rawValue: UInt) { self.rawValue = rawValue }

    public static let flexibleWidth = AutoresizingMask(rawValue: 2)
    public static let flexibleHeight = AutoresizingMask(rawValue: 16)
  }

  open var backgroundColor: UIColor?
  open var isUserInteractionEnabled = true
  open var frame = CGRect.zero
  open var bounds: CGRect { CGRect(origin: .zero, size: frame.size) }
  open var autoresizingMask = AutoresizingMask()
  public private(set) var subviews: [UIView] = []
  public private(set) weak var superview: UIView?

  open func addSubview(_ view: UIView) {
    view.removeFromSuperview()
    subviews.append(view)
    view.superview = self
  }

  open func removeFromSuperview() {
    superview?.subviews.removeAll { $0 === self }
    superview = nil
  }
}

public final class UIColor: NSObject, Sendable {
  public static let clear = UIColor()
  public static let systemBackground = UIColor()
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

  public private(set) var children: [UIViewController] = []
  public private(set) weak var parent: UIViewController?

  open func addChild(_ childController: UIViewController) {
    children.append(childController)
    childController.parent = self
  }

  open func removeFromParent() {
    parent?.children.removeAll { $0 === self }
    parent = nil
  }

  open func willMove(toParent parent: UIViewController?) {}

  open func didMove(toParent parent: UIViewController?) {}
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

  public nonisolated static let didBecomeActiveNotification = Notification.Name("appDidBecomeActive")
  public nonisolated static let willResignActiveNotification = Notification.Name("appWillResignActive")
  public nonisolated static let didEnterBackgroundNotification = Notification.Name("appDidEnterBackground")
  public nonisolated static let willEnterForegroundNotification = Notification.Name("appWillEnterForeground")

  public func open(
    _ url: URL, options: [String: Any] = [:],
    completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
  ) {}
}

public struct UITextContentType: Sendable {
  public static let username = UITextContentType()
  public static let password = UITextContentType()
}
