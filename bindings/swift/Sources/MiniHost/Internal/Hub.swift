internal import MiniHostFFI

/// What the SDK's threads and the host app's tasks have in common: who waits for what. It holds the host
/// app's objects until the host is shut down, and never the other way round.
final class Hub: Sendable {
  private typealias Work = @Sendable (MiniHostFFI.MiniHost) async -> Void

  private struct State {
    weak var native: MiniHostFFI.MiniHost?
    /// What is asked while the host starts, until there is somebody to answer; `nil` from then on.
    var early: [(asked: Asked, work: Work)]? = []
    var sessions: [UInt64: Weak<MiniProgramSession>] = [:]
    var asked: [Asked: Task<Void, Never>] = [:]
  }

  /// Something that the host app was asked.
  enum Asked: Hashable {
    case consent(UInt64)
    case signIn(UInt64)
    case visit(UInt64)
    case settings(UInt64)
    case call(UInt64)
    case signature(UInt64)
    case code(UInt64)
    case http(UInt64)
    case token(UInt64)
  }

  private struct Weak<Object: AnyObject> {
    weak var object: Object?
  }

  let audit = Broadcast<AuditEntry>()
  let events = Broadcast<HostEvent>()
  private let state = Locked(State())

  var native: MiniHostFFI.MiniHost? {
    state.with { $0.native }
  }

  func started(_ native: MiniHostFFI.MiniHost) {
    state.with { state in
      state.native = native
      let early = state.early ?? []
      state.early = nil
      for (asked, work) in early { begin(asked, native, work, &state) }
    }
  }

  func opened(_ session: MiniProgramSession, as number: UInt64) {
    state.with { $0.sessions[number] = Weak(object: session) }
  }

  func closed(_ number: UInt64) {
    state.with { _ = $0.sessions.removeValue(forKey: number) }
  }

  func session(_ number: UInt64) -> MiniProgramSession? {
    state.with { $0.sessions[number]?.object }
  }

  /// Runs what answers a question, until it is answered or given up; once the host has started, where it has not.
  func ask(_ asked: Asked, _ work: @escaping @Sendable (MiniHostFFI.MiniHost) async -> Void) {
    state.with { state in
      if let native = state.native {
        begin(asked, native, work, &state)
      } else {
        state.early?.append((asked, work))
      }
    }
  }

  private func begin(
    _ asked: Asked, _ native: MiniHostFFI.MiniHost, _ work: @escaping Work, _ state: inout State
  ) {
    let task = Task { [weak self, weak native] in
      if let native { await work(native) }
      self?.state.with { _ = $0.asked.removeValue(forKey: asked) }
    }
    // The task cannot have ended yet: it would wait for the lock that is held here.
    state.asked[asked] = task
  }

  /// Nobody waits for the answer any more.
  func giveUp(_ asked: Asked) {
    let task = state.with { state in
      state.early?.removeAll { $0.asked == asked }
      return state.asked.removeValue(forKey: asked)
    }
    task?.cancel()
  }

  /// The host is no more.
  func end() {
    let (sessions, asked) = state.with { state in
      defer {
        state.sessions = [:]
        state.asked = [:]
        state.native = nil
        state.early = nil
      }
      return (state.sessions.values.compactMap(\.object), Array(state.asked.values))
    }
    for task in asked { task.cancel() }
    for session in sessions { session.hostEnded() }
    audit.end()
    events.end()
  }
}
