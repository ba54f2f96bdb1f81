#if os(Linux)
  import Foundation
  import Testing
  import WebKit

  @testable import MiniHostWebKit

  /// Which data store is whose.
  @MainActor
  @Suite struct DataStoreTests {
    private func withDefaults(_ test: @MainActor (UserDefaults) async throws -> Void) async throws {
      let name = "minihost-tests-\(UUID().uuidString)"
      let defaults = try #require(UserDefaults(suiteName: name))
      defer { defaults.removePersistentDomain(forName: name) }
      try await test(defaults)
    }

    @Test("A program keeps its data store, and no two have the same")
    func stores() async throws {
      try await withDefaults { defaults in
        let tea = DataStoreIdentifiers(defaults: defaults).identifier(for: "teahouse")
        let again = DataStoreIdentifiers(defaults: defaults)
        #expect(again.identifier(for: "teahouse") == tea)
        #expect(again.identifier(for: "cinema") != tea)
      }
    }

    @Test("What a program has kept is deleted with its store, and it begins with another")
    func removed() async throws {
      try await withDefaults { defaults in
        let identifiers = DataStoreIdentifiers(defaults: defaults)
        let (tea, cinema) = (identifiers.identifier(for: "teahouse"), identifiers.identifier(for: "cinema"))
        try await identifiers.removeData(of: "teahouse")
        try await identifiers.removeData(of: "never-opened")
        #expect(WKWebsiteDataStore.removed == [tea])
        #expect(identifiers.identifier(for: "teahouse") != tea)
        #expect(identifiers.identifier(for: "cinema") == cinema)
      }
    }
  }
#endif
