/// The messages of one session whose answers are still to come. Each is answered once: by its reply, or
/// by nothing where it has none or its document is gone.
final class Replies: Sendable {
  typealias Answer = @Sendable (String?) -> Void

  private struct State {
    var last: UInt64 = 0
    var waiting: [UInt64: (document: UInt64, answer: Answer)] = [:]
  }

  private let state = Locked(State())

  /// A token for a message that is about to be sent.
  func expect(in document: UInt64, _ answer: @escaping Answer) -> UInt64 {
    state.with { state in
      state.last += 1
      state.waiting[state.last] = (document, answer)
      return state.last
    }
  }

  /// The message was not taken: nobody answers it.
  func forget(_ token: UInt64) {
    state.with { _ = $0.waiting.removeValue(forKey: token) }
  }

  /// Gives the answer, `nil` for none. Another answer has no effect.
  func settle(_ token: UInt64, with text: String?) {
    state.with { $0.waiting.removeValue(forKey: token) }?.answer(text)
  }

  /// Answers with nothing what documents sent that are gone: all but this one, or all.
  func end(allBut document: UInt64?) {
    let ended = state.with { state in
      let ended = state.waiting.filter { $0.value.document != document }
      for token in ended.keys { state.waiting[token] = nil }
      return ended
    }
    for (_, answer) in ended.values { answer(nil) }
  }
}
