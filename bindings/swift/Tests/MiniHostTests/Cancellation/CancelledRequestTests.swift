import MiniHost
import TestHost
import Testing

/// A page's request is taken back with the task that waits for its reply, as the page could do it.
@Suite struct CancelledRequestTests {
  @Test("A page's request whose prompt is on screen: the prompt goes, and the reply says so")
  func prompt() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let task = Task { try await page.requestCode(["openid"]) }
      let view = try await phone.screen.presented.next()
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try await phone.screen.dismissed.next() == view.id)
      #expect(throws: AnswerError.notWaiting) { try phone.host.answer(view, with: view.allow()) }
      #expect(try phone.host.pendingPrompts().isEmpty)
    }
  }

  @Test("A page's request whose code is on its way: its request ends, and no code is handed over")
  func code() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let http = Forwarding()
    let network = try Network.own(http)
    let screen = Screen {
      http.holds.value = true
      return $0.allow()
    }
    try await sample.withPhone(screen: screen, bring: { $0.network = network }) { phone in
      let page = try await Page.ready(phone, program)
      let task = Task { try await page.requestCode(["openid"]) }
      let path = try await http.held.next()
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try await http.abandoned.next() == path)
    }
  }

  @Test("A page's request that was cancelled before it is sent asks the user nothing")
  func unsent() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let page = try await Page.ready(phone, program)
      let task = Task {
        await untilCancelled()
        return try await page.requestCode(["openid"])
      }
      task.cancel()
      #expect(try await task.value.reason == "aborted")
      #expect(try phone.host.pendingPrompts().isEmpty)
    }
  }
}
