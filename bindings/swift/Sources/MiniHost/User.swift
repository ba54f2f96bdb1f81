internal import MiniHostFFI

/// Who is signed in to the host.
public struct User: Sendable, Hashable, Identifiable {
  /// Stable, never shown.
  public let id: String
  /// Shown on the consent prompt.
  public let displayName: String
  /// Grows with every sign-in and sign-out.
  public let epoch: UInt64
}

extension User {
  init(_ user: MiniHostFFI.User) {
    self.init(id: user.id, displayName: user.displayName, epoch: user.epoch)
  }
}
