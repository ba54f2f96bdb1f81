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

    @Test("The platform tells of touches, and takes none")
    func touches() async throws {
      try await withTab { tab, _ in
        let observer = try #require(tab.container.webView.gestureRecognizers?.first)
        #expect(!observer.cancelsTouchesInView)
        let others = UIGestureRecognizer(target: nil, action: nil)
        #expect(
          observer.delegate?.gestureRecognizer(observer, shouldRecognizeSimultaneouslyWith: others) == true)
        try await tab.beginUntouched()
        observer.touchesBegan([], with: UIEvent())
        #expect(observer.state == .failed)
        #expect(try await tab.requestCode()["result"]["code"].string != nil)
      }
    }

    @Test("A key in the page counts as a touch does, and so does a click that nothing else explains")
    func keys() async throws {
      try await withTab { tab, _ in
        for (what, mainFrame) in [("key", false), ("else", true)] {
          try await tab.beginUntouched()
          try tab.gesture(what, mainFrame: mainFrame)
          #expect(try await tab.requestCode().reason == "interaction_required")
        }
        for what in ["key", "click"] {
          try await tab.beginUntouched()
          tab.time.value += 3_600
          try tab.gesture(what)
          #expect(try await tab.requestCode()["result"]["code"].string != nil)
        }
      }
    }

    @Test("A click that an event of the host's may have brought about does not count")
    func clickAfterEvent() async throws {
      try await withTab(screen: Screen { $0.allow(.untilRevoked) }) { tab, _ in
        try await tab.begin()
        _ = try await tab.requestCode()
        tab.time.value += 3_600
        let before = tab.container.webView.called.count
        tab.container.setVisible(false)
        tab.container.setVisible(true)
        try await eventually("an event") { tab.container.webView.called.count > before }
        try tab.gesture("click")
        var outside = 0
        tab.container.openOutside = { _ in outside += 1 }
        #expect(try tab.decide("https://shop.example/", in: tab.mainFrame) == .cancel && outside == 0)
        try tab.gesture("key")
        #expect(try tab.decide("https://shop.example/", in: tab.mainFrame) == .cancel && outside == 1)
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
        var outside = 0
        tab.container.openOutside = { _ in outside += 1 }
        #expect(try tab.decide("https://shop.example/", in: tab.mainFrame) == .cancel)
        #expect(outside == 0, "a script does that too")
        for type in [WKNavigationType.linkActivated, .formSubmitted] {
          #expect(try tab.decide("https://shop.example/", in: tab.mainFrame, by: type) == .cancel)
        }
        #expect(outside == 2)
        (UIAccessibility.isVoiceOverRunning, UIAccessibility.isSwitchControlRunning) = (false, false)
        #expect(try tab.decide("https://shop.example/", in: tab.mainFrame, by: .linkActivated) == .cancel)
        #expect(outside == 2)
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
        @MainActor func tell(_ name: Notification.Name, _ object: UIResponder) {
          NotificationCenter.default.post(name: name, object: object)
        }
        tell(UIScene.didEnterBackgroundNotification, UIWindowScene())
        #expect(try await asks(), "another scene")
        scene.activationState = .background
        tell(UIScene.didEnterBackgroundNotification, scene)
        #expect(try await !asks())
        tab.container.setVisible(false)
        scene.activationState = .foregroundInactive
        tell(UIScene.willEnterForegroundNotification, scene)
        #expect(try await !asks(), "the host app shows something else")
        tab.container.setVisible(true)
        #expect(try await asks())
        scene.activationState = .background
        #expect(try await !asks(), "nobody told")
        scene.activationState = .foregroundActive
        #expect(try await asks(), "nobody told")
        // In a tab that is away, while the other window of the app leaves the screen.
        tab.container.webView.window = nil
        tell(UIScene.didEnterBackgroundNotification, UIWindowScene())
        tab.container.webView.window = window
        #expect(try await asks())
      }
    }

    @Test("A touch from before the app left the screen is none, as the app's own notifications tell too")
    func touchBeforeSleep() async throws {
      try await withTab { tab, _ in
        let (window, scene) = (UIWindow(), UIWindowScene())
        window.windowScene = scene
        tab.container.webView.window = window
        try await tab.begin()
        scene.activationState = .background
        NotificationCenter.default.post(
          name: UIApplication.didEnterBackgroundNotification, object: UIApplication.shared)
        scene.activationState = .foregroundActive
        NotificationCenter.default.post(
          name: UIApplication.didBecomeActiveNotification, object: UIApplication.shared)
        #expect(try await tab.requestCode().reason == "interaction_required")
        tab.container.touched()
        #expect(try await tab.requestCode()["result"]["code"].string != nil)
      }
    }
  }
#endif
