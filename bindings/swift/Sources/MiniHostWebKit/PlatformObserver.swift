#if canImport(WebKit)
  import Foundation

  #if canImport(UIKit)
    import UIKit
    import WebKit

    extension MiniProgramContainer {
      /// Hears touches and whether the app is on screen, from the platform and not from the page, for as long as
      /// what this gives is held.
      func observePlatform() -> Observations {
        let observer = TouchObserver { [weak self] in self?.touched() }
        webView.addGestureRecognizer(observer)
        // UIKit tells on the main thread.
        return Observations(
          [
            (UIApplication.didEnterBackgroundNotification, false),
            (UIApplication.willEnterForegroundNotification, true),
          ].map { name, visible in
            NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) {
              [weak self] _ in
              MainActor.assumeIsolated { self?.setVisible(visible) }
            }
          })
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
      func observePlatform() -> Observations { Observations([]) }
    }
  #endif

  /// What hears of notifications until it is let go of.
  final class Observations: @unchecked Sendable {
    private let tokens: [any NSObjectProtocol]

    init(_ tokens: [any NSObjectProtocol]) {
      self.tokens = tokens
    }

    deinit {
      for token in tokens { NotificationCenter.default.removeObserver(token) }
    }
  }
#endif
