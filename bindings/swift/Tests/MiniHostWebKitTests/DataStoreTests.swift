#if os(Linux)
  import Foundation
  import TestHost
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
        let (tea, film) = (made("teahouse", stores), made("cinema", stores))
        let notes = made("notebook", stores)
        (WKWebsiteDataStore.shown, WKWebsiteDataStore.leaving) = ([tea], [film])
        await stores.removeAllData()
        #expect(await left(of: [tea, film, notes]) == [tea, film])
        #expect(stores.identifier(for: "teahouse") != tea && stores.identifier(for: "cinema") != film)
        (WKWebsiteDataStore.shown, WKWebsiteDataStore.leaving) = ([], [])
        await stores.removeData(of: "notebook")
        #expect(await left(of: [tea, film]).isEmpty)
        let count = WKWebsiteDataStore.removed.count
        await stores.removeData(of: "notebook")
        #expect(WKWebsiteDataStore.removed.count == count, "nothing is left to be deleted")
      }
    }

    @Test("What was not deleted when its user left is deleted once a program is shown")
    func shown() async throws {
      try await withIdentifiers { stores in
        let tea = made("teahouse", stores)
        WKWebsiteDataStore.leaving = [tea]
        await stores.removeAllData()
        #expect(await left(of: [tea]) == [tea])
        WKWebsiteDataStore.leaving = []
        try await withTab { tab, phone in
          let session = try await phone.host.open(.unsignedForDevelopment(tab.program.manifest()))
          let container = MiniProgramContainer(session: session, identifiers: stores)
          while await !left(of: [tea]).isEmpty { await Task.yield() }
          container.close()
        }
      }
    }

    /// The data store of a program that was shown.
    private func made(_ miniProgram: String, _ stores: DataStoreIdentifiers) -> UUID {
      let identifier = stores.identifier(for: miniProgram)
      _ = WKWebsiteDataStore(forIdentifier: identifier)
      return identifier
    }

    private func left(of identifiers: Set<UUID>) async -> Set<UUID> {
      identifiers.intersection(await WKWebsiteDataStore.allDataStoreIdentifiers)
    }
  }
#endif
