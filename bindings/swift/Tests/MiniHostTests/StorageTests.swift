import Foundation
import MiniHost
import TestHost
import Testing

private final class Lines: LogSink {
  let heard = Heard<LogLine>("a line of the log")

  func log(_ line: LogLine) {
    heard.add(line)
  }
}

/// Keeps secrets in memory.
final class Vault: SecretStore {
  let kept = Shared<[String: Data]>([:])

  func get(_ name: String) throws -> Data? { kept.value[name] }
  func put(_ name: String, _ secret: Data) throws { kept.value[name] = secret }
  func remove(_ name: String) throws { kept.value[name] = nil }
}

/// Can write nothing down.
final class FullDisk: AuditSink {
  struct Full: Error {}

  func record(_ entry: AuditEntry) throws { throw Full() }
}

/// What outlives the process, and what is written down of it.
@Suite(.serialized) struct StorageTests {
  @Test("What was granted outlives the host, in a file that only its own key opens")
  func grants() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let (vault, screen) = (Vault(), Screen { $0.allow(.untilRevoked) })
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("grants-\(UUID().uuidString)")
    for turn in 0..<2 {
      try await sample.withPhone(
        screen: screen,
        bring: {
          $0.secrets = vault
          $0.grants = .file(file)
        }
      ) { phone in
        let page = try await Page.ready(phone, program)
        #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
        #expect(try phone.host.grants.map(\.scope) == ["openid"])
        _ = turn
      }
    }
    _ = try await screen.presented.next()
    #expect(screen.presented.rest.isEmpty && !vault.kept.value.isEmpty)
  }

  @Test("The log goes to its sink, without what was typed")
  func log() async throws {
    let sample = try await SampleHost.shared()
    let lines = Lines()
    try Log.send(to: lines, from: .trace)
    let program = try Program(sample)
    let audit = FullDisk()
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.audit = audit }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      let isAboutAudit = { (line: LogLine) in
        line.level == .warn && line.target.hasPrefix("minihost") && line.text.contains("AuditSink")
      }
      try await eventually("a line about the audit") { lines.heard.rest.contains(where: isAboutAudit) }
    }
    Log.stop()
    let password = sample.password(of: "alice")
    #expect(lines.heard.rest.allSatisfy { !$0.text.contains(password) })
  }
}
