import Foundation
import MiniHost

/// A verifier and its challenge (RFC 7636, appendix B).
public enum Pkce {
  public static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
  public static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
}

/// The tea house: its manifest, and what its backend does with a code.
public struct Program: Sendable {
  /// What it wants, and why.
  public static let scopes: [(name: String, reason: String)] = [
    ("openid", "To know you again."), ("profile", "To greet you."), ("email", "To send your receipt."),
    ("phone", "To call when your tea is ready."),
  ]

  public let origin: String
  private let issuer: String
  private let client: Client
  private let redirectURI: String

  public init(_ sample: SampleHost) throws {
    guard let client = sample.teahouse.client, let redirectURI = sample.teahouse["redirectUri"].string,
      let url = sample.teahouse["url"].string
    else { throw Unexpected("the tea house is \(sample.teahouse.encoded)") }
    self.client = client
    self.redirectURI = redirectURI
    issuer = sample.issuer
    origin = url.hasSuffix("/") ? String(url.dropLast()) : url
  }

  public func manifest(id: String = "teahouse", methods: [String] = []) -> String {
    let scopes = Self.scopes.map {
      Json.object(["name": .text($0.name), "reason": ["en": .text($0.reason)]])
    }
    return Json.object([
      "manifestVersion": 1, "id": .text(id), "version": "1.0.0", "name": ["en": "Tea House"],
      "publisher": ["id": "qinghe", "name": ["en": "Qinghe Tea Ltd"]], "startUrl": .text("\(origin)/"),
      "origins": [.text(origin)], "clientId": .text(client.id), "redirectUris": [.text(redirectURI)],
      "methods": .list(methods.map(Json.text)), "scopes": .list(scopes),
    ]).encoded
  }

  /// Redeems a code for an access token, as the program's own client.
  public func redeem(_ code: String, verifier: String = Pkce.verifier) async throws -> Http.Answer {
    let metadata = try await Http.get("\(issuer)/.well-known/oauth-authorization-server").json()
    let pair = "\(Http.encode(client.id)):\(Http.encode(client.secret))"
    return try await Http.post(
      metadata["token_endpoint"].string ?? "",
      form: [
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI,
        "code_verifier": verifier,
      ],
      headers: ["Authorization": "Basic \(Data(pair.utf8).base64EncodedString())"])
  }

  /// What the server tells the program of the user.
  public func userDetails(_ accessToken: String) async throws -> Json {
    let metadata = try await Http.get("\(issuer)/.well-known/oauth-authorization-server").json()
    let bearer = ["Authorization": "Bearer \(accessToken)"]
    return try await Http.get(metadata["userinfo_endpoint"].string ?? "", headers: bearer).json()
  }
}
