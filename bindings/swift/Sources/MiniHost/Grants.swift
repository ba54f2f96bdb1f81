import Foundation
internal import MiniHostFFI

/// One scope that the user has granted.
public struct Grant: Sendable, Hashable {
  /// To which program: the manifest's `id`.
  public let miniProgram: String
  /// What.
  public let scope: String
  /// For which resource, where one was named.
  public let audience: String?
  /// When.
  public let grantedAt: Date
  /// When it ends by itself.
  public let expiresAt: Date?
  /// The program's release at that time.
  public let manifestVersion: String
}

/// One scope that the user had granted and that is no more.
public struct PastGrant: Sendable, Hashable {
  /// What it was.
  public let grant: Grant
  /// When it ended.
  public let endedAt: Date
  /// How.
  public let endedBy: End
  /// What the authorization server was told of it.
  public let server: ServerTold

  /// How a grant ended.
  public enum End: Sendable, Hashable {
    /// Its time was up.
    case expired
    /// The user or the program took it back.
    case revoked
    /// The user answered otherwise when they were asked again.
    case answered
    /// The user signed out of a host that forgets then.
    case signedOut
    /// It was for one code and no more.
    case once
  }
}

/// What came of taking grants back.
public struct Revoked: Sendable, Hashable {
  /// What was granted and is no more.
  public let scopes: [String]
  /// Whether that survives the end of the process; if not yet, it is tried again.
  public let stored: Bool
  /// What the authorization server was told.
  public let server: ServerTold
}

/// What the authorization server was told of the end of grants.
public enum ServerTold: Sendable, Hashable {
  /// Nothing: it does not know the grants by a name, or others rest on the same.
  case nothing
  /// It could not be reached, and is told again.
  case later
  /// Its codes and tokens have ended.
  case ended
  /// It has no way to be told: say so to the user.
  case localOnly
}

extension Date {
  init(unixMilliseconds: Int64) {
    self.init(timeIntervalSince1970: TimeInterval(unixMilliseconds) / 1000)
  }
}

extension Grant {
  init(_ grant: MiniHostFFI.Grant) {
    miniProgram = grant.miniProgram
    scope = grant.scope
    audience = grant.audience
    grantedAt = Date(unixMilliseconds: grant.grantedAtUnixMs)
    expiresAt = grant.expiresAtUnixMs.map(Date.init(unixMilliseconds:))
    manifestVersion = grant.manifestVersion
  }
}

extension PastGrant {
  init(_ past: MiniHostFFI.PastGrant) {
    grant = Grant(past.grant)
    endedAt = Date(unixMilliseconds: past.endedAtUnixMs)
    endedBy =
      switch past.by {
      case .expired: .expired
      case .revoked: .revoked
      case .answered: .answered
      case .signedOut: .signedOut
      case .once: .once
      }
    server = ServerTold(past.server)
  }
}

extension Revoked {
  init(_ revoked: MiniHostFFI.Revoked) {
    scopes = revoked.scopes
    stored = revoked.stored
    server = ServerTold(revoked.server)
  }
}

extension ServerTold {
  fileprivate init(_ told: MiniHostFFI.ServerTold) {
    self =
      switch told {
      case .nothing: .nothing
      case .later: .later
      case .ended: .ended
      case .localOnly: .localOnly
      }
  }
}
