import Foundation
import MiniHost

/// What is the matter with the secret store, as a tester wants it.
public enum StoreTrouble: String, Sendable, Equatable, CaseIterable {
  case none = "ok"
  /// As before the device is unlocked for the first time.
  case locked
  case failing
  /// Nothing is there any more.
  case lost
}

/// A secret store that a tester can lock, break and empty.
final class SteeredSecrets: SecretStore {
  private let store: any SecretStore
  private let trouble: StoreTrouble

  init(_ store: any SecretStore, _ trouble: StoreTrouble) {
    self.store = store
    self.trouble = trouble
  }

  func get(_ name: String) throws -> Data? {
    try check()
    return trouble == .lost ? nil : try store.get(name)
  }

  func put(_ name: String, _ secret: Data) throws {
    try check()
    try store.put(name, secret)
  }

  func remove(_ name: String) throws {
    try check()
    try store.remove(name)
  }

  private func check() throws {
    switch trouble {
    case .none, .lost: break
    case .locked: throw SecretError.locked
    case .failing: throw SecretError.unavailable
    }
  }
}
