import Foundation
internal import MiniHostFFI

/// Keeps one document that holds all remembered grants. The SDK authenticates it: what was changed is not
/// trusted. Called one after the other, on a thread of the SDK, and may take its time.
public protocol GrantStore: AnyObject, Sendable {
  /// The document that was saved last; `nil` where nothing was. With an error the host does not start.
  func load() throws -> Data?
  /// Writes it in place of the one before, so that it survives a crash whole. With an error nothing new is
  /// remembered.
  func save(_ document: Data) throws
  /// Puts the document elsewhere that was loaded and is not trusted, for somebody to look at. With an error
  /// the host does not start.
  func setAside() throws
}

/// Where remembered grants lie.
public enum GrantsAt: Sendable {
  /// In memory: users are asked anew after every start.
  case memory
  /// In this file, which the SDK makes and replaces as a whole, in a directory that is there.
  case file(URL)
  /// Where the host app says.
  case own(any GrantStore)
}

extension GrantsAt {
  var native: MiniHostFFI.GrantsAt {
    switch self {
    case .memory: .memory
    case .file(let url): .file(path: url.path)
    case .own(let store): .own(store: GrantsFacade(store))
    }
  }
}

private final class GrantsFacade: MiniHostFFI.GrantStore {
  private let port: any GrantStore

  init(_ port: any GrantStore) {
    self.port = port
  }

  func load() throws -> Data? {
    try failing { try port.load() }
  }

  func save(document: Data) throws {
    try failing { try port.save(document) }
  }

  func setAside() throws {
    try failing { try port.setAside() }
  }

  private func failing<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw MiniHostFFI.PortError.Failed }
  }
}
