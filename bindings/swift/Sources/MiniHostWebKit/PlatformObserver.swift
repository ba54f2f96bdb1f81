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
        return Observations(
          of: [
            UIScene.didEnterBackgroundNotification: false, UIScene.willEnterForegroundNotification: true,
          ],
          in: webView
        ) { [weak self] in self?.setAppOnScreen($0) }
      }

      /// Whether something acts in the user's place whose actions bring no touch.
      var isAssisted: Bool {
        UIAccessibility.isVoiceOverRunning || UIAccessibility.isSwitchControlRunning
      }
    }

    /// Sees every touch and every key, and takes none.
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

      override func pressesBegan(_ presses: Set<UIPress>, with event: UIPressesEvent) {
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
      /// Hears what becomes of the scene that a view is in, where it is in one: each notification stands for a
      /// value.
      @MainActor
      convenience init<Value: Sendable>(
        of values: [Notification.Name: Value], in view: UIView, _ heard: @escaping @MainActor (Value) -> Void
      ) {
        self.init(
          values.map { name, value in
            // UIKit tells on the main thread.
            NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) {
              [weak view] notification in
              let told = notification.object.map { ObjectIdentifier($0 as AnyObject) }
              MainActor.assumeIsolated {
                let own = view?.window?.windowScene.map(ObjectIdentifier.init)
                if own == nil || own == told { heard(value) }
              }
            }
          })
      }
    }
  #else
    extension MiniProgramContainer {
      /// Elsewhere the host app tells.
      func observePlatform() -> Observations { Observations([]) }

      /// Nobody can tell.
      var isAssisted: Bool { false }
    }
  #endif
#endif
