/// Tells everybody who listens, each from when they began to.
final class Broadcast<Element: Sendable>: Sendable {
  private struct State {
    var next = 0
    var ended = false
    var listeners: [Int: AsyncStream<Element>.Continuation] = [:]
  }

  private let state = Locked(State())

  /// What is told from now on. Nothing is lost that a slow listener has not taken yet.
  func listen() -> AsyncStream<Element> {
    let (stream, continuation) = AsyncStream<Element>.makeStream()
    let number: Int? = state.with { state in
      if state.ended { return nil }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.with { _ = $0.listeners.removeValue(forKey: number) }
    }
    return stream
  }

  func tell(_ element: Element) {
    // In order of their coming: two threads that tell do not overtake one another within the lock, and a
    // stream's buffer calls nobody.
    state.with { state in
      for listener in state.listeners.values { listener.yield(element) }
    }
  }

  func end() {
    let listeners = state.with { state in
      state.ended = true
      defer { state.listeners = [:] }
      return state.listeners
    }
    for listener in listeners.values { listener.finish() }
  }

  deinit {
    end()
  }
}
