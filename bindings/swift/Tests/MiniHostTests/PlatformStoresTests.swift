// Against stand-ins for Security and os, which a Mac has not.
#if os(Linux)
  import Foundation
  import MiniHost
  import Security
  import TestHost
  import Testing
  import os

  /// What the platform keeps, and what it writes down.
  @Suite(.serialized) struct PlatformStoresTests {
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
      let said = LogStandIn.lines.filter { $0.place == "minihost/keychain" && $0.text.contains("-34018") }
      #expect(said.count == 3 && said.allSatisfy { $0.level == .error && !$0.text.contains("token") })
      KeychainStandIn.status = nil
      try store.remove("token")
      try store.remove("token")
      #expect(try store.get("token") == nil)
    }

    @Test("A secret that another process has just put there is replaced")
    func raced() throws {
      KeychainStandIn.items = [:]
      KeychainStandIn.othersAdd = Data("theirs".utf8)
      defer { KeychainStandIn.othersAdd = nil }
      let store = KeychainStore(service: "harbour")
      try store.put("token", Data("ours".utf8))
      #expect(try store.get("token") == Data("ours".utf8))
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

    @Test("The system's log gets the lines that matter, readable, each as urgent as it is")
    func systemLog() async throws {
      let sample = try await SampleHost.shared()
      let program = try Program(sample)
      try Log.send(to: SystemLog(subsystem: "org.example.harbour"), from: .warn)
      let lines = { LogStandIn.lines.filter { $0.place == "org.example.harbour/minihost" } }
      try await sample.withPhone(screen: Screen { $0.allow() }, bring: { $0.audit = FullDisk() }) { phone in
        _ = try await Page.ready(phone, program).requestCode(["openid"])
        try await eventually("a line of the log") { !lines().isEmpty }
      }
      Log.stop()
      let line = try #require(lines().first)
      #expect(line.level == .default)
      #expect(line.text.hasPrefix("minihost") && line.text.contains("AuditSink"))
    }
  }
#endif
