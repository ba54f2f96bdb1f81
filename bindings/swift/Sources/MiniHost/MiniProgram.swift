import Foundation
internal import MiniHostFFI

/// A mini-program that was opened, as its manifest describes it.
public struct MiniProgram: Sendable, Hashable, Identifiable {
  /// Its name for machines: the manifest's `id`.
  public let id: String
  /// Which release it is.
  public let version: String
  /// Its name for people, in the language of the host.
  public let name: String
  /// Who publishes it, for people, in the language of the host.
  public let publisher: String
  /// Nobody vouches for it: show a banner.
  public let unsigned: Bool
  /// Where a container starts.
  public let startURL: String
  /// Where its documents may come from, in ASCII serialisation: a container gives the bridge to no other.
  public let origins: [String]
  /// A picture for people.
  public let icon: String?
  /// What the publisher says of its handling of data.
  public let privacyPolicyURL: String?
}

extension MiniProgram {
  init(_ opened: MiniHostFFI.OpenedProgram) {
    id = opened.id
    version = opened.version
    name = opened.name
    publisher = opened.publisher
    unsigned = opened.unsigned
    startURL = opened.startUrl
    origins = opened.origins
    icon = opened.icon
    privacyPolicyURL = opened.privacyPolicyUrl
  }
}

/// What describes a mini-program.
public enum Manifest: Sendable, Hashable {
  /// A JWS in compact serialisation, signed with one of the keys that this host pins.
  case signed(String, keys: [TrustedKey])
  /// A JSON text that nobody signed: only a host that is built for development opens it.
  case unsignedForDevelopment(String)
}

/// A publisher's public key, as a host pins it.
public struct TrustedKey: Sendable, Hashable {
  /// Whose it is: a manifest that names another publisher is refused.
  public let publisher: String
  /// The key as a JSON Web Key (RFC 7517), as `cargo xtask manifest keygen` writes it.
  public let jwk: String

  public init(publisher: String, jwk: String) {
    self.publisher = publisher
    self.jwk = jwk
  }
}

/// How a mini-program was opened; what the program learns of it is untrusted input to it.
public struct Launch: Sendable, Hashable {
  /// A path within the program.
  public var path: String?
  /// A query string without its question mark.
  public var query: String?
  /// Where the user came from.
  public var source: String?

  public init(path: String? = nil, query: String? = nil, source: String? = nil) {
    self.path = path
    self.query = query
    self.source = source
  }
}
