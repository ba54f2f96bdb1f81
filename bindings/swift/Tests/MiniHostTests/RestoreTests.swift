import Foundation
import MiniHost
import TestHost
import Testing

/// Secrets that can be locked away.
private final class Safe: SecretStore {
  let kept = Shared<[String: Data]>([:])
  let error = Shared<SecretError?>(nil)

  func get(_ name: String) throws -> Data? {
    if let error = error.value { throw error }
    return kept.value[name]
  }

  func put(_ name: String, _ secret: Data) throws { kept.value[name] = secret }
  func remove(_ name: String) throws { kept.value[name] = nil }
}

/// One document, and those that were put aside.
private final class Shelf: GrantStore {
  struct Gone: Error {}
  let document = Shared<Data?>(nil)
  let aside = Heard<Data>("a document that is not trusted")
  let broken = Shared(false)

  func load() throws -> Data? {
    if broken.value { throw Gone() }
    return document.value
  }

  func save(_ document: Data) throws {
    if broken.value { throw Gone() }
    self.document.value = document
  }

  func setAside() throws {
    guard let document = document.value else { throw Gone() }
    aside.add(document)
    self.document.value = nil
  }
}

/// What a host has again after its process ended.
@Suite struct RestoreTests {
  @Test("Whoever was signed in is so at the next start, without asking the server")
  func signIn() async throws {
    let sample = try await SampleHost.shared()
    let safe = Safe()
    try await sample.withPhone(bring: { $0.secrets = safe }) { phone in
      let user = try phone.host.currentUser
      #expect(user?.displayName == "alice")
    }
    let http = Forwarding()
    let network = try Network.own(http)
    try await sample.withPhone(
      nil,
      bring: {
        $0.secrets = safe
        $0.network = network
      }
    ) { phone in
      #expect(try phone.host.currentUser == nil)
      #expect(try await phone.host.restoreSignIn()?.displayName == "alice")
      #expect(try phone.host.currentUser?.displayName == "alice")
      #expect(http.sent.rest.isEmpty)
      try await phone.host.signOut()
    }
    try await sample.withPhone(nil, bring: { $0.secrets = safe }) { phone in
      let nobody = try await phone.host.restoreSignIn()
      #expect(nobody == nil)
    }
  }

  @Test("A store that gives no access now is told from one that is broken")
  func locked() async throws {
    let sample = try await SampleHost.shared()
    let safe = Safe()
    try await sample.withPhone(bring: { $0.secrets = safe }) { _ in }
    try await sample.withPhone(nil, bring: { $0.secrets = safe }) { phone in
      safe.error.value = .locked
      let locked = try await thrown(RestoreError.self) { try await phone.host.restoreSignIn() }
      guard case .locked = locked else { throw locked }
      safe.error.value = .unavailable
      let broken = try await thrown(RestoreError.self) { try await phone.host.restoreSignIn() }
      guard case .storage = broken else { throw broken }
      safe.error.value = nil
      #expect(try await phone.host.restoreSignIn()?.displayName == "alice")
    }
  }

  @Test("Grants lie where the host app says, and what was changed there is not trusted")
  func grants() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let (safe, shelf, screen) = (Safe(), Shelf(), Screen { $0.allow(.untilRevoked) })
    func withPhone(_ test: (Phone) async throws -> Void) async throws {
      try await sample.withPhone(
        screen: screen,
        bring: {
          $0.secrets = safe
          $0.grants = .own(shelf)
        }, test: test)
    }
    try await withPhone { phone in
      let page = try await Page.ready(phone, program)
      #expect(try await page.requestCode(["openid"])["result"]["code"].string != nil)
    }
    try await withPhone { phone in
      let grants = try phone.host.grants
      #expect(grants.map(\.scope) == ["openid"])
    }
    let written = try #require(shelf.document.value)
    let changed = String(decoding: written, as: UTF8.self).replacingOccurrences(of: "openid", with: "phone")
    shelf.document.value = Data(changed.utf8)
    try await withPhone { phone in
      let grants = try phone.host.grants
      #expect(grants.isEmpty)
    }
    #expect(try await shelf.aside.next() == Data(changed.utf8))
    shelf.broken.value = true
    let error = try await thrown(StartError.self) { try await withPhone { _ in } }
    guard case .storage = error else { throw error }
  }
}
