import Foundation

/// What hears of notifications until it is let go of.
final class Observations: @unchecked Sendable {
  private let tokens: [any NSObjectProtocol]

  init(_ tokens: [any NSObjectProtocol]) {
    self.tokens = tokens
  }

  deinit {
    for token in tokens { NotificationCenter.default.removeObserver(token) }
  }
}
