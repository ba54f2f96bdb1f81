import Foundation

/// Takes the user to the authorization server in the system's browser, such as
/// `ASWebAuthenticationSession`.
@MainActor
public protocol Browser: AnyObject, Sendable {
  /// Shows a page until the user is back, never in a view that the host app or a mini-program could read
  /// (RFC 8252 §8.12). The task is cancelled once nobody waits for it any more. Throwing counts as
  /// ``UserReturned/failed``.
  func visit(_ page: URL, for miniProgram: String) async throws -> UserReturned
}
