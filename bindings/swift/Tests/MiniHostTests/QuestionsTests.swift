import TestHost
import Testing

@testable import MiniHost

private final class Asker: Sendable {
  let answers = Heard<String>("an answer")
}

/// What is asked of the host app, and when.
@Suite struct QuestionsTests {
  @Test("What is asked before there is anybody to answer waits for them, and what was given up does not")
  func early() async throws {
    let (questions, asker) = (Questions<String, Asker>(), Asker())
    for name in ["first", "given up"] { questions.ask(name) { $0.answers.add(name) } }
    questions.giveUp("given up")
    #expect(questions.asker == nil)
    questions.begin(for: asker)
    questions.ask("later") { $0.answers.add("later") }
    let heard = [try await asker.answers.next(), try await asker.answers.next()]
    #expect(Set(heard) == ["first", "later"] && asker.answers.rest.isEmpty)
  }

  @Test("A question that is given up has its task cancelled, and so has each that is open at the end")
  func givenUp() async throws {
    let (questions, asker) = (Questions<String, Asker>(), Asker())
    questions.begin(for: asker)
    for name in ["one", "two"] {
      questions.ask(name) { asker in
        asker.answers.add("\(name) asked")
        await untilCancelled()
        asker.answers.add("\(name) over")
      }
    }
    _ = (try await asker.answers.next(), try await asker.answers.next())
    questions.giveUp("one")
    #expect(try await asker.answers.next() == "one over")
    questions.end()
    #expect(try await asker.answers.next() == "two over")
    questions.ask("three") { $0.answers.add("three") }
    questions.begin(for: asker)
    #expect(questions.asker == nil && asker.answers.rest.isEmpty)
  }

  @Test("A host that does not start keeps nothing for what outlasts it")
  func notStarted() async throws {
    let network = try Network.own(Offline())
    let sample = try await SampleHost.shared()
    await #expect(throws: StartError.self) {
      try await Phone(sample, configure: { $0.remember = [] }, bring: { $0.network = network })
    }
    let hub = try #require(network.own?.hub.with { $0 })
    weak var asked: Asker?
    do {
      let asker = Asker()
      asked = asker
      hub.ask(.http(1)) { _ in asker.answers.add("asked") }
    }
    #expect(asked == nil)
  }
}

private final class Offline: HttpTransport {
  func send(_ request: HttpRequest) async throws -> HttpResponse { throw HttpFailure.notSent }
}
