internal import MiniHostFFI

/// What the SDK's threads and the host app's tasks have in common: who waits for what. It holds the host
/// app's objects until the host is shut down, and never the other way round.
final class Hub: Sendable {
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
  private let questions = Questions<Asked, MiniHostFFI.MiniHost>()
  private let sessions = Locked<[UInt64: Weak<MiniProgramSession>]>([:])

  var native: MiniHostFFI.MiniHost? { questions.asker }

  func started(_ native: MiniHostFFI.MiniHost) {
    questions.begin(for: native)
  }

  func opened(_ session: MiniProgramSession, as number: UInt64) {
    sessions.with { $0[number] = Weak(object: session) }
  }

  func closed(_ number: UInt64) {
    sessions.with { _ = $0.removeValue(forKey: number) }
  }

  func session(_ number: UInt64) -> MiniProgramSession? {
    sessions.with { $0[number]?.object }
  }

  /// Runs what answers a question, until it is answered or given up; once the host has started, where it has not.
  func ask(_ asked: Asked, _ work: @escaping @Sendable (MiniHostFFI.MiniHost) async -> Void) {
    questions.ask(asked, work)
  }

  /// Nobody waits for the answer any more.
  func giveUp(_ asked: Asked) {
    questions.giveUp(asked)
  }

  /// The host is no more.
  func end() {
    questions.end()
    let open = sessions.with { sessions in
      defer { sessions = [:] }
      return sessions.values.compactMap(\.object)
    }
    for session in open { session.hostEnded() }
    audit.end()
    events.end()
  }
}
