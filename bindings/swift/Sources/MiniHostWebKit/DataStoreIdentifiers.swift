import Foundation

/// Which data store belongs to which mini-program. An identifier is drawn once and kept, so that no program
/// can choose a name that leads to another's data.
public final class DataStoreIdentifiers: @unchecked Sendable {
  private let defaults: UserDefaults
  private let lock = NSLock()
  private static let key = "org.minihost.data-stores"

  /// Where they are kept.
  public init(defaults: UserDefaults = .standard) {
    self.defaults = defaults
  }

  /// The identifier of a program's data store, by its manifest's `id`.
  public func identifier(for miniProgram: String) -> UUID {
    lock.lock()
    defer { lock.unlock() }
    var kept = defaults.dictionary(forKey: Self.key) as? [String: String] ?? [:]
    if let text = kept[miniProgram], let identifier = UUID(uuidString: text) { return identifier }
    let identifier = UUID()
    kept[miniProgram] = identifier.uuidString
    defaults.set(kept, forKey: Self.key)
    return identifier
  }

  /// Gives up the identifier of a program's data store, where it has one: the program gets another.
  func giveUp(_ miniProgram: String) -> UUID? {
    lock.lock()
    defer { lock.unlock() }
    var kept = defaults.dictionary(forKey: Self.key) as? [String: String] ?? [:]
    let identifier = kept.removeValue(forKey: miniProgram).flatMap(UUID.init(uuidString:))
    defaults.set(kept, forKey: Self.key)
    return identifier
  }
}

#if canImport(WebKit)
  import WebKit

  extension DataStoreIdentifiers {
    /// Deletes what a program's pages have kept on this device, such as cookies: where the program is uninstalled, or
    /// another user signs in. Close its container before; WebKit throws for a store that is in use. Before iOS 17 there
    /// is nothing to delete.
    @MainActor
    public func removeData(of miniProgram: String) async throws {
      guard let identifier = giveUp(miniProgram) else { return }
      if #available(iOS 17.0, macOS 14.0, *) {
        try await WKWebsiteDataStore.remove(forIdentifier: identifier)
      }
    }
  }
#endif
