/// Tells everybody who listens, each from when they began to.
final class Broadcast<Element: Sendable>: Sendable {
  private struct Listener {
    let hear: @Sendable (Element) -> Void
    let end: @Sendable () -> Void
  }

  private struct State {
    var next = 0
    var ended = false
    var listeners: [Int: Listener] = [:]
  }

  private let state = Locked(State())

  /// What is told from now on. Nothing is lost that a slow listener has not taken yet.
  func listen() -> AsyncStream<Element> {
    let (stream, continuation) = AsyncStream<Element>.makeStream()
    let number = hear({ continuation.yield($0) }, end: { continuation.finish() })
    guard let number else { return stream }
    continuation.onTermination = { [weak self] _ in
      self?.state.with { _ = $0.listeners.removeValue(forKey: number) }
    }
    return stream
  }

  /// Has what is told from now on heard on the thread that tells it, in order. `hear` must call nobody and
  /// not wait. `nil` where it has ended already, and `end` was called.
  @discardableResult
  func hear(_ hear: @escaping @Sendable (Element) -> Void, end: @escaping @Sendable () -> Void = {}) -> Int? {
    let number: Int? = state.with { state in
      if state.ended { return nil }
      state.next += 1
      state.listeners[state.next] = Listener(hear: hear, end: end)
      return state.next
    }
    if number == nil { end() }
    return number
  }

  func tell(_ element: Element) {
    // In order of their coming: two threads that tell do not overtake one another within the lock, and a
    // stream's buffer calls nobody.
    state.with { state in
      for listener in state.listeners.values { listener.hear(element) }
    }
  }

  func end() {
    let listeners = state.with { state in
      state.ended = true
      defer { state.listeners = [:] }
      return state.listeners
    }
    for listener in listeners.values { listener.end() }
  }

  deinit {
    end()
  }
}
