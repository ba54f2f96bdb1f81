import Foundation
import MiniHost

/// Draws nothing and remembers everything.
@MainActor
public final class Screen: ConsentPrompt {
  public nonisolated let presented = Heard<ConsentView>("a prompt")
  public nonisolated let dismissed = Heard<UInt64>("the end of a prompt")
  /// What the user answers. Where there is nothing, the prompt stays until it is dismissed.
  public nonisolated let answers: @Sendable (ConsentView) async throws -> Choice?

  public nonisolated init(answers: @escaping @Sendable (ConsentView) async throws -> Choice? = { _ in nil }) {
    self.answers = answers
  }

  public func ask(_ view: ConsentView) async throws -> Choice {
    presented.add(view)
    if let choice = try await answers(view) { return choice }
    await untilCancelled()
    dismissed.add(view.id)
    return .dismiss
  }
}

/// Waits for as long as the task goes on.
public func untilCancelled() async {
  let (stream, continuation) = AsyncStream<Never>.makeStream()
  await withTaskCancellationHandler {
    for await _ in stream {}
  } onCancel: {
    continuation.finish()
  }
}

/// A host app with the SDK in it.
public final class Phone: Sendable {
  public let host: MiniHost
  public let screen: Screen
  public let audit: Entries

  public init(
    issuer: String, clientID: String, credentials: ClientCredentials, screen: Screen = Screen(),
    configure: (inout Configuration) -> Void = { _ in }, bring: (inout Delegates) -> Void = { _ in }
  ) async throws {
    var configuration = Configuration(
      issuer: issuer, clientID: clientID,
      host: HostInfo(name: "Harbour", version: "1.0.0", platform: "swift"), build: .development)
    configure(&configuration)
    let audit = Entries()
    var delegates = Delegates(credentials: credentials, consent: screen, audit: audit)
    bring(&delegates)
    self.screen = screen
    self.audit = audit
    host = try await MiniHost(configuration: configuration, delegates: delegates)
  }

  public convenience init(
    _ sample: SampleHost, screen: Screen = Screen(), configure: (inout Configuration) -> Void = { _ in },
    bring: (inout Delegates) -> Void = { _ in }
  ) async throws {
    try await self.init(
      issuer: sample.issuer, clientID: sample.host.id, credentials: sample.host.credentials(),
      screen: screen, configure: configure, bring: bring)
  }
}

/// Keeps what is to be written down.
public final class Entries: AuditSink {
  public let recorded = Heard<AuditEntry>("an audit entry")

  public func record(_ entry: AuditEntry) throws {
    recorded.add(entry)
  }
}

extension SampleHost {
  /// Runs a test on a phone whose user is signed in, or on one without a user, and shuts it down
  /// afterwards.
  public func withPhone<Result>(
    _ username: String? = "alice", screen: Screen = Screen(),
    configure: (inout Configuration) -> Void = { _ in }, bring: (inout Delegates) -> Void = { _ in },
    test: (Phone) async throws -> Result
  ) async throws -> Result {
    let phone = try await Phone(self, screen: screen, configure: configure, bring: bring)
    if let username { try await phone.host.signIn(username: username, password: password(of: username)) }
    let result = try await test(phone)
    await phone.host.shutdown()
    return result
  }
}

extension ConsentView {
  /// Yes to everything.
  public func allow(_ remember: Remember = .once) -> Choice {
    .allow(scopes: scopes.map(\.name), remember: remember)
  }
}
