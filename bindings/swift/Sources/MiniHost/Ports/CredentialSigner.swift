import Foundation

/// Signs with a key that it never gives away, such as one of the Secure Enclave.
public protocol CredentialSigner: AnyObject, Sendable {
  /// The P-256 public key: the uncompressed point that `SecKeyCopyExternalRepresentation` gives, or a
  /// SubjectPublicKeyInfo in DER. Asked once.
  var publicKey: Data { get }

  /// Signs these bytes, ECDSA with P-256 over their SHA-256, and gives 64 bytes, or DER as
  /// `SecKeyCreateSignature` gives it. The task is cancelled once nobody waits for it any more. Throw
  /// ``NotSigned``; any other error counts as ``NotSigned/unavailable``.
  func sign(_ message: Data) async throws -> Data
}

/// Why nothing was signed.
public enum NotSigned: Error, Sendable, Hashable, CaseIterable {
  /// The key is there and cannot be used now.
  case unavailable
  /// The user was asked to agree and did not.
  case cancelled
  /// The key is gone.
  case keyLost
}
