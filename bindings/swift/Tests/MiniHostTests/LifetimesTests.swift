#if os(Linux)
  import Foundation
  import MiniHost
  import TestHost
  import Testing

  /// What comes and goes leaves nothing behind. Serialised: the memory is that of the process.
  @Suite(.serialized) struct LifetimesTests {
    /// Where 100,000 objects are wanted instead of 1,000.
    private static let count = ProcessInfo.processInfo.environment["MINIHOST_FULL"] == "1" ? 100_000 : 1_000

    /// Does something so often, and holds the memory against what it was after a tenth of that. What stayed of each
    /// object would be some hundred bytes at least, and kilobytes of a session or a host.
    private func comesAndGoes(
      _ count: Int, atMost kilobytes: Int, _ object: () async throws -> Void
    ) async throws {
      for _ in 0..<max(count / 10, 10) { try await object() }
      let before = try residentKilobytes()
      for _ in 0..<count { try await object() }
      let grown = try residentKilobytes() - before
      #expect(grown < kilobytes, "\(grown) kB for \(count)")
    }

    @Test("Sessions")
    func sessions() async throws {
      let sample = try await SampleHost.shared()
      let program = try Program(sample)
      try await sample.withPhone(nil) { phone in
        let manifest = Manifest.unsignedForDevelopment(program.manifest())
        try await comesAndGoes(Self.count, atMost: Self.count > 1_000 ? 5_000 : 1_000) {
          let session = try await phone.host.open(manifest)
          try session.documentStarted(1)
          session.close()
        }
      }
    }

    @Test("Objects of the library: credentials, networks, cancellations")
    func objects() async throws {
      let sample = try await SampleHost.shared()
      try await sample.withPhone(nil) { phone in
        try await comesAndGoes(Self.count, atMost: Self.count > 1_000 ? 5_000 : 1_000) {
          _ = try sample.host.credentials()
          _ = try Network.sdk(NetworkSettings(connectTimeout: 2))
          _ = try await phone.host.restoreSignIn()
        }
      }
    }

    @Test("Sign-ins in the browser that are begun")
    func signIns() async throws {
      let sample = try await SampleHost.shared()
      try await sample.withPhone(nil) { phone in
        try await comesAndGoes(Self.count, atMost: Self.count > 1_000 ? 5_000 : 1_000) {
          _ = try await phone.host.beginSignIn(redirectURI: "com.example.harbour:/signed-in")
        }
      }
    }

    @Test("Hosts, a hundredth as many")
    func hosts() async throws {
      let sample = try await SampleHost.shared()
      try await comesAndGoes(Self.count / 100, atMost: 5_000) {
        let phone = try await Phone(sample)
        await phone.host.shutdown()
      }
    }

    private func residentKilobytes() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      return Int(line?.split(separator: " ").dropFirst().first ?? "") ?? 0
    }
  }
#endif
