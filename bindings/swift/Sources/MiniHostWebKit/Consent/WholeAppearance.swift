#if canImport(SwiftUI) && canImport(UIKit)
  import SwiftUI
  import UIKit

  /// Tells when the screen that it stands in has come to rest, and whether its scene is in use. A view's own
  /// `onAppear` comes while the sheet is still on its way up, and SwiftUI's phase of the scene stands still in an
  /// app whose life cycle is UIKit's.
  struct WholeAppearance: UIViewControllerRepresentable {
    let phaseChanged: @MainActor (ConsentSheetModel.Phase) -> Void
    let appeared: @MainActor () -> Void

    func makeUIViewController(context: Context) -> Controller {
      Controller(phaseChanged, appeared)
    }

    func updateUIViewController(_ controller: Controller, context: Context) {}

    final class Controller: UIViewController {
      private let phaseChanged: @MainActor (ConsentSheetModel.Phase) -> Void
      private let appeared: @MainActor () -> Void
      private var observations: Observations?

      init(
        _ phaseChanged: @escaping @MainActor (ConsentSheetModel.Phase) -> Void,
        _ appeared: @escaping @MainActor () -> Void
      ) {
        self.phaseChanged = phaseChanged
        self.appeared = appeared
        super.init(nibName: nil, bundle: nil)
      }

      required init?(coder: NSCoder) {
        nil
      }

      override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        // Those of the app too: one without a manifest of scenes may hear no others.
        observations = Observations(of: [
          UIScene.didActivateNotification, UIScene.willDeactivateNotification,
          UIScene.didEnterBackgroundNotification, UIApplication.didBecomeActiveNotification,
          UIApplication.willResignActiveNotification, UIApplication.didEnterBackgroundNotification,
        ]) { [weak self] in self?.heard($0, of: $1) }
        phaseChanged(.init(scene?.activationState))
        appeared()
      }

      private var scene: UIWindowScene? { view.window?.windowScene }

      private func heard(_ name: Notification.Name, of told: ObjectIdentifier?) {
        switch name {
        // Of these two the state does not tell yet.
        case UIScene.willDeactivateNotification:
          if let scene, ObjectIdentifier(scene) == told { phaseChanged(.inactive) }
        case UIApplication.willResignActiveNotification: phaseChanged(.inactive)
        default: phaseChanged(.init(scene?.activationState))
        }
      }
    }
  }

  extension ConsentSheetModel.Phase {
    fileprivate init(_ state: UIScene.ActivationState?) {
      switch state {
      case .foregroundActive: self = .active
      case .foregroundInactive: self = .inactive
      default: self = .background
      }
    }
  }
#elseif canImport(SwiftUI)
  import SwiftUI

  /// Where there is no UIKit a sheet has no way to tell that it has come to rest, or what lies over it.
  struct WholeAppearance: View {
    let phaseChanged: @MainActor (ConsentSheetModel.Phase) -> Void
    let appeared: @MainActor () -> Void

    var body: some View {
      Color.clear.onAppear {
        phaseChanged(.active)
        appeared()
      }
    }
  }
#endif
