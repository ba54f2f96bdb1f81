internal import MiniHostFFI

/// Gives tokens of users whom the host app signs in by itself. The host app tells who is signed in with
/// ``MiniHost/MiniHost/userChanged(_:)``: at the start, and whenever it changes.
public protocol UserSession: AnyObject, Sendable {
  /// An access token of this very sign-in of the user that is good for a while. `rejected` is one that the
  /// server has not taken though its time was not up: another is wanted.
  ///
  /// Refresh once however many ask, and never answer with the token of another user, nor of the same user's
  /// earlier or later sign-in. The task is cancelled once nobody waits for it any more. Throw ``NoToken``;
  /// any other error counts as ``NoToken/unavailable``.
  func accessToken(for user: User, rejected: String?) async throws -> String

  /// Ends this sign-in in the host app: somebody has called ``MiniHost/MiniHost/signOut()``, and for the SDK
  /// nobody is signed in any more. An error says that the tokens are still there.
  func signOut(_ user: User) async throws
}

/// Why the host app gives no token.
public enum NoToken: Error, Sendable, Hashable {
  /// The server has ended the sign-in: nobody is signed in any more.
  case signInEnded
  /// Another user is signed in, or the same one has signed in anew.
  case userChanged
  /// The tokens are out of reach just now. The user stays signed in.
  case unavailable
  /// The server could not be reached. The user stays signed in.
  case network
  /// The server wants to be left alone, for so many seconds where it says so. The user stays signed in.
  case tryLater(retryAfter: UInt64?)
  /// The server gave an answer that cannot be used. The user stays signed in.
  case server
}

final class SessionFacade: MiniHostFFI.UserSession {
  private let port: any UserSession
  private let hub: Hub

  init(_ port: any UserSession, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func accessToken(ticket: UInt64, user: MiniHostFFI.User, rejected: String?) throws {
    let user = User(user)
    hub.ask(.token(ticket)) { [port] native in
      do {
        let token = try await port.accessToken(for: user, rejected: rejected)
        try native.tokenGiven(ticket: ticket, token: token)
      } catch {
        let why = error as? NoToken ?? .unavailable
        try? native.noToken(ticket: ticket, why: why.native)
      }
    }
  }

  func abandon(ticket: UInt64) throws {
    hub.giveUp(.token(ticket))
  }

  func signOut(ticket: UInt64, user: MiniHostFFI.User) throws {
    let user = User(user)
    hub.ask(.token(ticket)) { [port] native in
      let done: Void? = try? await port.signOut(user)
      try? native.signedOut(ticket: ticket, result: done == nil ? .tokensRemain : .done)
    }
  }
}

extension NoToken {
  fileprivate var native: MiniHostFFI.NoToken {
    switch self {
    case .signInEnded: .signInEnded
    case .userChanged: .userChanged
    case .unavailable: .unavailable
    case .network: .network
    case .tryLater(let retryAfter): .tryLater(retryAfter: retryAfter)
    case .server: .server
    }
  }
}
