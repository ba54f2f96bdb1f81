#if canImport(SwiftUI) && canImport(UIKit)
  import SwiftUI
  import UIKit

  /// Tells when the screen that it stands in has come to rest. A view's own `onAppear` comes while the sheet is
  /// still on its way up.
  struct WholeAppearance: UIViewControllerRepresentable {
    let appeared: @MainActor () -> Void

    func makeUIViewController(context: Context) -> Controller {
      Controller(appeared)
    }

    func updateUIViewController(_ controller: Controller, context: Context) {}

    final class Controller: UIViewController {
      private let appeared: @MainActor () -> Void

      init(_ appeared: @escaping @MainActor () -> Void) {
        self.appeared = appeared
        super.init(nibName: nil, bundle: nil)
      }

      required init?(coder: NSCoder) {
        nil
      }

      override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        appeared()
      }
    }
  }
#elseif canImport(SwiftUI)
  import SwiftUI

  /// Where there is no UIKit a sheet has no way to tell that it has come to rest.
  struct WholeAppearance: View {
    let appeared: @MainActor () -> Void

    var body: some View {
      Color.clear.onAppear { appeared() }
    }
  }
#endif
