import Foundation
import MiniHost

/// A client of the authorization server.
public struct Client: Sendable {
  public let id: String
  public let secret: String

  public func credentials() throws -> ClientCredentials {
    try .secret(secret, known: .toThisHostAlone)
  }
}

/// The sample host as a process of its own. Tests use its authorization server and its registered clients;
/// the host that makes the code requests is the one under test.
public final class SampleHost: Sendable {
  public let issuer: String
  public let host: Client
  public let teahouse: Json
  private let passwords: [String: String]

  private init(_ line: Json) throws {
    guard let issuer = line["authorizationServer"].string, let host = line["host"].client,
      let teahouse = line["miniPrograms"].array?.first(where: { $0["id"] == "teahouse" })
    else { throw Unexpected("the sample host says \(line.encoded)") }
    self.issuer = issuer
    self.host = host
    self.teahouse = teahouse
    passwords = Dictionary(
      uniqueKeysWithValues: (line["users"].array ?? []).compactMap { user in
        guard let name = user["username"].string, let password = user["password"].string else { return nil }
        return (name, password)
      })
  }

  public func password(of username: String) -> String {
    passwords[username] ?? ""
  }

  /// One for all tests of a process, which ends with it.
  public static func shared() async throws -> SampleHost {
    try await start.value
  }

  private static let start = Task { () throws -> SampleHost in
    let environment = ProcessInfo.processInfo.environment
    guard let program = environment["MINIHOST_SAMPLE_HOST"] else {
      throw Unexpected("MINIHOST_SAMPLE_HOST names no program")
    }
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("minihost-swift-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "--json", "--no-open", "--port", "0", "--data-dir", directory.appendingPathComponent("data").path,
    ]
    let output = Pipe()
    process.standardOutput = output
    // Whoever reads what the tests say waits for everybody who could still say something.
    process.standardError = FileHandle.nullDevice
    try process.run()
    running.value = process.processIdentifier
    atexit { if let pid = running.value { kill(pid, SIGTERM) } }
    let line = try await firstLine(of: output.fileHandleForReading)
    return try SampleHost(Json(line))
  }

  private static let running = Shared<Int32?>(nil)

  private static func firstLine(of file: FileHandle) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        var text = Data()
        while true {
          let more = file.availableData
          if more.isEmpty {
            return continuation.resume(throwing: Unexpected("the sample host did not start"))
          }
          text.append(more)
          if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
            return continuation.resume(returning: String(decoding: text[..<end], as: UTF8.self))
          }
        }
      }
    }
  }
}

extension Json {
  var client: Client? {
    guard let id = self["clientId"].string, let secret = self["clientSecret"].string else { return nil }
    return Client(id: id, secret: secret)
  }
}
