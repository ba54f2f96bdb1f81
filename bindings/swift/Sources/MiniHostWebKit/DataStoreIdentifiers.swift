import Foundation

/// Which data store belongs to which mini-program. An identifier is drawn once and kept, so that no program
/// can choose a name that leads to another's data.
public final class DataStoreIdentifiers: @unchecked Sendable {
  private let defaults: UserDefaults
  private let lock = NSLock()
  private static let key = "org.minihost.data-stores"

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
}
