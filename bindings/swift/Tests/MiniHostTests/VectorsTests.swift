import Foundation
import MiniHost
import TestHost
import Testing

/// The histories of `tests/vectors`, played from Swift through the library with a server of the test's own.
/// Those that turn on the clock, the store, or an answer that no server gives as a status and a text, are
/// Rust's alone to play.
@Suite struct VectorsTests {
  static let histories: [History] = {
    guard let folder = ProcessInfo.processInfo.environment["MINIHOST_VECTORS"],
      let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
    else { return [] }
    return files.filter { $0.hasSuffix(".json") }.sorted().flatMap { file -> [History] in
      guard let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) else { return [] }
      return ((try? Json(text))?.array ?? []).map(History.init)
    }
  }()

  @Test("A good part of the histories can be played here")
  func enough() {
    #expect(Self.histories.count > 150)
    #expect(Self.histories.count(where: \.isPlayable) > 50)
  }

  @Test("What goes in gives what must come out", arguments: histories.filter(\.isPlayable))
  func plays(_ history: History) async throws {
    try await Player(history).play()
  }
}

/// One history.
struct History: Sendable, CustomTestStringConvertible {
  let json: Json

  var testDescription: String { json["title"].string ?? "" }

  /// Whether a host app, its user, its pages and its server can bring all of it about.
  var isPlayable: Bool {
    let host = json["host"].members ?? [:]
    guard host.keys.allSatisfy(["silent", "remember", "onSignOut", "name"].contains) else { return false }
    // The clock is the machine's own, by which a busy one may be too slow to be held back.
    let text = json.encoded
    guard !text.contains("2026-"), !text.contains("throttled") else { return false }
    return (json["steps"].array ?? []).allSatisfy { step in
      // Which of two code requests reaches a server first is the network's to say.
      guard (step["out"].array ?? []).count(where: { $0["issue"] != .null }) < 2 else { return false }
      guard let (kind, value) = step["in"].members?.first else { return false }
      switch kind {
      case "ready", "message", "answer", "close", "document", "visible", "switched", "settings", "locale",
        "user":
        return true
      case "saved": return value["stored"] == true
      // The library tells the issuer that it has verified, whatever a server says.
      case "issued": return value["failed"] == .null && [.null, "https://as.example"].contains(value["iss"])
      case "open": return value["signedBy"] == .null && value["rolledBack"] == .null
      default: return false
      }
    }
  }
}

/// What a code request waits for.
private final class CodeRequest: Sendable {
  let form: [String: String]
  private let answered = DispatchSemaphore(value: 0)
  private let text = Shared("")

  init(_ form: [String: String]) {
    self.form = form
  }

  func answer(_ text: String) {
    self.text.value = text
    answered.signal()
  }

  /// On the server's own thread.
  func wait() -> String {
    _ = answered.wait(timeout: .now() + patience)
    return text.value
  }
}

/// Plays one history.
private final class Player {
  private let history: Json
  private var phone: Phone!
  private let screen = Screen()
  private var server: StubServer!
  private let asked = Heard<CodeRequest>("a code request")
  private var requests: [Int: CodeRequest] = [:]
  private var sessions: [Int: MiniProgramSession] = [:]
  private var views: [Int: ConsentView] = [:]
  private var replies: [String: Heard<String?>] = [:]
  /// The message that was sent last.
  private var latest = ""

  init(_ history: History) {
    self.history = history.json
  }

  func play() async throws {
    let asked = asked
    server = try StubServer { request in
      if request.path == "/token" {
        let token = "t-\(request.form["username"] ?? "")"
        return (200, #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":600}"#)
      }
      let code = CodeRequest(request.form)
      asked.add(code)
      return (200, code.wait())
    }
    let host = history["host"]
    phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: .publicClient(), screen: screen,
      configure: { configuration in
        configuration.host = HostInfo(
          name: host["name"].string ?? "Test", version: "1.0.0", platform: "test")
        if host["silent"] == "recognise" { configuration.silent = .recognise }
        if host["onSignOut"] == "forget" { configuration.onSignOut = .forgetGrants }
        if let remember = host["remember"].array {
          configuration.remember = remember.compactMap(Self.remember)
        }
      })
    for (index, step) in (history["steps"].array ?? []).enumerated() {
      for _ in 0..<(step["times"].int ?? 1) {
        guard let (kind, value) = step["in"].members?.first else { continue }
        try await feed(kind, value)
        for effect in step["out"].array ?? [] {
          guard let (kind, value) = effect.members?.first else { continue }
          try await expect(kind, value, "step \(index)")
        }
      }
    }
    let unclaimed = replies.values.flatMap(\.rest).compactMap { $0 }
    #expect(unclaimed.isEmpty, "replies that the history does not have")
    #expect(screen.presented.rest.isEmpty, "prompts that the history does not have")
    await phone.host.shutdown()
  }

  private func feed(_ kind: String, _ value: Json) async throws {
    let session = value["session"].int ?? 0
    switch kind {
    case "ready":
      if try phone.host.currentUser == nil { try await signIn("alice") }
      try await open(session, value)
      try sessions[session]?.documentStarted(1)
      let initialize: Json = [
        "jsonrpc": "2.0", "id": 0, "method": "host.initialize",
        "params": ["versions": ["min": 1, "max": 1]],
      ]
      try send(
        ["session": .number(Double(session)), "program": value["program"], "document": 1, "to": 0],
        initialize.encoded)
      _ = try await replies["\(session)/0"]?.next()
    case "user":
      if let name = value.string { try await signIn(name) } else { try await phone.host.signOut() }
    case "open": try await open(session, value)
    case "document": try sessions[session]?.documentStarted(UInt64(value["document"].int ?? 0))
    case "visible": try sessions[session]?.setVisible(value["visible"].boolean ?? true)
    case "message":
      var text = value["text"].string ?? value["text"].encoded
      if let bytes = value["padTo"].int { text += String(repeating: " ", count: bytes - text.utf8.count) }
      try send(value, text)
    case "close": sessions[session]?.close()
    case "answer":
      guard let view = views[value["prompt"].int ?? 0] else { return }
      // An answer that does not count changes nothing; what follows shows that.
      try? phone.host.answer(view, with: choice(value))
    case "issued": answer(value)
    case "switched":
      try phone.host.setEnabled(value["program"].string ?? "", value["on"].boolean ?? false)
    case "settings": try phone.host.settingsOpened()
    case "locale": try phone.host.setLocale(value.string ?? "")
    default: break
    }
  }

  private func expect(_ kind: String, _ value: Json, _ place: String) async throws {
    switch kind {
    case "reply":
      let key = value["to"].int.map { "\(value["session"].int ?? 0)/\($0)" } ?? latest
      guard let text = try await replies[key]?.next() else {
        throw Unexpected("\(place): nothing answered \(key)")
      }
      if value["message"] != .null { try hold(try Json(text), against: value["message"], place) }
    case "prompt":
      let view = try await screen.presented.next()
      views[value["prompt"].int ?? 0] = view
      if value["shown"] != .null { try hold(Self.json(view), against: value["shown"], place) }
    case "dismiss":
      let dismissed = try await screen.dismissed.next()
      #expect(dismissed == views[value.int ?? 0]?.id, "\(place)")
    case "issue":
      let request = try await asked.next()
      requests[value["ticket"].int ?? 0] = request
      let scopes: [Json] = (request.form["scope"] ?? "").split(separator: " ").sorted().map {
        .text(String($0))
      }
      let consent = try Json(request.form["consent"] ?? "{}")
      let sent: Json = [
        "clientId": text(request.form["target_client_id"]), "redirectUri": text(request.form["redirect_uri"]),
        "codeChallenge": text(request.form["code_challenge"]), "nonce": text(request.form["nonce"]),
        "audience": text(request.form["resource"]), "scopes": .list(scopes),
        "consent": ["mode": consent["mode"]],
      ]
      var pattern = value.members ?? [:]
      for other in ["ticket", "user", "acrValues", "maxAge"] { pattern[other] = nil }
      if let mode = pattern["consent"]?["mode"] { pattern["consent"] = ["mode": mode] }
      try hold(sent, against: .object(pattern), place)
    default:
      // What is saved, told, written down or given up is not a host app's to see here.
      break
    }
  }

  private func text(_ text: String?) -> Json { text.map(Json.text) ?? .null }

  private func signIn(_ name: String) async throws {
    try await phone.host.signIn(username: name, password: "x")
  }

  private func open(_ session: Int, _ value: Json) async throws {
    let id = value["program"].string ?? ""
    let origin = "https://\(id).example"
    let manifest: Json = [
      "manifestVersion": 1, "id": .text(id), "version": value["version"].string.map(Json.text) ?? "1.2.0",
      "name": ["en": .text("The \(id)"), "zh-Hans": .text("\(id)小程序")], "icon": .text("\(origin)/icon.svg"),
      "publisher": ["id": "acme", "name": ["en": "Acme Ltd"]], "startUrl": .text("\(origin)/"),
      "origins": [.text(origin)], "clientId": .text(id), "redirectUris": [.text("\(origin)/callback")],
      "audiences": ["https://api.example"], "methods": ["acme.print", "acme.locate"],
      "scopes": [
        ["name": "openid"], ["name": "profile", "reason": ["en": "To greet you."]],
        ["name": "email", "reason": ["en": "To send your receipt."]], ["name": "phone"],
      ],
    ]
    sessions[session] = try await phone.host.open(.unsignedForDevelopment(manifest.encoded))
  }

  private func send(_ value: Json, _ text: String) throws {
    let members = value.members ?? [:]
    var sender = Sender(
      document: UInt64(value["document"].int ?? 0),
      origin: "https://\(value["program"].string ?? "").example", isMainFrame: true, isVisible: true,
      gestureAge: 0)
    if let origin = members["origin"] { sender.origin = origin.string }
    if let mainFrame = members["mainFrame"] { sender.isMainFrame = mainFrame.boolean }
    if let capability = members["capability"] { sender.hasCapability = capability.boolean ?? false }
    if let visible = members["visible"] { sender.isVisible = visible.boolean ?? true }
    if let age = members["gestureAgeMs"] { sender.gestureAge = age.int.map { TimeInterval($0) / 1000 } }
    let key = "\(value["session"].int ?? 0)/\(value["to"].int ?? 0)"
    let heard = replies[key] ?? Heard("an answer to \(key)")
    replies[key] = heard
    latest = key
    try sessions[value["session"].int ?? 0]?.send(text, from: sender) { heard.add($0) }
  }

  private func answer(_ value: Json) {
    var members: [String: Json] = ["authorization_code": value["code"], "client_id": value["clientId"]]
    if value["expiresIn"] != .null { members["expires_in"] = value["expiresIn"] }
    if value["grantId"] != .null { members["grant_id"] = value["grantId"] }
    if let scopes = value["scopes"].array {
      members["scope"] = .text(scopes.compactMap(\.string).joined(separator: " "))
    }
    requests[value["ticket"].int ?? 0]?.answer(Json.object(members).encoded)
  }

  private func choice(_ value: Json) -> Choice {
    if value["deny"] == true { return .deny }
    if value["dismiss"] == true { return .dismiss }
    let remember: Remember =
      switch value["remember"].string {
      case "once": .once
      case "until revoked": .untilRevoked
      default: .thirtyDays
      }
    return .allow(scopes: value["allow"].strings, remember: remember)
  }

  private static func remember(_ value: Json) -> Remember? {
    switch value.string {
    case "once": .once
    case "thirtyDays": .thirtyDays
    case "untilRevoked": .untilRevoked
    default: nil
    }
  }

  private static func json(_ view: ConsentView) -> Json {
    let scopes = view.scopes.map { scope -> Json in
      ["name": .text(scope.name), "title": .text(scope.title), "reason": .text(scope.reason)]
    }
    let program = view.miniProgram
    let doubts = program.doubts.map { Json.text("\($0)") }
    return [
      "miniProgram": [
        "id": .text(program.id), "name": .text(program.name), "publisher": .text(program.publisher),
        "icon": program.icon.map(Json.text) ?? .null, "unsigned": .bool(program.unsigned),
        "doubts": doubts.isEmpty ? .null : .list(doubts),
      ],
      "account": .text(view.account), "locale": .text(view.locale), "scopes": .list(scopes),
      "audience": view.audience.map(Json.text) ?? .null,
      "remember": .list(view.remember.map { .text("\($0)") }),
    ]
  }

  /// The issuer is the test's own server, and what it says is verified by the library, so it is always told.
  private func hold(_ came: Json, against pattern: Json, _ place: String) throws {
    let pattern = expected(pattern)
    guard fits(came, pattern) else {
      throw Unexpected("\(place): expected \(pattern.encoded)\ncame \(came.encoded)")
    }
  }

  private func expected(_ pattern: Json) -> Json {
    switch pattern {
    case .object(let members):
      var members = members.mapValues(expected)
      if let iss = members["iss"] {
        members["iss"] = iss == "(absent)" ? nil : .text(server.issuer)
      }
      return .object(members)
    case .list(let items):
      return .list(items.map(expected))
    default:
      return pattern
    }
  }

  private func fits(_ came: Json, _ pattern: Json) -> Bool {
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
}
