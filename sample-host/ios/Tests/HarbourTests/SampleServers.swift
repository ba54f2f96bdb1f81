import Foundation

/// The sample host as a process of its own, which ends with the tests.
enum SampleServers {
  struct NotStarted: Error {}

  static func line() async throws -> String {
    try await started.value
  }

  private static let started = Task { () throws -> String in
    guard let program = ProcessInfo.processInfo.environment["MINIHOST_SAMPLE_HOST"] else {
      throw NotStarted()
    }
    let data = FileManager.default.temporaryDirectory.appendingPathComponent("harbour-\(UUID().uuidString)")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "--json", "--no-open", "--port", "0", "--origins", "port", "--steering", "--data-dir", data.path,
    ]
    let output = Pipe()
    process.standardOutput = output
    // Whoever reads what the tests say waits for everybody who could still say something.
    process.standardError = FileHandle.nullDevice
    try process.run()
    Ends.process = process.processIdentifier
    atexit { kill(Ends.process, SIGTERM) }
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        var text = Data()
        while true {
          let more = output.fileHandleForReading.availableData
          if more.isEmpty { return continuation.resume(throwing: NotStarted()) }
          text.append(more)
          if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
            return continuation.resume(returning: String(decoding: text[..<end], as: UTF8.self))
          }
        }
      }
    }
  }

  private enum Ends {
    nonisolated(unsafe) static var process: Int32 = 0
  }
}
