/// What somebody was asked and has not answered yet. Each question is answered by a task of its own, and what is
/// asked before there is anybody to hand the answers to waits until there is.
final class Questions<Name: Hashable & Sendable, Asker: AnyObject & Sendable>: Sendable {
  typealias Work = @Sendable (Asker) async -> Void

  private struct State {
    weak var asker: Asker?
    /// What came before the asker; `nil` from then on, or once nothing is asked any more.
    var early: [(name: Name, work: Work)]? = []
    var tasks: [Name: Task<Void, Never>] = [:]
  }

  private let state = Locked(State())

  /// Who gets the answers, until it is gone or ``end()`` is called.
  var asker: Asker? {
    state.with { $0.asker }
  }

  /// Begins with what has come before.
  func begin(for asker: Asker) {
    state.with { state in
      guard let early = state.early else { return }
      state.asker = asker
      state.early = nil
      for (name, work) in early { run(name, asker, work, &state) }
    }
  }

  /// Runs what answers a question, until it is answered or given up.
  func ask(_ name: Name, _ work: @escaping Work) {
    state.with { state in
      if let asker = state.asker {
        run(name, asker, work, &state)
      } else {
        state.early?.append((name, work))
      }
    }
  }

  /// Nobody waits for the answer any more.
  func giveUp(_ name: Name) {
    let task = state.with { state in
      state.early?.removeAll { $0.name == name }
      return state.tasks.removeValue(forKey: name)
    }
    task?.cancel()
  }

  /// Gives up everything, and is asked nothing more.
  func end() {
    let tasks = state.with { state in
      defer {
        state.tasks = [:]
        state.early = nil
        state.asker = nil
      }
      return Array(state.tasks.values)
    }
    for task in tasks { task.cancel() }
  }

  private func run(_ name: Name, _ asker: Asker, _ work: @escaping Work, _ state: inout State) {
    let task = Task { [weak self, weak asker] in
      if let asker { await work(asker) }
      self?.state.with { _ = $0.tasks.removeValue(forKey: name) }
    }
    // The task cannot have ended yet: it would wait for the lock that is held here.
    state.tasks[name] = task
  }
}
