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
      tell(UIScene.didActivateNotification, scene)
      tell(UIScene.willDeactivateNotification, UIWindowScene())
      tell(UIScene.willDeactivateNotification, scene)
      tell(UIScene.didEnterBackgroundNotification, scene)
      #expect(heard == [.inactive, .active, .inactive, .background])
    }
  }
#endif
