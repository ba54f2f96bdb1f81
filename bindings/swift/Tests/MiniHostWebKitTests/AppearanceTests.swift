#if os(Linux)
  import Foundation
  import Testing
  import UIKit

  @testable import MiniHostWebKit

  /// What a sheet hears of the scene that it is in.
  @MainActor
  @Suite struct AppearanceTests {
    @Test("A sheet hears of its own scene from when it has come to rest, and of no other")
    func phases() {
      var heard: [ConsentSheetModel.Phase] = []
      var appeared = 0
      let (window, scene) = (UIWindow(), UIWindowScene())
      window.windowScene = scene
      scene.activationState = .foregroundInactive
      let controller = WholeAppearance.Controller({ heard.append($0) }, { appeared += 1 })
      controller.view.window = window
      let tell = { NotificationCenter.default.post(name: $0, object: $1) }
      tell(UIScene.didActivateNotification, scene)
      #expect(heard.isEmpty && appeared == 0)
      controller.viewDidAppear(true)
      #expect(heard == [.inactive] && appeared == 1)
      scene.activationState = .foregroundActive
      tell(UIScene.didActivateNotification, scene)
      tell(UIScene.willDeactivateNotification, UIWindowScene())
      tell(UIScene.willDeactivateNotification, scene)
      scene.activationState = .background
      tell(UIScene.didEnterBackgroundNotification, scene)
      #expect(heard == [.inactive, .active, .inactive, .background])
    }

    @Test("A sheet hears of the app as well, which may have no scenes of its own to tell of")
    func app() {
      var heard: [ConsentSheetModel.Phase] = []
      let (window, scene) = (UIWindow(), UIWindowScene())
      window.windowScene = scene
      let controller = WholeAppearance.Controller({ heard.append($0) }, {})
      controller.view.window = window
      controller.viewDidAppear(true)
      let tell = { NotificationCenter.default.post(name: $0, object: UIApplication.shared) }
      tell(UIApplication.willResignActiveNotification)
      scene.activationState = .background
      tell(UIApplication.didEnterBackgroundNotification)
      scene.activationState = .foregroundActive
      tell(UIApplication.didBecomeActiveNotification)
      #expect(heard == [.active, .inactive, .background, .active])
    }

    @Test("What shows the sheets over a screen of UIKit hides nothing of it, takes no touches, and moves on")
    func attached() throws {
      let presenter = ConsentPresenter(hostName: "Harbour")
      let (first, second) = (
        UIViewController(nibName: nil, bundle: nil), UIViewController(nibName: nil, bundle: nil)
      )
      first.view.frame = CGRect(x: 0, y: 20, width: 320, height: 640)
      presenter.attach(to: first)
      let child = try #require(first.children.first)
      #expect(first.view.subviews == [child.view] && child.view.frame.size == first.view.frame.size)
      #expect(child.view.backgroundColor === UIColor.clear && !child.view.isUserInteractionEnabled)
      presenter.attach(to: second)
      #expect(first.children.isEmpty && first.view.subviews.isEmpty)
      #expect(second.children.count == 1 && second.view.subviews.count == 1)
    }
  }
#endif
