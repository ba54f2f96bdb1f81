import MiniHost
import TestHost

/// How a history names things, and how what came is held against it.
enum Shapes {
  /// The program of this name, as histories have it.
  static func manifest(_ id: String, version: String) -> String {
    let origin = "https://\(id).example"
    let manifest: Json = [
      "manifestVersion": 1, "id": .text(id), "version": .text(version),
      "name": ["en": .text("The \(id)"), "zh-Hans": .text("\(id)小程序")], "icon": .text("\(origin)/icon.svg"),
      "publisher": ["id": "acme", "name": ["en": "Acme Ltd"]], "startUrl": .text("\(origin)/"),
      "origins": [.text(origin)], "clientId": .text(id), "redirectUris": [.text("\(origin)/callback")],
      "audiences": ["https://api.example"], "methods": ["acme.print", "acme.locate"],
      "scopes": [
        ["name": "openid"], ["name": "profile", "reason": ["en": "To greet you."]],
        ["name": "email", "reason": ["en": "To send your receipt."]], ["name": "phone"],
      ],
    ]
    return manifest.encoded
  }

  static func remember(_ value: Json) -> Remember? {
    switch value.string {
    case "once": .once
    case "thirtyDays": .thirtyDays
    case "untilRevoked", "until revoked": .untilRevoked
    default: nil
    }
  }

  static func choice(_ value: Json) -> Choice {
    if value["deny"] == true { return .deny }
    if value["dismiss"] == true { return .dismiss }
    return .allow(scopes: value["allow"].strings, remember: remember(value["remember"]) ?? .thirtyDays)
  }

  static func json(_ view: ConsentView) -> Json {
    let scopes = view.scopes.map { scope -> Json in
      ["name": .text(scope.name), "title": .text(scope.title), "reason": .text(scope.reason)]
    }
    let program = view.miniProgram
    let doubts = program.doubts.map { Json.text("\($0)") }
    return [
      "miniProgram": [
        "id": .text(program.id), "name": .text(program.name), "publisher": .text(program.publisher),
        "icon": text(program.icon), "unsigned": .bool(program.unsigned),
        "doubts": doubts.isEmpty ? .null : .list(doubts),
      ],
      "account": .text(view.account), "locale": .text(view.locale), "scopes": .list(scopes),
      "audience": text(view.audience), "remember": .list(view.remember.map { .text("\($0)") }),
    ]
  }

  static func json(_ wanted: WantedCode) throws -> Json {
    [
      "user": .text(wanted.user.id), "clientId": .text(wanted.clientID),
      "redirectUri": .text(wanted.redirectURI),
      "codeChallenge": .text(wanted.codeChallenge), "nonce": text(wanted.nonce),
      "audience": text(wanted.audience), "scopes": .list(wanted.scopes.sorted().map(Json.text)),
      "acrValues": .list(wanted.acrValues.map(Json.text)),
      "maxAge": wanted.maxAge.map { .number(Double($0)) } ?? .null, "consent": try Json(wanted.consent),
    ]
  }

  static func json(_ call: HostCall, _ params: String) throws -> Json {
    [
      "method": .text(call.method), "miniProgram": .text(call.miniProgram), "user": text(call.user?.id),
      "params": try Json(params),
    ]
  }

  static func json(_ request: SignInRequest) -> Json {
    let how: Json =
      switch request.wish {
      case .again(let acrValues, let maxAge):
        [
          "again": [
            "acrValues": .list(acrValues.map(Json.text)),
            "maxAge": maxAge.map { .number(Double($0)) } ?? .null,
          ]
        ]
      case .chooseAccount: "chooseAccount"
      case .ordinary: "ordinary"
      }
    return ["miniProgram": .text(request.miniProgram), "user": text(request.user?.id), "how": how]
  }

  static func json(_ revoked: Revoked) -> Json {
    let server: Json =
      switch revoked.server {
      case .nothing: "notTold"
      case .later: "due"
      case .ended: "ended"
      case .localOnly: "localOnly"
      }
    return [
      "scopes": .list(revoked.scopes.map(Json.text)), "stored": .bool(revoked.stored), "server": server,
    ]
  }

  static func text(_ text: String?) -> Json { text.map(Json.text) ?? .null }

  /// Whether what came fits what the history says must come.
  static func fits(_ came: Json, _ pattern: Json) -> Bool {
    switch (pattern, came) {
    case (.text("*"), _): true
    case (.object(let members), _):
      members.allSatisfy { name, pattern in
        pattern == "(absent)" ? came[name] == .null : fits(came[name], pattern)
      }
    case (.list(let patterns), .list(let items)):
      patterns.count == items.count && zip(items, patterns).allSatisfy(fits)
    default: pattern == came
    }
  }

  /// The same with another text in the place of this one.
  static func replacing(_ old: String, with new: String, in json: Json) -> Json {
    switch json {
    case .text(old): .text(new)
    case .list(let items): .list(items.map { replacing(old, with: new, in: $0) })
    case .object(let members): .object(members.mapValues { replacing(old, with: new, in: $0) })
    default: json
    }
  }
}
