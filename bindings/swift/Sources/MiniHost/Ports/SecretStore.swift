import Foundation
internal import MiniHostFFI

/// Keeps small secrets where other apps cannot read them: the tokens of the user, and the key of the
/// remembered grants. Called one after the other, on a thread of the SDK, and may take its time.
public protocol SecretStore: AnyObject, Sendable {
  /// Reads a secret; `nil` where there is none of that name. Throw ``SecretError``.
  func get(_ name: String) throws -> Data?
  /// Writes a secret, in place of one of that name. Throw ``SecretError``.
  func put(_ name: String, _ secret: Data) throws
  /// Deletes a secret. One that is not there is no error. Throw ``SecretError``.
  func remove(_ name: String) throws
}

/// Why a secret store did not do what it was asked. Any other error counts as ``unavailable``.
public enum SecretError: Error, Sendable, Hashable {
  /// The secrets are there and cannot be read now, such as before the first unlock after a restart.
  case locked
  /// Something else.
  case unavailable
}

final class SecretsFacade: MiniHostFFI.SecretStore {
  private let port: any SecretStore

  init(_ port: any SecretStore) {
    self.port = port
  }

  func get(name: String) throws -> Data? {
    try translating { try port.get(name) }
  }

  func put(name: String, secret: Data) throws {
    try translating { try port.put(name, secret) }
  }

  func remove(name: String) throws {
    try translating { try port.remove(name) }
  }

  private func translating<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch SecretError.locked {
      throw MiniHostFFI.SecretError.Locked
    } catch {
      throw MiniHostFFI.SecretError.Unavailable
    }
  }
}
