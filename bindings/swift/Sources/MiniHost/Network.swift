import Foundation
internal import MiniHostFFI

/// How requests leave the machine: by the SDK's own HTTP and TLS, or by the host app's. For one host at a
/// time; a class, since the address of a proxy may hold a password.
public final class Network: Sendable {
  let native: MiniHostFFI.Network
  let own: TransportFacade?

  private init(_ native: MiniHostFFI.Network, own: TransportFacade? = nil) {
    self.native = native
    self.own = own
  }

  /// The SDK's own HTTP and TLS. Throws ``StartError/configuration(detail:)``.
  public static func sdk(
    _ settings: NetworkSettings = NetworkSettings(), proxy: Proxy = .environment
  ) throws(StartError) -> Network {
    try translated(StartError.self) {
      switch proxy {
      case .environment: Network(try .sdk(settings: settings.native))
      case .direct: Network(try .direct(settings: settings.native))
      case .at(let address): Network(try .throughProxy(settings: settings.native, proxy: address))
      }
    }
  }

  /// The host app's own. The SDK checks limits and refuses redirects above it.
  public static func own(_ transport: any HttpTransport) throws(StartError) -> Network {
    let facade = TransportFacade(transport)
    return try translated(StartError.self) { Network(try .own(transport: facade), own: facade) }
  }

  /// The way to servers outside this machine. The loopback interface is always reached straight.
  public enum Proxy: Sendable {
    /// What the environment names: `HTTPS_PROXY` and `NO_PROXY`.
    case environment
    /// None.
    case direct
    /// This one: an `http` or `https` address, with the user and the password that it wants in it.
    case at(String)
  }
}

/// Whom the SDK's own TLS believes, and how long it waits.
public struct NetworkSettings: Sendable, Hashable {
  /// Who may vouch for servers.
  public var roots: TrustedRoots
  /// The keys that servers may have, as `sha256/` and 44 characters of base64 (RFC 7469 §2.4); any key, where
  /// none is named. Name a second one that is kept out of use.
  public var pins: [String]
  /// Seconds for a connection, its TLS included; 5 where `nil`.
  public var connectTimeout: TimeInterval?
  /// Seconds from the beginning to the head of the answer; 10 where `nil`.
  public var firstByteTimeout: TimeInterval?

  public init(
    roots: TrustedRoots = .platform, pins: [String] = [], connectTimeout: TimeInterval? = nil,
    firstByteTimeout: TimeInterval? = nil
  ) {
    self.roots = roots
    self.pins = pins
    self.connectTimeout = connectTimeout
    self.firstByteTimeout = firstByteTimeout
  }
}

/// Who may vouch for servers.
public enum TrustedRoots: Sendable, Hashable {
  /// The platform's root certificates.
  case platform
  /// These beside the platform's: one or more certificates (RFC 7468 §5).
  case platformAnd(pem: String)
  /// These and no others.
  case only(pem: String)
}

extension NetworkSettings {
  fileprivate var native: MiniHostFFI.NetworkSettings {
    let roots: MiniHostFFI.TrustedRoots =
      switch roots {
      case .platform: .platform
      case .platformAnd(let pem): .platformAnd(pem: pem)
      case .only(let pem): .only(pem: pem)
      }
    return MiniHostFFI.NetworkSettings(
      roots: roots, pins: pins, connectMs: connectTimeout?.milliseconds,
      firstByteMs: firstByteTimeout?.milliseconds)
  }
}
