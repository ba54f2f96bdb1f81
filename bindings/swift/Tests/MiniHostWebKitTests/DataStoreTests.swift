#if os(Linux)
  import Foundation
  import Testing
  import WebKit

  @testable import MiniHostWebKit

  /// What programs leave on the device, and how it goes. Serialised: WebKit's stores are those of the process.
  @MainActor
  @Suite(.serialized) struct DataStoreTests {
    private let name = "minihost-tests-\(UUID().uuidString)"

    private func withIdentifiers(_ test: (DataStoreIdentifiers) async throws -> Void) async throws {
      let defaults = try #require(UserDefaults(suiteName: name))
      defer { defaults.removePersistentDomain(forName: name) }
      try await test(DataStoreIdentifiers(defaults: defaults))
    }

    @Test("A program keeps its data store, and no two have the same")
    func kept() async throws {
      try await withIdentifiers { stores in
        let tea = stores.identifier(for: "teahouse")
        let again = DataStoreIdentifiers(defaults: try #require(UserDefaults(suiteName: name)))
        #expect(again.identifier(for: "teahouse") == tea)
        #expect(again.identifier(for: "cinema") != tea)
      }
    }

    @Test("A program that is uninstalled leaves nothing, and others keep what is theirs")
    func removed() async throws {
      try await withIdentifiers { stores in
        let (tea, film) = (stores.identifier(for: "teahouse"), stores.identifier(for: "cinema"))
        await stores.removeData(of: "teahouse")
        #expect(WKWebsiteDataStore.removed.last == tea)
        #expect(stores.identifier(for: "teahouse") != tea && stores.identifier(for: "cinema") == film)
        let count = WKWebsiteDataStore.removed.count
        await stores.removeData(of: "notebook")
        #expect(WKWebsiteDataStore.removed.count == count, "there was nothing")
      }
    }

    @Test("Another user finds no data, and what a view still shows is deleted later")
    func later() async throws {
      try await withIdentifiers { stores in
        let (tea, film) = (stores.identifier(for: "teahouse"), stores.identifier(for: "cinema"))
        WKWebsiteDataStore.shown = [tea]
        await stores.removeAllData()
        #expect(WKWebsiteDataStore.removed.contains(film) && !WKWebsiteDataStore.removed.contains(tea))
        #expect(stores.identifier(for: "teahouse") != tea && stores.identifier(for: "cinema") != film)
        WKWebsiteDataStore.shown = []
        await stores.removeData(of: "notebook")
        #expect(WKWebsiteDataStore.removed.filter { $0 == tea || $0 == film }.count == 2)
      }
    }
  }
#endif
