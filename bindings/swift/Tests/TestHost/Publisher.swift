import Foundation
import MiniHost

/// A publisher, with a key of its own.
public struct Publisher: Sendable {
  /// What hosts pin.
  public let key: TrustedKey
  private let secret: Es256.Key

  public init(_ id: String, key secret: Es256.Key = .first) {
    self.secret = secret
    key = TrustedKey(
      publisher: id,
      jwk: Json.object([
        "kty": "EC", "crv": "P-256", "kid": .text("\(secret)"),
        "x": .text(Self.base64(secret.publicKey[1..<33])),
        "y": .text(Self.base64(secret.publicKey[33...])),
      ]).encoded)
  }

  /// The manifest as a compact JWS (RFC 7515 §7.1).
  public func sign(_ manifest: String) -> String {
    let header = #"{"alg":"ES256","kid":"\#(secret)","typ":"minihost-manifest+jws"}"#
    let message = "\(Self.base64(Data(header.utf8))).\(Self.base64(Data(manifest.utf8)))"
    return "\(message).\(Self.base64(secret.sign(Data(message.utf8))))"
  }

  private static func base64(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}
