import Foundation
import MiniHost
import TestHost
import Testing

private struct NoWindow: Error {}

/// Fails as often as it is told to.
private final class FailingAudit: AuditSink {
  let recorded = Heard<AuditEntry>("an audit entry")

  func record(_ entry: AuditEntry) throws {
    recorded.add(entry)
    throw NoWindow()
  }
}

/// Whatever the host app's own code does when it is called, the SDK goes on.
@Suite struct FaultsTests {
  @Test("A prompt that could not be shown can be cancelled by the page, and does not hold up the next")
  func cancelled() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let broken = Shared(true)
    let screen = Screen { view in
      if broken.value { throw NoWindow() }
      return view.allow()
    }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      _ = try await screen.presented.next()
      broken.value = false
      try await page.notify("$/cancelRequest", ["id": .number(Double(page.lastID))])
      #expect(try await reply.reason == "aborted")
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
    }
  }

  @Test("A prompt that could not be shown still waits for its answer")
  func pending() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let screen = Screen { _ in throw NoWindow() }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      _ = try await screen.presented.next()
      let view = try #require(try phone.host.pendingPrompts().first)
      try phone.host.answer(view, with: view.allow())
      #expect(try await reply["result"]["grantedScopes"].strings == ["openid"])
    }
  }

  @Test("An audit sink that fails keeps no code from the page")
  func audit() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let audit = FailingAudit()
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.audit = audit }) { phone in
      let page = try await Page.ready(phone, program)
      for _ in 0..<2 {
        #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
        _ = try await audit.recorded.next()
      }
    }
  }

  @Test("A prompt may be answered by another way than the one that asks, and the late answer has no effect")
  func twice() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let answered = Heard<Void>("the first answer")
    let screen = Screen { view in
      try await answered.next()
      return .deny
    }
    try await sample.withPhone(screen: screen) { phone in
      let page = try await Page.ready(phone, program)
      async let reply = page.requestCode(["openid"])
      let view = try await screen.presented.next()
      try phone.host.answer(view, with: view.allow())
      #expect(try await reply["result"]["grantedScopes"].strings == ["openid"])
      answered.add(())
    }
  }
}
