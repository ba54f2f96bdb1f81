// What of Apple's Keychain the store uses, with Apple's signatures and a dictionary behind them. It shows
// that the store is consistent with these declarations, and nothing of the Keychain itself.

import Foundation

public typealias CFDictionary = NSDictionary
public typealias CFTypeRef = AnyObject
public typealias OSStatus = Int32

public let errSecSuccess: OSStatus = 0
public let errSecItemNotFound: OSStatus = -25300
public let errSecDuplicateItem: OSStatus = -25299
public let errSecNotAvailable: OSStatus = -25291
public let errSecInteractionNotAllowed: OSStatus = -25308

public let kSecClass = "class"
public let kSecClassGenericPassword = "genp"
public let kSecAttrService = "svce"
public let kSecAttrAccount = "acct"
public let kSecAttrAccessGroup = "agrp"
public let kSecAttrSynchronizable = "sync"
public let kSecAttrAccessible = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly = "cku"
public let kSecUseDataProtectionKeychain = "nleg"
public let kSecValueData = "v_Data"
public let kSecReturnData = "r_Data"
public let kSecMatchLimit = "m_Limit"
public let kSecMatchLimitOne = "m_LimitOne"

/// The Keychain of a test.
public enum KeychainStandIn {
  /// What every call is answered with, where it is not as usual.
  nonisolated(unsafe) public static var status: OSStatus?
  /// What another process adds just before.
  nonisolated(unsafe) public static var othersAdd: Data?
  nonisolated(unsafe) public static var items: [String: [String: Any]] = [:]

  static func key(_ query: NSDictionary) -> String {
    [kSecAttrService, kSecAttrAccount, kSecAttrAccessGroup].map { "\(query[$0] ?? "")" }
      .joined(separator: "/")
  }
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?)
  -> OSStatus
{
  if let status = KeychainStandIn.status { return status }
  guard let item = KeychainStandIn.items[KeychainStandIn.key(query)] else { return errSecItemNotFound }
  result?.pointee = (item[kSecValueData] as? Data).map { NSData(data: $0) }
  return errSecSuccess
}

public func SecItemAdd(_ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
  if let status = KeychainStandIn.status { return status }
  let key = KeychainStandIn.key(attributes)
  if let others = KeychainStandIn.othersAdd {
    KeychainStandIn.items[key] = (attributes as? [String: Any])?.merging([kSecValueData: others]) { _, new in
      new
    }
  }
  guard KeychainStandIn.items[key] == nil else { return errSecDuplicateItem }
  KeychainStandIn.items[key] = attributes as? [String: Any]
  return errSecSuccess
}

public func SecItemUpdate(_ query: CFDictionary, _ changes: CFDictionary) -> OSStatus {
  if let status = KeychainStandIn.status { return status }
  let key = KeychainStandIn.key(query)
  guard let item = KeychainStandIn.items[key] else { return errSecItemNotFound }
  KeychainStandIn.items[key] = item.merging(changes as? [String: Any] ?? [:]) { _, new in new }
  return errSecSuccess
}

public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
  if let status = KeychainStandIn.status { return status }
  // On iOS it takes whatever has all that the query says.
  let named = [kSecAttrService, kSecAttrAccount, kSecAttrAccessGroup].filter { query[$0] != nil }
  let found = KeychainStandIn.items.filter { _, item in
    named.allSatisfy { "\(item[$0] ?? "")" == "\(query[$0] ?? "")" }
  }
  for key in found.keys { KeychainStandIn.items[key] = nil }
  return found.isEmpty ? errSecItemNotFound : errSecSuccess
}
