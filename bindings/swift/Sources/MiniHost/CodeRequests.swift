import Foundation
internal import MiniHostFFI

/// How the host asks the authorization server for codes, and what that server is like.
public enum CodeRequests: Sendable, Hashable {
  /// At its authorization challenge endpoint.
  case challenge(ChallengeSettings = ChallengeSettings())
  /// At its ordinary authorization endpoint, without a browser. `settings` is a JSON object with the members
  /// of `[authorize]` in `tests/interop/README.md`. Not for secrets.
  case authorize(settings: String = "{}")
  /// At the host's own backend, which holds the host's credentials: the way for phones. `base` is its
  /// address, without `/v1`.
  case relay(base: String)
}

/// What a server with an authorization challenge endpoint is like.
public struct ChallengeSettings: Sendable, Hashable {
  /// The endpoint, where the metadata does not say that it issues codes to hosts.
  public var endpoint: String?
  /// Parameters of the profile that the server knows by other names.
  public var rename: [String: String]
  /// Parameters that go with every request, with their values. Not for secrets.
  public var add: [String: String]
  /// Parameters of the profile that the server does not take.
  public var leaveOut: [String]

  public init(
    endpoint: String? = nil, rename: [String: String] = [:], add: [String: String] = [:],
    leaveOut: [String] = []
  ) {
    self.endpoint = endpoint
    self.rename = rename
    self.add = add
    self.leaveOut = leaveOut
  }
}

extension CodeRequests {
  var native: MiniHostFFI.CodeRequests {
    switch self {
    case .challenge(let settings):
      .challenge(
        settings: MiniHostFFI.ChallengeSettings(
          endpoint: settings.endpoint, rename: settings.rename, add: settings.add,
          leaveOut: settings.leaveOut))
    case .authorize(let settings): .authorize(settings: settings)
    case .relay(let base): .relay(base: base)
    }
  }
}
