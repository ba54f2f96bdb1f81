#if canImport(WebKit)
  #if canImport(UIKit)
    import UIKit
    import WebKit

    extension MiniProgramContainer {
      /// Hears touches and whether the app is on screen, from the platform and not from the page.
      func observePlatform() {
        let observer = TouchObserver { [weak self] in self?.touched() }
        webView.addGestureRecognizer(observer)
        let center = NotificationCenter.default
        for (name, visible) in [
          (UIApplication.didEnterBackgroundNotification, false),
          (UIApplication.willEnterForegroundNotification, true),
        ] {
          center.addObserver(forName: name, object: nil, queue: .main) { [weak self] _ in
            MainActor.assumeIsolated { self?.setVisible(visible) }
          }
        }
      }
    }

    /// Sees every touch and takes none.
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
  #else
    extension MiniProgramContainer {
      /// Elsewhere the host app tells.
      func observePlatform() {}
    }
  #endif
#endif
