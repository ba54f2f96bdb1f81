import Foundation
import MiniHost
import TestHost
import Testing

/// Plays one history: a host app, its user, its pages and its server do what goes in, and hold what comes out
/// against the rest.
final class Player {
  private let history: History
  private var phone: Phone!
  private var server: StubServer!
  private let screen = Screen()
  private let issuer = AskingIssuer()
  private let signIn = AskingSignIn()
  private let settings = AskingSettings()
  private let shelf: PlayedShelf
  /// How many saves have been decided and how many answered, and whether the store has begun with the first that
  /// was not.
  private var saves = (decided: 0, answered: 0, isBegun: false)
  private let called = Heard<AskingMethod.Called>("a call of a method")
  private var codes: [Int: AskingIssuer.Code] = [:]
  private var endings: [Int: AskingIssuer.Ending] = [:]
  private var signIns: [Int: AskingSignIn.SignIn] = [:]
  private var openings: [Int: AskingSettings.Opening] = [:]
  private var calls: [Int: AskingMethod.Called] = [:]
  private var revocations: [Int: Task<Revoked, any Error>] = [:]
  private var sessions: [Int: MiniProgramSession] = [:]
  private var told: [Int: Heard<PageMessage>] = [:]
  private var views: [Int: ConsentView] = [:]
  private var replies: [String: Heard<String?>] = [:]
  /// The message that was sent last.
  private var latest = ""

  /// The issuer, as histories call it.
  private static let issuerName = "https://as.example"

  init(_ history: History) {
    self.history = history
    shelf = PlayedShelf(history)
  }

  func play() async throws {
    server = try StubServer { request in
      let token = "t-\(request.form["username"] ?? "")"
      return (200, #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":600}"#)
    }
    phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: .publicClient(), screen: screen,
      configure: configure, bring: bring)
    for (index, step) in history.steps.enumerated() {
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
    #expect(issuer.codes.rest.isEmpty, "code requests that the history does not have")
    #expect(called.rest.isEmpty, "calls that the history does not have")
    shelf.answerAll()
    await phone.host.shutdown()
  }

  private func configure(_ configuration: inout Configuration) {
    let host = history.json["host"]
    configuration.host = HostInfo(name: host["name"].string ?? "Test", version: "1.0.0", platform: "test")
    if host["silent"] == "recognise" { configuration.silent = .recognise }
    if host["onSignOut"] == "forget" { configuration.onSignOut = .forgetGrants }
    if let remember = host["remember"].array {
      configuration.remember = remember.compactMap(Shapes.remember)
    }
    configuration.words = (host["words"].members ?? [:]).compactMapValues(\.string)
  }

  private func bring(_ delegates: inout Delegates) {
    let host = history.json["host"]
    delegates.codeIssuer = issuer
    delegates.grants = .own(shelf)
    if host["signIn"] == "present" { delegates.signIn = signIn }
    if host["settings"] == "present" { delegates.settings = settings }
    if host["browser"] == "present" { delegates.browser = NoPage() }
    delegates.methods = (host["methods"].array ?? []).map { AskingMethod($0, called: called) }
  }

  private func feed(_ kind: String, _ value: Json) async throws {
    let (session, ticket) = (value["session"].int ?? 0, value["ticket"].int ?? 0)
    switch kind {
    case "ready": try await ready(session, value)
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
      try? phone.host.answer(view, with: Shapes.choice(value))
    case "issued": codes[ticket]?.answer(issued(value))
    case "endedAtServer":
      let ended: [String: GrantEnded] = ["ended": .ended, "localOnly": .localOnly, "failed": .notYet]
      endings[value["ending"].int ?? 0]?.answer(ended[value["outcome"].string ?? ""] ?? .notYet)
    case "revoke":
      let (host, program) = (phone.host, value["program"].string ?? "")
      let scopes = value["scopes"].array?.compactMap(\.string)
      revocations[value["call"].int ?? 0] = Task { try await host.revoke(program, scopes: scopes) }
    case "returned": calls[ticket]?.answer(returned(value))
    case "signedIn":
      let outcomes: [String: UserReturned] = ["done": .done, "cancelled": .cancelled, "failed": .failed]
      signIns[ticket]?.answer(outcomes[value["outcome"].string ?? ""] ?? .failed)
    case "settingsShown": openings[ticket]?.answer(())
    case "switched":
      try phone.host.setEnabled(value["program"].string ?? "", value["on"].boolean ?? false)
    case "saved":
      guard shelf.waits, let number = value["save"].int else { return }
      // An answer for one is one for those before it.
      while saves.answered < number {
        if !saves.isBegun { try await shelf.begun.next() }
        saves.answered += 1
        saves.isBegun = false
        shelf.answer()
      }
    case "shutDown": await phone.host.shutdown()
    case "settings": try phone.host.settingsOpened()
    case "locale": try phone.host.setLocale(value.string ?? "")
    default: throw Unexpected("nobody here can bring about `\(kind)`")
    }
  }

  private func expect(_ kind: String, _ value: Json, _ place: String) async throws {
    let (session, ticket) = (value["session"].int ?? 0, value["ticket"].int ?? 0)
    switch kind {
    case "reply":
      guard let text = try await reply(value) else { throw Unexpected("\(place): there is no reply") }
      if value["message"] != .null { try hold(try Json(text), against: value["message"], place) }
    case "settle":
      #expect(try await reply(value) == nil, "\(place)")
    case "tell":
      guard let message = try await told[session]?.next() else { return }
      #expect(Int(message.document) == value["document"].int, "\(place)")
      try hold(try Json(message.text), against: value["message"], place)
    case "prompt":
      let view = try await screen.presented.next()
      views[value["prompt"].int ?? 0] = view
      if value["shown"] != .null { try hold(Shapes.json(view), against: value["shown"], place) }
    case "dismiss":
      let dismissed = try await screen.dismissed.next()
      #expect(dismissed == views[value.int ?? 0]?.id, "\(place)")
    case "issue":
      let code = try await issuer.codes.next()
      codes[ticket] = code
      try hold(try Shapes.json(code.wish), against: value, place)
    case "endAtServer":
      let ending = try await issuer.endings.next()
      endings[value["ending"].int ?? 0] = ending
      try hold(["grantId": .text(ending.wish)], against: value, place)
    case "revoked":
      guard let revoked = try await revocations[value["call"].int ?? 0]?.value else { return }
      try hold(Shapes.json(revoked), against: value, place)
    case "call":
      let call = try await called.next()
      calls[ticket] = call
      try hold(try Shapes.json(call.wish.0, call.wish.1), against: value, place)
    case "signIn":
      let asked = try await signIn.asked.next()
      signIns[ticket] = asked
      try hold(Shapes.json(asked.wish), against: value, place)
    case "openSettings":
      let opening = try await settings.asked.next()
      openings[ticket] = opening
      try hold(["miniProgram": .text(opening.wish)], against: value, place)
    case "save":
      guard shelf.waits else { return }
      // While the store is busy only the newest save waits for it, so it must have begun with the first.
      if saves.decided == saves.answered {
        try await shelf.begun.next()
        saves.isBegun = true
      }
      saves.decided += 1
    case "abandon": try await codes[value.int ?? 0]?.givenUp.next()
    case "abandonCall": try await calls[value.int ?? 0]?.givenUp.next()
    case "abandonSignIn": try await signIns[value.int ?? 0]?.givenUp.next()
    default:
      // What is saved and written down is not looked at here.
      break
    }
  }

  private func reply(_ value: Json) async throws -> String? {
    let key = value["session"].int.flatMap { session in value["to"].int.map { "\(session)/\($0)" } } ?? latest
    guard let heard = replies[key] else { throw Unexpected("\(key) was never sent") }
    return try await heard.next()
  }

  /// The numbers by which a history names questions are its own.
  private func hold(_ came: Json, against pattern: Json, _ place: String) throws {
    var members = pattern.members ?? [:]
    for number in ["ticket", "ending", "call"] { members[number] = nil }
    let pattern = Shapes.replacing(Self.issuerName, with: server.issuer, in: .object(members))
    guard Shapes.fits(came, pattern) else {
      throw Unexpected("\(place): expected \(pattern.encoded)\ncame \(came.encoded)")
    }
  }

  private func signIn(_ name: String) async throws {
    try await phone.host.signIn(username: name, password: "x")
  }

  private func ready(_ session: Int, _ value: Json) async throws {
    if try phone.host.currentUser == nil { try await signIn("alice") }
    try await open(session, value)
    try sessions[session]?.documentStarted(1)
    let initialize: Json = [
      "jsonrpc": "2.0", "id": 0, "method": "host.initialize", "params": ["versions": ["min": 1, "max": 1]],
    ]
    try send(
      ["session": .number(Double(session)), "program": value["program"], "document": 1, "to": 0],
      initialize.encoded)
    _ = try await replies["\(session)/0"]?.next()
  }

  private func open(_ session: Int, _ value: Json) async throws {
    let version = value["version"].string ?? "1.2.0"
    let text = Shapes.manifest(value["program"].string ?? "", version: version)
    let keys: [String: Es256.Key] = ["k1": .first, "k2": .second]
    let publisher = value["signedBy"].string.flatMap { keys[$0] }.map { Publisher("acme", key: $0) }
    let manifest =
      publisher.map { Manifest.signed($0.sign(text), keys: [$0.key]) } ?? .unsignedForDevelopment(text)
    if value["rolledBack"] == true {
      await #expect(throws: OpenError.self) { [phone] in try await phone?.host.open(manifest) }
      return
    }
    let opened = try await phone.host.open(manifest)
    sessions[session] = opened
    guard history.json["events"] == true else { return }
    let (messages, heard) = (opened.messages, Heard<PageMessage>("an event"))
    told[session] = heard
    Task { for await message in messages { heard.add(message) } }
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

  private func issued(_ value: Json) -> Result<IssuedCode, CodeRefused> {
    let number = { (member: String) in value[member].int.map(UInt64.init) }
    if let reason = value["failed"].string {
      return .failure(CodeRefused(reason: reason, retryAfter: number("retryAfter")))
    }
    let issuer = value["iss"].string.map { $0 == Self.issuerName ? server.issuer : $0 }
    return .success(
      IssuedCode(
        value["code"].string ?? "", clientID: value["clientId"].string ?? "",
        scopes: value["scopes"].array?.compactMap(\.string), issuer: issuer, expiresIn: number("expiresIn"),
        grantID: value["grantId"].string))
  }

  private func returned(_ value: Json) -> Result<String, HostMethodFailure> {
    if let reason = value["failed"].string {
      return .failure(HostMethodFailure(reason: reason, message: "It is out of paper."))
    }
    return .success(value["result"].encoded)
  }
}
