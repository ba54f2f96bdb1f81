import Foundation
import Harbour
import MiniHost
import Testing

/// What outlives the app: secrets in memory, and a folder and defaults of its own.
final class Device {
  final class Secrets: SecretStore, @unchecked Sendable {
    private let lock = NSLock()
    private var entries: [String: Data] = [:]

    var kept: [String: Data] {
      lock.lock()
      defer { lock.unlock() }
      return entries
    }

    func get(_ name: String) throws -> Data? { kept[name] }

    func put(_ name: String, _ secret: Data) throws { change { $0[name] = secret } }

    func remove(_ name: String) throws {
      if keepsAll { throw SecretError.unavailable }
      change { $0[name] = nil }
    }

    /// Nothing can be removed.
    var keepsAll = false

    func removeAll() { change { $0 = [:] } }

    private func change(_ body: (inout [String: Data]) -> Void) {
      lock.lock()
      defer { lock.unlock() }
      body(&entries)
    }
  }

  let secrets = Secrets()
  private let name = "harbour-tests-\(UUID().uuidString)"
  private var folder: URL { FileManager.default.temporaryDirectory.appendingPathComponent(name) }

  var kept: Kept {
    Kept(folder: folder, secrets: secrets, forgetSecrets: { [secrets] in secrets.removeAll() })
  }

  @MainActor var data: ProgramData {
    get throws { ProgramData(defaults: try #require(UserDefaults(suiteName: name))) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
    UserDefaults.standard.removePersistentDomain(forName: name)
  }
}
