internal import MiniHostFFI

/// Who is signed in to the host.
public struct User: Sendable, Hashable, Identifiable {
  /// Stable, never shown.
  public let id: String
  /// Shown on the consent prompt.
  public let displayName: String
  /// Grows with every sign-in and sign-out.
  public let epoch: UInt64

  /// For a host app that signs its users in by itself. `id` is the authorization server's `sub`; a new
  /// sign-in, of the same user too, has a higher epoch than any before.
  public init(id: String, displayName: String, epoch: UInt64) {
    self.id = id
    self.displayName = displayName
    self.epoch = epoch
  }
}

extension User {
  init(_ user: MiniHostFFI.User) {
    self.init(id: user.id, displayName: user.displayName, epoch: user.epoch)
  }

  var native: MiniHostFFI.User {
    MiniHostFFI.User(id: id, displayName: displayName, epoch: epoch)
  }
}
