import Foundation

#if canImport(WebKit)
  import WebKit
#endif

/// Which data store belongs to which mini-program. An identifier is drawn once and kept, so that no program
/// can choose a name that leads to another's data.
public final class DataStoreIdentifiers: @unchecked Sendable {
  private let defaults: UserDefaults
  private let lock = NSLock()
  private static let key = "org.minihost.data-stores"
  private static let goneKey = "org.minihost.data-stores.gone"

  /// Where they are kept.
  public init(defaults: UserDefaults = .standard) {
    self.defaults = defaults
  }

  /// The identifier of a program's data store, by its manifest's `id`.
  public func identifier(for miniProgram: String) -> UUID {
    locked {
      var kept = kept
      if let text = kept[miniProgram], let identifier = UUID(uuidString: text) { return identifier }
      let identifier = UUID()
      kept[miniProgram] = identifier.uuidString
      defaults.set(kept, forKey: Self.key)
      return identifier
    }
  }

  #if canImport(WebKit)
    /// Takes the data of a program away, for one that is uninstalled: from now on its data store is another, which is
    /// empty. WebKit does not delete what a view still shows; that is tried again with the next that is removed,
    /// and whenever a program is shown.
    @MainActor
    public func removeData(of miniProgram: String) async {
      forget { $0 == miniProgram }
      await deleteForgotten()
    }

    /// Takes the data of every program away, for another user: as ``removeData(of:)`` does.
    @MainActor
    public func removeAllData() async {
      forget { _ in true }
      await deleteForgotten()
    }

    private func forget(_ isMeant: (String) -> Bool) {
      locked {
        let (kept, gone) = (kept, gone)
        defaults.set(gone + kept.filter { isMeant($0.key) }.values, forKey: Self.goneKey)
        defaults.set(kept.filter { !isMeant($0.key) }, forKey: Self.key)
      }
    }

    /// Deletes what is taken away and still there.
    @MainActor
    func deleteForgotten() async {
      guard #available(iOS 17.0, macOS 14.0, *) else { return }
      let tried = locked { gone }
      guard !tried.isEmpty else { return }
      // Where it is the first that a process asks of WebKit, some releases end the process.
      _ = WKWebsiteDataStore.nonPersistent()
      for identifier in tried.compactMap(UUID.init(uuidString:)) {
        try? await WKWebsiteDataStore.remove(forIdentifier: identifier)
      }
      // Of a view that is on its way out, some releases delete nothing and say nothing.
      let there = Set(await WKWebsiteDataStore.allDataStoreIdentifiers.map(\.uuidString))
      locked { defaults.set(gone.filter { !tried.contains($0) || there.contains($0) }, forKey: Self.goneKey) }
    }
  #endif

  private var kept: [String: String] {
    defaults.dictionary(forKey: Self.key) as? [String: String] ?? [:]
  }

  private var gone: [String] {
    defaults.stringArray(forKey: Self.goneKey) ?? []
  }

  private func locked<Value>(_ work: () -> Value) -> Value {
    lock.lock()
    defer { lock.unlock() }
    return work()
  }
}
