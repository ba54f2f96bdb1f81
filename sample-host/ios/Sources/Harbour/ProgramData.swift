import Foundation
import MiniHost
import MiniHostWebKit

/// What programs keep on this device. It is one user's at a time.
@MainActor
public struct ProgramData {
  /// Which program keeps its data where.
  public let stores: DataStoreIdentifiers
  private let defaults: UserDefaults
  private static let key = "org.minihost.harbour.data-of"

  /// Where it is kept whose it is, and which store is whose.
  public init(defaults: UserDefaults = .standard) {
    self.defaults = defaults
    stores = DataStoreIdentifiers(defaults: defaults)
  }

  /// Makes it this user's: what was another's is gone. A user is the same by issuer and `sub` (OpenID Connect
  /// Core §5.7).
  func belong(to user: User, of issuer: String) async {
    let owner = [issuer, user.id]
    guard defaults.stringArray(forKey: Self.key) != owner else { return }
    defaults.set(owner, forKey: Self.key)
    await removeFromStores()
  }

  /// Takes everything away, and leaves it to nobody.
  func removeAll() async {
    defaults.removeObject(forKey: Self.key)
    await removeFromStores()
  }

  private func removeFromStores() async {
    #if canImport(WebKit)
      await stores.removeAllData()
    #endif
  }
}
