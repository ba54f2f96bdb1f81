import Foundation
import Testing

@testable import MiniHostWebKit

@Suite struct PolicyTests {
  private let policy = NavigationPolicy(
    origins: ["https://tea.example", "http://127.0.0.1:4100"], neverInside: ["https://as.example/tenant"])

  @Test(
    "An origin is serialised as the manifest writes it",
    arguments: [
      ("https://TEA.example/a?b#c", "https://tea.example"),
      ("https://tea.example:443/", "https://tea.example"),
      ("http://127.0.0.1:4100/x", "http://127.0.0.1:4100"),
      ("https://user:word@tea.example/", "https://tea.example"), ("http://[::1]:80/", "http://[::1]"),
      ("https://tea.example.evil.example/", "https://tea.example.evil.example"),
    ])
  func origin(_ address: String, _ origin: String) throws {
    #expect(Origin.of(try #require(URL(string: address))) == origin)
  }

  @Test(
    "An address without a host of the web has no origin",
    arguments: [
      "about:blank", "data:text/html,x", "blob:https://tea.example/1", "file:///etc/passwd",
      "minihost://tea.example/",
    ])
  func none(_ address: String) throws {
    #expect(Origin.of(try #require(URL(string: address))) == nil)
  }

  @Test("What WebKit tells of a frame is the same text, its port 0 the usual one")
  func told() {
    #expect(Origin.serialised(scheme: "https", host: "tea.example", port: 0) == "https://tea.example")
    #expect(Origin.serialised(scheme: "http", host: "::1", port: 8080) == "http://[::1]:8080")
    #expect(Origin.serialised(scheme: "", host: "", port: 0) == nil)
    #expect(Origin.serialised(scheme: "file", host: "", port: 0) == nil)
  }

  @Test("The bridge is for the program's origins and nobody who looks like them")
  func bridge() {
    #expect(policy.programOrigin(of: URL(string: "https://tea.example/brew")) == "https://tea.example")
    for other in [
      "https://tea.example.evil.example/", "https://evil-tea.example/", "http://tea.example/",
      "https://tea.example:8443/", "https://tea.example@evil.example/", "https://tea.example./",
      "about:blank",
    ] {
      #expect(policy.programOrigin(of: URL(string: other)) == nil, "\(other)")
    }
    #expect(policy.programOrigin(of: nil) == nil)
  }

  @Test(
    "A page goes where it may",
    arguments: [
      ("https://tea.example/", true, NavigationPolicy.Decision.load),
      ("https://shop.example/", true, .outside),
      ("http://127.0.0.1:4100/", true, .load), ("http://shop.example/", true, .refuse),
      ("https://as.example/authorize", true, .outside), ("https://AS.example:443/login", true, .outside),
      ("https://as.example/authorize", false, .refuse), ("https://as.example./authorize", true, .outside),
      ("https://as.example./authorize", false, .refuse),
      ("https://as.example.:443/x", false, .refuse), ("tel:+100", true, .outside),
      ("itms-apps://x", true, .refuse), ("mailto:a@b.example", true, .outside),
      ("http://shop.example/", false, .refuse),
      ("tel:+100", false, .refuse), ("about:blank", false, .load), ("about:srcdoc", false, .load),
      ("about:blank", true, .refuse), ("javascript:alert(1)", true, .refuse), ("file:///x", true, .refuse),
      ("data:text/html,x", true, .refuse), ("https://ads.example/", false, .load),
    ])
  func goes(_ address: String, _ mainFrame: Bool, _ decision: NavigationPolicy.Decision) {
    #expect(policy.decide(URL(string: address), mainFrame: mainFrame) == decision)
  }
}
