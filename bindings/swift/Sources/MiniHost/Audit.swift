import Foundation
internal import MiniHostFFI

/// Something that a mini-program asked, or that the user did to its grants, and how it ended. There is no
/// member that a code or token fits in.
public struct AuditEntry: Sendable, Hashable {
  /// When it ended.
  public let at: Date
  /// The same as in the page's error and the host's log.
  public let correlation: String
  /// Who asked: the manifest's `id`.
  public let miniProgram: String
  /// Whose account, where somebody was signed in. Stable, never shown.
  public let user: String?
  /// What it was.
  public let action: Action
  /// What was asked for, or taken back; empty where the request could not be read.
  public let asked: [String]
  /// What the user saw, where a prompt was shown.
  public let digest: String?
  /// What the user answered, where an answer came.
  public let choice: UserChoice?
  /// How it ended.
  public let outcome: Outcome
  /// Seconds from the request to its end.
  public let took: TimeInterval
  /// How many of them went by until the user had answered, where a prompt was answered.
  public let waitedForUser: TimeInterval?
  /// How many of them the authorization server took, where it was asked.
  public let waitedForServer: TimeInterval?

  /// What was asked or done.
  public enum Action: Sendable, Hashable {
    /// The program asked for a code.
    case requestCode
    /// The program took grants back.
    case revokeByProgram
    /// The user took grants back, in the host.
    case revokeByUser
    /// The program called a method of the host's own.
    case callMethod(String)
  }

  /// What the user answered to a prompt.
  public enum UserChoice: Sendable, Hashable {
    /// Yes to these scopes.
    case allowed(scopes: [String], remember: Remember)
    /// No.
    case denied
    /// The prompt was closed without an answer.
    case dismissed
  }

  /// How it ended.
  public enum Outcome: Sendable, Hashable {
    /// A code was delivered, for these scopes.
    case delivered(scopes: [String], mode: ConsentMode)
    /// Grants have ended, and perhaps the authorization server's codes and tokens too.
    case revoked(atServer: Bool)
    /// A method of the host's own gave its result.
    case answered
    /// The page was told why not, by this stable reason.
    case refused(reason: String)
    /// The document was gone; nothing was delivered.
    case documentGone
  }

  /// How the user agreed to a code request.
  public enum ConsentMode: Sendable, Hashable {
    /// By answering a prompt.
    case prompt
    /// By an earlier answer that is remembered.
    case remembered
    /// Not at all: the host lets programs recognise its user without asking.
    case silent
  }
}

extension AuditEntry {
  init(_ event: MiniHostFFI.AuditEvent) {
    at = Date(unixMilliseconds: event.atUnixMs)
    correlation = event.correlation
    miniProgram = event.miniProgram
    user = event.user
    action = Action(event.action)
    asked = event.asked
    digest = event.digest
    choice = event.choice.map(UserChoice.init)
    outcome = Outcome(event.outcome)
    took = TimeInterval(milliseconds: event.tookMs)
    waitedForUser = event.waitedForUserMs.map(TimeInterval.init(milliseconds:))
    waitedForServer = event.waitedForServerMs.map(TimeInterval.init(milliseconds:))
  }
}

extension TimeInterval {
  init(milliseconds: UInt64) {
    self = TimeInterval(milliseconds) / 1000
  }

  /// In whole milliseconds; what is no such time is the next one that is.
  var milliseconds: UInt64 {
    UInt64(exactly: (self * 1000).rounded()) ?? (self > 0 ? .max : 0)
  }
}

extension AuditEntry.Action {
  fileprivate init(_ action: MiniHostFFI.Action) {
    self =
      switch action {
      case .requestCode: .requestCode
      case .revokeByProgram: .revokeByProgram
      case .revokeByUser: .revokeByUser
      case .callMethod(let method): .callMethod(method)
      }
  }
}

extension AuditEntry.UserChoice {
  fileprivate init(_ choice: MiniHostFFI.UserChoice) {
    self =
      switch choice {
      case .allowed(let scopes, let remember): .allowed(scopes: scopes, remember: Remember(remember))
      case .denied: .denied
      case .dismissed: .dismissed
      }
  }
}

extension AuditEntry.Outcome {
  fileprivate init(_ outcome: MiniHostFFI.Outcome) {
    self =
      switch outcome {
      case .delivered(let scopes, .prompt): .delivered(scopes: scopes, mode: .prompt)
      case .delivered(let scopes, .remembered): .delivered(scopes: scopes, mode: .remembered)
      case .delivered(let scopes, .silent): .delivered(scopes: scopes, mode: .silent)
      case .revoked(let atServer): .revoked(atServer: atServer)
      case .answered: .answered
      case .refused(let reason): .refused(reason: reason)
      case .documentGone: .documentGone
      }
  }
}
