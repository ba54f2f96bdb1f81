import Foundation
internal import MiniHostFFI

/// What waits elsewhere for this user's yes or no.
public final class DeviceRequest: Sendable {
  let native: MiniHostFFI.DeviceRequest

  init(_ native: MiniHostFFI.DeviceRequest) {
    self.native = native
  }

  /// What asks, in the user's language where the server knows names in it, BCP 47. A yes tells the server
  /// that the user read it in the language asked for last.
  public func asked(in language: String) throws(HostError) -> DeviceAsked {
    try translated(HostError.self) { DeviceAsked(try native.asked(language: language)) }
  }
}

/// What the user must be shown before they answer. The texts about the device are its own word, and may
/// hold anything.
public struct DeviceAsked: Sendable, Hashable {
  /// The client that asks; `nil` where it is a browser that signs in to the authorization server itself.
  public let client: Client?
  /// The IP address that the request came from.
  public let address: String?
  /// What the device's software calls itself: its `User-Agent`.
  public let userAgent: String?
  /// When it asked.
  public let requestedAt: Date
  /// Seconds that it could still be answered, when it was looked up.
  public let expiresIn: TimeInterval

  /// A client, and what it asks for.
  public struct Client: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// Its name.
    public let name: String
    /// Who is responsible for it.
    public let publisher: String?
    /// What it wants to be allowed.
    public let scopes: [String]
    /// Where, besides the authorization server itself (RFC 8707).
    public let resources: [String]
  }
}

extension DeviceAsked {
  fileprivate init(_ asked: MiniHostFFI.DeviceAsked) {
    client = asked.client.map {
      Client(id: $0.id, name: $0.name, publisher: $0.publisher, scopes: $0.scopes, resources: $0.resources)
    }
    address = asked.address
    userAgent = asked.userAgent
    requestedAt = Date(unixMilliseconds: asked.requestedAtUnixMs)
    expiresIn = TimeInterval(asked.expiresIn)
  }
}
