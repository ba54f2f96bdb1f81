import Foundation

/// Has the user sign in because a page asks for it.
@MainActor
public protocol SignInPrompt: AnyObject, Sendable {
  /// Shows the host app's own sign-in until it is over. The sign-in itself is one of
  /// ``MiniHost/MiniHost``'s. The task is cancelled once nobody waits for it any more. Throwing counts as
  /// ``UserReturned/failed``.
  func signIn(_ request: SignInRequest) async throws -> UserReturned
}

/// A page wants the user to sign in.
public struct SignInRequest: Sendable, Hashable {
  /// For which program: the manifest's `id`.
  public let miniProgram: String
  /// Who is signed in now.
  public let user: User?
  /// What is wanted.
  public let wish: SignInWish
  /// Seconds that it may take; after that nobody waits for it.
  public let timeAllowed: TimeInterval
}

/// What a sign-in is for.
public enum SignInWish: Sendable, Hashable {
  /// To be signed in: a user whom the browser knows need not type anything.
  case ordinary
  /// To sign in anew, in one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1) where any is named;
  /// a sign-in that is no older than so many seconds will do.
  case again(acrValues: [String], maxAge: UInt64?)
  /// To choose one of several accounts, or to sign in to another.
  case chooseAccount
}

/// What came of a sign-in, or of a visit to the authorization server.
public enum UserReturned: Sendable, Hashable, CaseIterable {
  /// The user has signed in; or is back from the browser.
  case done
  /// The user would not.
  case cancelled
  /// It was not possible.
  case failed
}
