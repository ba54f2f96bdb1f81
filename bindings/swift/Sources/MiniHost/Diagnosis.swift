import Foundation
internal import MiniHostFFI

/// One thing that a host needs and does not have in its own hands, and how it is.
public struct Finding: Sendable, Hashable {
  /// What was looked at.
  public let check: Check
  /// Which of several: a mini-program's client id.
  public let of: String?
  /// How it is.
  public let verdict: Verdict
  /// What was seen, in one sentence for developers. Holds no secret.
  public let saw: String
  /// What to do about it; always there where it is bad.
  public let cure: String?

  /// What can be looked at.
  public enum Check: Sendable, Hashable, CaseIterable {
    /// The way to the server, and whether it is the one that was meant.
    case tls
    /// What the server says about itself.
    case metadata
    /// The device's clock beside the server's.
    case clock
    /// The host's client authentication.
    case hostCredentials
    /// The host's own redirect URI, for its user's sign-in.
    case redirectURI
    /// A mini-program's client id and redirect URI.
    case miniProgram
    /// The secret store.
    case secretStore
    /// The host in this process.
    case host
  }

  /// How it is.
  public enum Verdict: Sendable, Hashable, CaseIterable {
    /// It works.
    case good
    /// It does not.
    case bad
    /// It was not looked at, or nothing could be seen.
    case unknown
  }
}

/// A mini-program whose registration is to be looked at, as its manifest names it.
public struct RegisteredProgram: Sendable, Hashable {
  /// Its client id.
  public var clientID: String
  /// One of its redirect URIs.
  public var redirectURI: String

  public init(clientID: String, redirectURI: String) {
    self.clientID = clientID
    self.redirectURI = redirectURI
  }
}

extension RegisteredProgram {
  var native: MiniHostFFI.RegisteredProgram {
    MiniHostFFI.RegisteredProgram(clientId: clientID, redirectUri: redirectURI)
  }
}

extension Finding {
  init(_ finding: MiniHostFFI.Finding) {
    check = Check(finding.check)
    of = finding.of
    verdict = Verdict(finding.verdict)
    saw = finding.saw
    cure = finding.cure
  }
}

extension Finding.Check {
  fileprivate init(_ check: MiniHostFFI.Check) {
    self =
      switch check {
      case .tls: .tls
      case .metadata: .metadata
      case .clock: .clock
      case .hostCredentials: .hostCredentials
      case .redirectUri: .redirectURI
      case .miniProgram: .miniProgram
      case .secretStore: .secretStore
      case .host: .host
      }
  }
}

extension Finding.Verdict {
  fileprivate init(_ verdict: MiniHostFFI.Verdict) {
    self =
      switch verdict {
      case .good: .good
      case .bad: .bad
      case .unknown: .unknown
      }
  }
}
