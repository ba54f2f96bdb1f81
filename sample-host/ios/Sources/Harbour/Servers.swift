import Foundation

/// Where the sample host's servers are and how to get in: the line that `sample-host --json` prints. It holds
/// the demo's secrets, which are new at each start.
public struct Servers: Sendable, Codable {
  public let authorizationServer: String
  public let host: Client
  public let users: [DemoUser]
  public let miniPrograms: [Program]
  /// Only where the sample host was started with `--steering`.
  public let steering: ServerDoor?

  public struct Client: Sendable, Codable {
    public let clientId: String
    public let clientSecret: String
  }

  public struct DemoUser: Sendable, Codable {
    public let username: String
    public let password: String
  }

  public struct Program: Sendable, Codable, Identifiable {
    public let id: String
    public let url: String
    public let clientId: String
    public let redirectUri: String
  }

  /// Reads the line. `nil` where it is none.
  public init?(line: String) {
    guard let read = try? JSONDecoder().decode(Servers.self, from: Data(line.utf8)) else { return nil }
    self = read
  }

  public func password(of username: String) -> String? {
    users.first { $0.username == username }?.password
  }

  private static let names = [
    "teahouse": ("Tea House", "清和茶馆"), "cinema": ("Cinema", "影院"), "notebook": ("Pocket Notes", "口袋笔记"),
  ]

  /// What people call a program, in English and Chinese; its `id` where nobody calls it anything.
  static func name(of program: String) -> (english: String, chinese: String) {
    names[program] ?? (program, program)
  }

  /// A manifest that nobody signed: this app pins no publisher's key, and shows a banner.
  public func manifest(of program: Program, lookalike: Bool = false) -> String {
    let name = lookalike ? ("Harb0ur", "Harb0ur") : Self.name(of: program.id)
    let origin = program.url.hasSuffix("/") ? String(program.url.dropLast()) : program.url
    let manifest: [String: Any] = [
      "manifestVersion": 1, "id": program.id, "version": "1.0.0",
      "name": ["en": name.0, "zh-Hans": name.1],
      "publisher": ["id": "sample", "name": ["en": "Sample publisher", "zh-Hans": "示例发布者"]],
      "startUrl": program.url, "origins": [origin], "clientId": program.clientId,
      "redirectUris": [program.redirectUri],
      "scopes": ["openid", "profile", "email", "phone"].map { ["name": $0] },
    ]
    let data = try? JSONSerialization.data(withJSONObject: manifest, options: .sortedKeys)
    return String(decoding: data ?? Data(), as: UTF8.self)
  }
}
