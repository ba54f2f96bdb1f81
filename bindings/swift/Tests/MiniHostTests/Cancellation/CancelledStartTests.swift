import Foundation
import MiniHost
import TestHost
import Testing

/// Keeps secrets, and lets nobody read them until it is told to.
private final class SlowVault: SecretStore {
  let asked = Heard<Void>("a look at the secrets")
  let isOpen = Shared(true)
  private let gate = DispatchSemaphore(value: 0)
  private let entries = Shared<[String: Data]>([:])

  func get(_ name: String) throws -> Data? {
    if !isOpen.value {
      asked.add(())
      gate.wait()
    }
    return entries.value[name]
  }

  func open() {
    isOpen.value = true
    gate.signal()
  }

  func put(_ name: String, _ secret: Data) throws { entries.value[name] = secret }
  func remove(_ name: String) throws { entries.value[name] = nil }
}

/// What a start was about to read or make is let go of with the task that waits for it.
@Suite struct CancelledStartTests {
  @Test("A start: no host comes of it, and what the host app has brought is let go of")
  func start() async throws {
    let sample = try await SampleHost.shared()
    weak var held: SlowVault?
    do {
      let vault = SlowVault()
      held = vault
      vault.isOpen.value = false
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("start-\(UUID().uuidString)")
      let task = Task {
        try await thrown(StartError.self) {
          try await Phone(
            sample,
            bring: {
              $0.secrets = vault
              $0.grants = .file(file)
            })
        }
      }
      // The key of the grants' file.
      try await vault.asked.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      vault.open()
    }
    try await eventually("the host app's objects are let go of") { held == nil }
  }

  @Test("The sign-in of the last start: what is read too late signs nobody in")
  func restore() async throws {
    let sample = try await SampleHost.shared()
    let vault = SlowVault()
    try await sample.withPhone(bring: { $0.secrets = vault }) { _ in }
    try await sample.withPhone(nil, bring: { $0.secrets = vault }) { phone in
      vault.isOpen.value = false
      let task = Task { try await thrown(RestoreError.self) { try await phone.host.restoreSignIn() } }
      try await vault.asked.next()
      task.cancel()
      #expect(try await task.value == .cancelled)
      vault.open()
      // Comes after what was read too late: secrets are asked for one after the other.
      await #expect(throws: SignInError.wrongCredentials) {
        try await phone.host.signIn(username: "alice", password: "not hers")
      }
      #expect(try phone.host.currentUser == nil)
      #expect(try await phone.host.restoreSignIn()?.displayName == "alice")
    }
  }
}
