#if canImport(WebKit)
  import Foundation

  #if canImport(UIKit)
    import UIKit
    import WebKit

    #if canImport(UIKit.UIGestureRecognizerSubclass)
      import UIKit.UIGestureRecognizerSubclass
    #endif

    extension MiniProgramContainer {
      /// Hears touches and whether the app is on screen, from the platform and not from the page, for as long as
      /// what this gives is held.
      func observePlatform() -> Observations {
        let observer = TouchObserver { [weak self] in self?.touched() }
        webView.addGestureRecognizer(observer)
        // Those of the app too: one without a manifest of scenes may hear no others.
        return Observations(of: [
          UIScene.didEnterBackgroundNotification, UIScene.willEnterForegroundNotification,
          UIScene.didActivateNotification, UIApplication.didEnterBackgroundNotification,
          UIApplication.willEnterForegroundNotification, UIApplication.didBecomeActiveNotification,
        ]) { [weak self] _, _ in self?.updateVisibility() }
      }

      /// Whether the scene that the view is in is on screen. Where the view is, the host app tells.
      var isAppOnScreen: Bool {
        switch webView.window?.windowScene?.activationState {
        case .background, .unattached: false
        default: true
        }
      }

      /// Whether something acts in the user's place whose actions bring no touch.
      var isAssisted: Bool {
        UIAccessibility.isVoiceOverRunning || UIAccessibility.isSwitchControlRunning
      }
    }

    /// Sees every touch, and takes none.
    @MainActor
    private final class TouchObserver: UIGestureRecognizer, UIGestureRecognizerDelegate {
      private let touched: @MainActor () -> Void

      init(_ touched: @escaping @MainActor () -> Void) {
        self.touched = touched
        super.init(target: nil, action: nil)
        cancelsTouchesInView = false
        delegate = self
      }

      override func touchesBegan(_ touches: Set<UITouch>, with event: UIEvent) {
        touched()
        state = .failed
      }

      func gestureRecognizer(
        _ gestureRecognizer: UIGestureRecognizer,
        shouldRecognizeSimultaneouslyWith otherGestureRecognizer: UIGestureRecognizer
      ) -> Bool {
        true
      }
    }

    extension Observations {
      /// Hears of these, and of what each is: a scene or the app.
      @MainActor
      convenience init(
        of names: [Notification.Name],
        _ heard: @escaping @MainActor (Notification.Name, ObjectIdentifier?) -> Void
      ) {
        self.init(
          names.map { name in
            // UIKit tells on the main thread.
            NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) { notification in
              let told = notification.object.map { ObjectIdentifier($0 as AnyObject) }
              MainActor.assumeIsolated { heard(name, told) }
            }
          })
      }
    }
  #else
    extension MiniProgramContainer {
      /// Elsewhere the host app tells.
      func observePlatform() -> Observations { Observations([]) }

      /// The host app tells this too.
      var isAppOnScreen: Bool { true }

      /// Nobody can tell.
      var isAssisted: Bool { false }
    }
  #endif
#endif
