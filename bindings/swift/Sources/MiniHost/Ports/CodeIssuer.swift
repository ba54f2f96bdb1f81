import Foundation
internal import MiniHostFFI

/// Asks for codes in a way of the host app's own, in place of the configured one.
///
/// An implementation sends the token of exactly this user, follows no redirect that leaves the server,
/// repeats nothing once bytes were sent, and checks that the answer is for the client that was named. Its
/// tasks are cancelled once nobody waits for them any more.
public protocol CodeIssuer: AnyObject, Sendable {
  /// Asks for a code. Throw ``CodeRefused``; for any other error the page hears `internal`.
  func issue(_ wanted: WantedCode) async throws -> IssuedCode

  /// Ends a grant at the server, with its codes and tokens, within so many seconds. An error counts as
  /// ``GrantEnded/notYet``.
  func endGrant(_ grantID: String, timeAllowed: TimeInterval) async throws -> GrantEnded
}

/// A code that a mini-program asks for, and that the user has agreed to.
public struct WantedCode: Sendable, Hashable {
  /// For the host's log.
  public let correlation: String
  /// Whose token goes with the request; a token of another user or epoch must not.
  public let user: User
  /// The client that will redeem the code.
  public let clientID: String
  /// Where it will.
  public let redirectURI: String
  /// What the user agreed to.
  public let scopes: [String]
  /// The S256 challenge (RFC 7636 §4.2).
  public let codeChallenge: String
  /// For an ID token.
  public let nonce: String?
  /// The resource (RFC 8707).
  public let audience: String?
  /// Passed on.
  public let acrValues: [String]
  /// Passed on; seconds.
  public let maxAge: UInt64?
  /// The evidence of the user's consent, a JSON object, for servers that want it.
  public let consent: String
  /// Seconds that the exchange may take in all; after that nobody waits for it.
  public let timeAllowed: TimeInterval
}

/// The server's answer. A class, since a value's description shows all.
public final class IssuedCode: Sendable {
  let code: String
  let facts: MiniHostFFI.CodeFacts

  /// `clientID` is the client that can redeem the code, as the server says: a code for another one is
  /// dropped. `scopes` is what it stands for, `nil` where the server says: as asked. `issuer` is where it comes
  /// from, where that was verified, `expiresIn` how many seconds it lives, and `grantID` the server's name for
  /// the grant behind it.
  public init(
    _ code: String, clientID: String, scopes: [String]? = nil, issuer: String? = nil,
    expiresIn: UInt64? = nil, grantID: String? = nil
  ) {
    self.code = code
    facts = MiniHostFFI.CodeFacts(
      clientId: clientID, scopes: scopes, issuer: issuer, expiresIn: expiresIn, grantId: grantID)
  }
}

/// There is no code.
public struct CodeRefused: Error, Sendable, Hashable {
  /// One of the bridge's reasons, such as `denied_by_server`; for any other text the page hears `internal`.
  public let reason: String
  /// Seconds after which the page may try again.
  public let retryAfter: UInt64?

  public init(reason: String, retryAfter: UInt64? = nil) {
    self.reason = reason
    self.retryAfter = retryAfter
  }
}

/// What came of the end of a grant at the server.
public enum GrantEnded: Sendable, Hashable, CaseIterable {
  /// The server has ended its codes and tokens.
  case ended
  /// The server has no way to be told.
  case localOnly
  /// It could not be told now, and is told later.
  case notYet
}

final class IssuerFacade: MiniHostFFI.CodeIssuer {
  private let port: any CodeIssuer
  private let hub: Hub

  init(_ port: any CodeIssuer, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func issue(request: MiniHostFFI.WantedCode) throws {
    let (ticket, wanted) = (request.ticket, WantedCode(request))
    hub.ask(.code(ticket)) { [port] native in
      do {
        let issued = try await port.issue(wanted)
        try native.codeIssued(ticket: ticket, code: issued.code, facts: issued.facts)
      } catch let refused as CodeRefused {
        let told: Void? = try? native.codeRefused(
          ticket: ticket, reason: refused.reason, retryAfter: refused.retryAfter)
        if told == nil { Self.failed(ticket, native) }
      } catch {
        Self.failed(ticket, native)
      }
    }
  }

  func endGrant(ticket: UInt64, grantId: String, timeAllowedMs: UInt64) throws {
    hub.ask(.code(ticket)) { [port] native in
      let timeAllowed = TimeInterval(milliseconds: timeAllowedMs)
      let ended = (try? await port.endGrant(grantId, timeAllowed: timeAllowed)) ?? .notYet
      try? native.grantEnded(ticket: ticket, ended: ended.native)
    }
  }

  func abandon(ticket: UInt64) throws {
    hub.giveUp(.code(ticket))
  }

  private static func failed(_ ticket: UInt64, _ native: MiniHostFFI.MiniHost) {
    try? native.codeRefused(ticket: ticket, reason: "internal", retryAfter: nil)
  }
}

extension WantedCode {
  fileprivate init(_ wanted: MiniHostFFI.WantedCode) {
    correlation = wanted.correlation
    user = User(wanted.user)
    clientID = wanted.clientId
    redirectURI = wanted.redirectUri
    scopes = wanted.scopes
    codeChallenge = wanted.codeChallenge
    nonce = wanted.nonce
    audience = wanted.audience
    acrValues = wanted.acrValues
    maxAge = wanted.maxAge
    consent = wanted.consent
    timeAllowed = TimeInterval(milliseconds: wanted.timeAllowedMs)
  }
}

extension GrantEnded {
  fileprivate var native: MiniHostFFI.GrantEnded {
    switch self {
    case .ended: .ended
    case .localOnly: .localOnly
    case .notYet: .notYet
    }
  }
}
