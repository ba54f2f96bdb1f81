#if canImport(SwiftUI) && canImport(UIKit)
  import SwiftUI
  import UIKit

  extension ConsentPresenter {
    /// Shows the prompts over this controller from now on, in an app whose screens are UIKit's; it must be the one on
    /// top. Over one that was attached before they are shown no more.
    public func attach(to controller: UIViewController) {
      if let attached {
        attached.willMove(toParent: nil)
        attached.view.removeFromSuperview()
        attached.removeFromParent()
      }
      let child = UIHostingController(rootView: Color.clear.consentSheets(of: self))
      // The background of a hosting controller hides what is behind it, and its view takes touches.
      child.view.backgroundColor = .clear
      child.view.isUserInteractionEnabled = false
      child.view.frame = controller.view.bounds
      child.view.autoresizingMask = [.flexibleWidth, .flexibleHeight]
      controller.addChild(child)
      controller.view.addSubview(child.view)
      child.didMove(toParent: controller)
      attached = child
    }
  }
#endif
