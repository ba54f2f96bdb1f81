import Foundation
import MiniHost
import Security
import TestHost
import Testing
import os

private final class Lines: LogSink {
  let heard = Heard<LogLine>("a line of the log")

  func log(_ line: LogLine) {
    heard.add(line)
  }
}

private final class Vault: SecretStore {
  let kept = Shared<[String: Data]>([:])

  func get(_ name: String) throws -> Data? { kept.value[name] }
  func put(_ name: String, _ secret: Data) throws { kept.value[name] = secret }
  func remove(_ name: String) throws { kept.value[name] = nil }
}

private final class FullDisk: AuditSink {
  struct Full: Error {}

  func record(_ entry: AuditEntry) throws { throw Full() }
}

/// What outlives the process, and what is written down of it.
@Suite(.serialized) struct StorageTests {
  @Test("The Keychain keeps a secret on this device, and tells locked from missing")
  func keychain() throws {
    KeychainStandIn.items = [:]
    let store = KeychainStore(service: "harbour", accessGroup: "group.harbour")
    #expect(try store.get("token") == nil)
    try store.put("token", Data("one".utf8))
    try store.put("token", Data("two".utf8))
    #expect(try store.get("token") == Data("two".utf8))
    #expect(try KeychainStore(service: "harbour").get("token") == nil, "another group")
    let item = try #require(KeychainStandIn.items.values.first)
    #expect(item[kSecAttrAccessible] as? String == kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly)
    #expect(item[kSecAttrSynchronizable] as? Bool == false)
    for (status, error) in [
      (errSecInteractionNotAllowed, SecretError.locked), (errSecNotAvailable, .locked),
      (-34018, .unavailable),
    ] {
      KeychainStandIn.status = status
      #expect(throws: error) { try store.get("token") }
      #expect(throws: error) { try store.put("token", Data()) }
      #expect(throws: error) { try store.remove("token") }
    }
    KeychainStandIn.status = nil
    try store.remove("token")
    try store.remove("token")
    #expect(try store.get("token") == nil)
  }

  @Test("All of a service is deleted at once, and nothing of another")
  func removesAll() throws {
    KeychainStandIn.items = [:]
    let (store, other) = (KeychainStore(service: "harbour"), KeychainStore(service: "ferry"))
    try store.removeAll()
    for name in ["token", "key"] { try store.put(name, Data("x".utf8)) }
    try other.put("token", Data("theirs".utf8))
    try store.removeAll()
    #expect(try store.get("token") == nil && store.get("key") == nil)
    #expect(try other.get("token") == Data("theirs".utf8))
    KeychainStandIn.status = errSecInteractionNotAllowed
    #expect(throws: SecretError.locked) { try store.removeAll() }
    KeychainStandIn.status = nil
  }

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

  @Test("The system's log gets the lines that matter, readable, each as urgent as it is")
  func systemLog() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try Log.send(to: SystemLog(subsystem: "org.example.harbour"), from: .warn)
    try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.audit = FullDisk() }) { phone in
      _ = try await Page.ready(phone, program).requestCode(["openid"])
      try await eventually("a line of the log") { !LogStandIn.lines.isEmpty }
    }
    Log.stop()
    let line = try #require(LogStandIn.lines.first)
    #expect(line.place == "org.example.harbour/minihost" && line.level == .default)
    #expect(line.text.hasPrefix("minihost") && line.text.contains("AuditSink"))
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
      let line = try await lines.heard.next()
      #expect(line.level == .warn && line.target.hasPrefix("minihost") && line.text.contains("AuditSink"))
    }
    Log.stop()
    let password = sample.password(of: "alice")
    #expect(lines.heard.rest.allSatisfy { !$0.text.contains(password) })
  }
}
