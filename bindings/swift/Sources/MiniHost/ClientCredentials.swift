import Foundation
internal import MiniHostFFI

/// How a host proves to the authorization server that it is the client it says it is. Secrets go in and
/// never come out. For one host at a time.
public final class ClientCredentials: Sendable {
  let native: MiniHostFFI.ClientCredentials
  let signer: SignerFacade?

  private init(_ native: MiniHostFFI.ClientCredentials, signer: SignerFacade? = nil) {
    self.native = native
    self.signer = signer
  }

  /// A client secret. Throws ``StartError/configuration(detail:)`` for a static secret in a phone app that
  /// is built for release.
  public static func secret(
    _ secret: String, known: SecretKnown, sent: SecretSent = .basic
  ) throws(StartError) -> ClientCredentials {
    try translated(StartError.self) {
      ClientCredentials(try .secret(secret: secret, known: known.native, sent: sent.native))
    }
  }

  /// A private key in the memory of the process (`private_key_jwt`): PKCS #8 in PEM, Ed25519 or P-256.
  /// Without `keyID` the key's thumbprint (RFC 7638) names it.
  public static func privateKey(
    pem: String, keyID: String? = nil, audience: AssertionAudience = .issuer
  ) throws(StartError) -> ClientCredentials {
    try translated(StartError.self) {
      ClientCredentials(try .privateKey(pem: pem, keyId: keyID, audience: audience.native))
    }
  }

  /// A P-256 key that stays in hardware (`private_key_jwt`). Without `keyID` the key's thumbprint
  /// (RFC 7638) names it.
  public static func hardwareKey(
    _ signer: any CredentialSigner, keyID: String? = nil, audience: AssertionAudience = .issuer
  ) throws(StartError) -> ClientCredentials {
    let facade = SignerFacade(signer)
    return try translated(StartError.self) {
      let native = try MiniHostFFI.ClientCredentials.hardwareKey(
        signer: facade, publicKey: signer.publicKey, keyId: keyID, audience: audience.native)
      return ClientCredentials(native, signer: facade)
    }
  }

  /// None: a public client, which proves nothing.
  public static func publicClient() throws(StartError) -> ClientCredentials {
    try translated(StartError.self) { ClientCredentials(try .publicClient()) }
  }

  /// The host's own backend holds them; this app is a public client. ``CodeRequests/relay(base:)`` belongs with
  /// them: a host that asks at the challenge endpoint itself does not start.
  public static func relay() throws(StartError) -> ClientCredentials {
    try translated(StartError.self) { ClientCredentials(try .relay()) }
  }

  /// What the authorization server may conclude from them.
  public func assurance() throws(StartError) -> Assurance {
    try translated(StartError.self) { Assurance(try native.assurance()) }
  }
}

/// Who knows a client secret.
public enum SecretKnown: Sendable, Hashable {
  /// This host, which runs where nobody takes it apart. Refused in a phone app that is built for release.
  case toThisHostAlone
  /// This installation of the app: it was given out at run time, to nobody else.
  case toThisInstallationAlone
  /// Everybody who has the app, in which it ships (RFC 8252 §8.5): it is no secret.
  case toEverybodyWhoHasTheApp

  fileprivate var native: MiniHostFFI.SecretKnown {
    switch self {
    case .toThisHostAlone: .toThisHostAlone
    case .toThisInstallationAlone: .toThisInstallationAlone
    case .toEverybodyWhoHasTheApp: .toEverybodyWhoHasTheApp
    }
  }
}

/// How a client secret is sent.
public enum SecretSent: Sendable, Hashable {
  /// `client_secret_basic`, form-encoded (RFC 6749 §2.3.1).
  case basic
  /// `client_secret_basic` as it is, for servers that do not decode it.
  case basicVerbatim
  /// `client_secret_post`.
  case post

  fileprivate var native: MiniHostFFI.SecretSent {
    switch self {
    case .basic: .basic
    case .basicVerbatim: .basicVerbatim
    case .post: .post
    }
  }
}

/// Whom signed assertions are made out to.
public enum AssertionAudience: Sendable, Hashable {
  /// The server's issuer identifier.
  case issuer
  /// The endpoint that an assertion is sent to, for servers that know nothing else.
  case endpoint

  fileprivate var native: MiniHostFFI.AssertionAudience {
    switch self {
    case .issuer: .issuer
    case .endpoint: .endpoint
    }
  }
}

/// What the authorization server may conclude from the host's credentials, the least first.
public enum Assurance: Sendable, Hashable, CaseIterable {
  /// Nothing: anybody can say that they are this client.
  case publicClient
  /// Nothing either, once the app is out.
  case staticSecret
  /// That it is this installation, as long as nobody reads its secret.
  case installationSecret
  /// That it is who holds the key, as long as nobody reads the memory of the process.
  case processKey
  /// That it is this device.
  case hardwareKey
  /// That it is the host's own backend.
  case relayed

  fileprivate init(_ assurance: MiniHostFFI.Assurance) {
    self =
      switch assurance {
      case .public: .publicClient
      case .staticSecret: .staticSecret
      case .installationSecret: .installationSecret
      case .processKey: .processKey
      case .hardwareKey: .hardwareKey
      case .relayed: .relayed
      }
  }
}
