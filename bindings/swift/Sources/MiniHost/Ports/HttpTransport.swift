import Foundation
internal import MiniHostFFI

/// Sends requests to the authorization server.
///
/// An implementation follows no redirect, keeps no cookies, repeats nothing, and reads at most 1 MiB of body.
/// The SDK checks the answer's size, time and status again.
public protocol HttpTransport: AnyObject, Sendable {
  /// Sends a request and gives its answer, of whatever status. The task is cancelled once nobody waits for it
  /// any more. Throw ``HttpFailure``; any other error counts as ``HttpFailure/maybeSent``.
  func send(_ request: HttpRequest) async throws -> HttpResponse
}

/// A request. Headers and body hold secrets and must not be logged: a class, since a value's description shows
/// all.
public final class HttpRequest: Sendable {
  /// `GET`, `POST`, `PUT` or `DELETE`.
  public let method: String
  /// Where to: `https`, or `http` on the loopback interface.
  public let url: URL
  /// Each name once, in lower case.
  public let headers: [String: String]
  /// The body, where there is one.
  public let body: Data?
  /// Seconds from the beginning of the connection to the last byte of the answer.
  public let timeAllowed: TimeInterval

  init(method: String, url: URL, headers: [String: String], body: Data?, timeAllowed: TimeInterval) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeAllowed = timeAllowed
  }
}

/// An answer. The body may hold tokens and must not be logged: a class, since a value's description shows all.
public final class HttpResponse: Sendable {
  /// The status code.
  public let status: UInt16
  /// The values of each name, in whatever case.
  public let headers: [String: [String]]
  /// The body.
  public let body: Data

  public init(status: UInt16, headers: [String: [String]] = [:], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Why there is no answer.
public enum HttpFailure: Error, Sendable, Hashable, CaseIterable {
  /// No byte of the request has left. It may be repeated.
  case notSent
  /// The server is not the one that was meant; no byte of the request has left.
  case untrusted
  /// The connection broke after bytes may have left.
  case maybeSent
  /// The time was up. Bytes may have left.
  case timedOut
  /// The answer's body is larger than 1 MiB.
  case tooLarge
}

final class TransportFacade: MiniHostFFI.HttpTransport {
  private let port: any HttpTransport
  /// Known once the host starts; nothing is sent before.
  let hub = Locked<Hub?>(nil)

  init(_ port: any HttpTransport) {
    self.port = port
  }

  func send(
    ticket: UInt64, method: String, url: String, headers: [String: String], body: Data?, timeAllowedMs: UInt64
  ) throws {
    guard let hub = hub.with({ $0 }), let url = URL(string: url) else {
      throw MiniHostFFI.PortError.Failed
    }
    let timeAllowed = TimeInterval(milliseconds: timeAllowedMs)
    let request = HttpRequest(
      method: method, url: url, headers: headers, body: body, timeAllowed: timeAllowed)
    hub.ask(.http(ticket)) { [port] native in
      do {
        let response = try await port.send(request)
        try native.httpAnswered(
          ticket: ticket, status: response.status, headers: response.headers, body: response.body)
      } catch {
        let why = error as? HttpFailure ?? .maybeSent
        try? native.httpFailed(ticket: ticket, why: why.native)
      }
    }
  }

  func abandon(ticket: UInt64) throws {
    hub.with { $0 }?.giveUp(.http(ticket))
  }
}

extension HttpFailure {
  fileprivate var native: MiniHostFFI.HttpFailure {
    switch self {
    case .notSent: .notSent
    case .untrusted: .untrusted
    case .maybeSent: .maybeSent
    case .timedOut: .timedOut
    case .tooLarge: .tooLarge
    }
  }
}
