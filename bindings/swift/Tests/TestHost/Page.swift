import Foundation
import MiniHost

/// A document of a mini-program, and the container's knowledge of it.
public final class Page: Sendable {
  public let phone: Phone
  public let session: MiniProgramSession
  public let document: UInt64
  private let origin: String
  private let last = Shared(0)

  public init(_ phone: Phone, _ session: MiniProgramSession, document: UInt64, origin: String) throws {
    self.phone = phone
    self.session = session
    self.document = document
    self.origin = origin
    try session.documentStarted(document)
  }

  /// Opens a mini-program and loads its page.
  public static func load(_ phone: Phone, _ program: Program, methods: [String] = []) async throws -> Page {
    let session = try await phone.host.open(
      .unsignedForDevelopment(program.manifest(methods: methods)), launch: Launch(source: "test"))
    return try Page(phone, session, document: 1, origin: program.origin)
  }

  /// The same, with the page's first message sent.
  public static func ready(_ phone: Phone, _ program: Program, methods: [String] = []) async throws -> Page {
    let page = try await load(phone, program, methods: methods)
    _ = try await page.initialize()
    return page
  }

  /// What the platform says of a message of the document itself.
  public var sender: Sender {
    Sender(document: document, origin: origin, isMainFrame: true, isVisible: true, gestureAge: 0.2)
  }

  /// Sends a text; gives back its reply.
  public func post(_ text: String, as change: (inout Sender) -> Void = { _ in }) async throws -> Json? {
    var sender = sender
    change(&sender)
    return try await session.receive(text, from: sender).map { try Json($0) }
  }

  /// Sends a request.
  public func call(
    _ method: String, _ params: [String: Json] = [:], as change: (inout Sender) -> Void = { _ in }
  ) async throws -> Json {
    let text = request(method, params)
    guard let reply = try await post(text, as: change) else { throw Unexpected("\(method) has no reply") }
    return reply
  }

  /// The text of the next request.
  public func request(_ method: String, _ params: [String: Json] = [:]) -> String {
    last.value += 1
    let id = Json.number(Double(last.value))
    return Json.object([
      "jsonrpc": "2.0", "id": id, "method": .text(method), "params": .object(params),
    ]).encoded
  }

  public func notify(_ method: String, _ params: [String: Json]) async throws {
    let text = Json.object(["jsonrpc": "2.0", "method": .text(method), "params": .object(params)]).encoded
    if let reply = try await post(text) { throw Unexpected("\(method) was answered: \(reply.encoded)") }
  }

  public func initialize() async throws -> Json {
    try await call("host.initialize", ["versions": ["min": 1, "max": 1]])
  }

  /// Asks for a code.
  public func requestCode(
    _ scopes: [String], _ more: [String: Json] = [:], as change: (inout Sender) -> Void = { _ in }
  ) async throws -> Json {
    var params: [String: Json] = [
      "scopes": .list(scopes.map(Json.text)), "codeChallenge": .text(Pkce.challenge),
      "codeChallengeMethod": "S256",
    ]
    params.merge(more) { _, new in new }
    return try await call("auth.requestCode", params, as: change)
  }

  /// The id of the latest request.
  public var lastID: Int { last.value }
}
