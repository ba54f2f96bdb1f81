import Foundation
import MiniHost

/// What a hostile page tries, as a tester wants it: played in a session of its own, by messages that a container
/// would bring.
public enum Attack: String, Sendable, Equatable, CaseIterable {
  /// A frame within the page speaks.
  case subFrame = "sub-frame"
  /// A page elsewhere whose origin begins like the program's.
  case lookalikeOrigin = "lookalike-origin"
  /// Nobody knows where the page is from, and it holds nothing that only the program's own has.
  case noOrigin = "no-origin"
  /// The page asks while nobody sees it.
  case hidden
  /// It wants what its manifest does not declare.
  case scopeCreep = "scope-creep"
  /// Its challenge is its verifier (RFC 7636 §4.2, `plain`).
  case plainChallenge = "plain-challenge"
  /// It wants the code sent elsewhere.
  case redirect
  /// It calls what is no method of the bridge.
  case hiddenMethod = "hidden-method"
  /// It names a member twice.
  case duplicateMember = "duplicate-member"

  /// What the host must say.
  public var reason: String {
    switch self {
    case .subFrame: "not_main_frame"
    case .lookalikeOrigin, .noOrigin: "untrusted_origin"
    case .hidden: "interaction_required"
    case .scopeCreep: "scope_not_declared"
    case .plainChallenge, .redirect, .duplicateMember: "invalid_request"
    case .hiddenMethod: "unsupported_method"
    }
  }

  /// Attacks, and gives the host's reason; `nil` where it gave none.
  func play(in session: MiniProgramSession) async -> String? {
    let origin = session.program.origins.first ?? ""
    var sender = Sender(document: 1, origin: origin, isMainFrame: true, isVisible: true, gestureAge: 0)
    let initialize =
      #"{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"#
    guard (try? session.documentStarted(1)) != nil,
      (try? await session.receive(initialize, from: sender)) != nil
    else { return nil }
    switch self {
    case .subFrame: sender.isMainFrame = false
    case .lookalikeOrigin: sender.origin = "\(origin).evil.example"
    case .noOrigin: sender.origin = nil
    case .hidden: sender.isVisible = false
    default: break
    }
    let reply = try? await session.receive(text, from: sender)
    return reply.flatMap { $0 }.flatMap(Self.reason)
  }

  private var text: String {
    var method = "auth.requestCode"
    var params: [String: Any] = [
      "scopes": ["openid"], "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      "codeChallengeMethod": "S256",
    ]
    switch self {
    case .scopeCreep: params["scopes"] = ["openid", "address"]
    case .plainChallenge: params["codeChallengeMethod"] = "plain"
    case .redirect: params["redirectUri"] = "https://evil.example/callback"
    case .hiddenMethod: method = "host.__debug"
    default: break
    }
    let message: [String: Any] = ["jsonrpc": "2.0", "id": 2, "method": method, "params": params]
    let data = (try? JSONSerialization.data(withJSONObject: message, options: .sortedKeys)) ?? Data()
    let text = String(decoding: data, as: UTF8.self)
    return self == .duplicateMember ? #"{"id":2,"# + text.dropFirst() : text
  }

  private static func reason(_ reply: String) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(reply.utf8)) as? [String: Any]
    let error = object?["error"] as? [String: Any]
    return (error?["data"] as? [String: Any])?["reason"] as? String
  }
}
