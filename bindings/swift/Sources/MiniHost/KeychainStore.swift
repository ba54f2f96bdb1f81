#if canImport(Security)
  import Foundation
  import Security
  import os

  /// The Keychain: readable after the first unlock, so that the app works in the background, and on this
  /// device only, so that tokens are in no backup.
  public final class KeychainStore: SecretStore {
    private let service: String
    private let accessGroup: String?
    /// Says with its number what an error of this store leaves out: -34018, say, is an access group that the app has
    /// no right to.
    private let log = Logger(subsystem: "minihost", category: "keychain")

    /// `service` names the app's entries; `accessGroup` shares them with its extensions. Always give one
    /// where the app has several, since the first is not the same for everybody.
    public init(service: String, accessGroup: String? = nil) {
      self.service = service
      self.accessGroup = accessGroup
    }

    public func get(_ name: String) throws -> Data? {
      var query = entry(name)
      query[kSecReturnData as String] = true
      query[kSecMatchLimit as String] = kSecMatchLimitOne
      var found: CFTypeRef?
      let status = SecItemCopyMatching(query as CFDictionary, &found)
      if status == errSecItemNotFound { return nil }
      try check(status)
      guard let data = found as? Data else { throw SecretError.unavailable }
      return data
    }

    public func put(_ name: String, _ secret: Data) throws {
      let written: [String: Any] = [
        kSecValueData as String: secret,
        kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
      ]
      let status = SecItemUpdate(entry(name) as CFDictionary, written as CFDictionary)
      guard status == errSecItemNotFound else { return try check(status) }
      let added = entry(name).merging(written) { _, new in new }
      let first = SecItemAdd(added as CFDictionary, nil)
      // Another process of the group was faster.
      guard first == errSecDuplicateItem else { return try check(first) }
      try check(SecItemUpdate(entry(name) as CFDictionary, written as CFDictionary))
    }

    public func remove(_ name: String) throws {
      let status = SecItemDelete(entry(name) as CFDictionary)
      if status != errSecItemNotFound { try check(status) }
    }

    /// Deletes every secret of this service: for an app that forgets everybody, or that finds what another
    /// installation of it has left. Not while a host runs that has this store. Throws ``SecretError``.
    public func removeAll() throws {
      var all = entry("")
      all[kSecAttrAccount as String] = nil
      let status = SecItemDelete(all as CFDictionary)
      if status != errSecItemNotFound { try check(status) }
    }

    private func entry(_ name: String) -> [String: Any] {
      var entry: [String: Any] = [
        kSecClass as String: kSecClassGenericPassword, kSecAttrService as String: service,
        kSecAttrAccount as String: name, kSecAttrSynchronizable as String: false,
        kSecUseDataProtectionKeychain as String: true,
      ]
      if let accessGroup { entry[kSecAttrAccessGroup as String] = accessGroup }
      return entry
    }

    /// Locked is told from missing: nobody is signed out because the device has not been unlocked yet.
    private func check(_ status: OSStatus) throws {
      switch status {
      case errSecSuccess: return
      case errSecInteractionNotAllowed, errSecNotAvailable: throw SecretError.locked
      default:
        log.log(
          level: .error,
          "The Keychain answered \(String(status), privacy: .public) for \(self.service, privacy: .public)")
        throw SecretError.unavailable
      }
    }
  }
#endif
