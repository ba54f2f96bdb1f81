#if os(Linux)
  import Foundation
  import MiniHost
  import TestHost
  import Testing
  import UIKit
  import WebKit

  @testable import MiniHostWebKit

  /// What the platform, and not the page, says of the user. Serialised: VoiceOver runs for all.
  @MainActor
  @Suite(.serialized) struct PlatformTests {
    @Test("A page that nobody touched, or not for long, or that is not on screen, cannot ask the user")
    func gesture() async throws {
      try await withTab { tab, phone in
        try await tab.beginUntouched()
        #expect(try await tab.requestCode().reason == "interaction_required")
        try await tab.begin()
        tab.time.value += 3_600
        #expect(try await tab.requestCode().reason == "interaction_required")
        tab.container.touched()
        tab.container.setVisible(false)
        #expect(try await tab.requestCode().reason == "interaction_required")
        #expect(phone.screen.presented.rest.isEmpty)
        tab.container.setVisible(true)
        try await tab.beginUntouched()
        #expect(try await tab.requestCode().reason == "interaction_required", "the page before was touched")
        tab.container.touched()
        #expect(try await tab.requestCode()["result"]["code"].string != nil)
      }
    }

    @Test("The platform tells of touches and of keys, and takes none")
    func touches() async throws {
      try await withTab { tab, _ in
        let observer = try #require(tab.container.webView.gestureRecognizers?.first)
        #expect(!observer.cancelsTouchesInView)
        let others = UIGestureRecognizer(target: nil, action: nil)
        #expect(
          observer.delegate?.gestureRecognizer(observer, shouldRecognizeSimultaneouslyWith: others) == true)
        let ways: [@MainActor () -> Void] = [
          { observer.touchesBegan([], with: UIEvent()) },
          { observer.pressesBegan([], with: UIPressesEvent()) },
        ]
        for way in ways {
          try await tab.beginUntouched()
          observer.state = .possible
          way()
          #expect(observer.state == .failed)
          #expect(try await tab.requestCode()["result"]["code"].string != nil)
        }
      }
    }

    @Test("Whoever uses VoiceOver or Switch Control may be asked, though they touch nothing")
    func assisted() async throws {
      try await withTab { tab, _ in
        defer {
          (UIAccessibility.isVoiceOverRunning, UIAccessibility.isSwitchControlRunning) = (false, false)
        }
        for running in [(true, false), (false, true)] {
          try await tab.beginUntouched()
          (UIAccessibility.isVoiceOverRunning, UIAccessibility.isSwitchControlRunning) = running
          #expect(try await tab.requestCode()["result"]["code"].string != nil)
        }
        (UIAccessibility.isVoiceOverRunning, UIAccessibility.isSwitchControlRunning) = (false, false)
        try await tab.beginUntouched()
        #expect(try await tab.requestCode().reason == "interaction_required")
      }
    }

    @Test("The user sees a program where both its scene and the host app show it, whichever came back first")
    func scenes() async throws {
      try await withTab { tab, _ in
        let (window, scene) = (UIWindow(), UIWindowScene())
        window.windowScene = scene
        tab.container.webView.window = window
        try await tab.begin()
        @MainActor func asks() async throws -> Bool {
          tab.container.touched()
          return try await tab.requestCode()["result"]["code"].string != nil
        }
        @MainActor func tell(_ name: Notification.Name, _ scene: UIScene) {
          NotificationCenter.default.post(name: name, object: scene)
        }
        tell(UIScene.didEnterBackgroundNotification, UIWindowScene())
        #expect(try await asks(), "another scene")
        tell(UIScene.didEnterBackgroundNotification, scene)
        #expect(try await !asks())
        tab.container.setVisible(false)
        tell(UIScene.willEnterForegroundNotification, scene)
        #expect(try await !asks(), "the host app shows something else")
        tab.container.setVisible(true)
        #expect(try await asks())
      }
    }
  }
#endif
