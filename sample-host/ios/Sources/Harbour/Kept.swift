import Foundation
import MiniHost

/// What the app keeps between two starts: the sample host's line, who is signed in, and what they let it
/// remember.
public struct Kept: Sendable {
  let secrets: any SecretStore
  private let forgetSecrets: @Sendable () throws -> Void
  private let folder: URL

  /// - Parameters:
  ///   - folder: for what is no secret.
  ///   - forgetSecrets: takes everything out of the store.
  public init(
    folder: URL, secrets: any SecretStore, forgetSecrets: @escaping @Sendable () throws -> Void
  ) {
    self.folder = folder
    self.secrets = secrets
    self.forgetSecrets = forgetSecrets
  }

  /// In the Keychain, and in the app's own folder.
  public static func onThisDevice() -> Kept {
    let keychain = KeychainStore(service: "org.minihost.harbour")
    let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)
    let folder = (support.first ?? FileManager.default.temporaryDirectory)
      .appendingPathComponent("org.minihost.harbour")
    return Kept(folder: folder, secrets: keychain, forgetSecrets: { try keychain.removeAll() })
  }

  /// Where the SDK keeps remembered grants.
  var grants: URL { folder.appendingPathComponent("grants") }

  /// The sample host's line. It holds the demo's secrets, so it lies among them.
  func line() -> String? {
    (try? secrets.get(Self.line)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
  }

  func keep(line: String) throws {
    try secrets.put(Self.line, Data(line.utf8))
  }

  /// Makes the folder that the grants' file wants.
  func prepare() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func forget() throws {
    try forgetSecrets()
    if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
  }

  private static let line = "sample-host"
}
