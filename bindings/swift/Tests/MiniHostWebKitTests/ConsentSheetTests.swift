import Foundation
import MiniHost
import TestHost
import Testing

@testable import MiniHostWebKit

/// Time that passes when a test says so.
private final class Clock: Sendable {
  let asked = Heard<TimeInterval>("a wish to sleep")
  private let wake = Shared<[AsyncStream<Never>.Continuation]>([])

  @Sendable func sleep(_ seconds: TimeInterval) async {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    wake.value.append(continuation)
    asked.add(seconds)
    for await _ in stream {}
  }

  func pass() {
    for continuation in wake.value { continuation.finish() }
  }
}

@MainActor
@Suite struct ConsentSheetTests {
  nonisolated static func view(
    id: UInt64 = 7, audience: String? = nil, locale: String = "en",
    remember: [Remember] = [.thirtyDays, .untilRevoked, .once], unsigned: Bool = false,
    doubts: [NameDoubt] = []
  ) -> ConsentView {
    ConsentView(
      id: id, digest: "d",
      miniProgram: .init(
        id: "teahouse", name: "Tea House", publisher: "Qinghe Tea Ltd", unsigned: unsigned, doubts: doubts),
      account: "alice",
      scopes: [
        .init(name: "openid", title: "Recognise you", reason: ""),
        .init(name: "email", title: "Email address", reason: "To send your receipt."),
      ], audience: audience, locale: locale, remember: remember)
  }

  @MainActor
  private final class Sheet {
    var answers: [Choice] = []
    let clock = Clock()
    private(set) var model: ConsentSheetModel!

    init() {
      model = ConsentSheetModel(ConsentSheetTests.view(), hostName: "Harbour", sleep: clock.sleep) {
        [weak self] in self?.answers.append($0)
      }
    }

    func arm() async throws {
      model.phaseChanged(to: .active)
      model.appeared()
      #expect(try await clock.asked.next() == 0.5)
      clock.pass()
      while !model.isArmed { await Task.yield() }
    }
  }

  @Test("Allow takes no tap before the sheet was fully on screen for half a second")
  func armed() async throws {
    let sheet = Sheet()
    sheet.model.allow()
    sheet.model.phaseChanged(to: .active)
    sheet.model.appeared()
    _ = try await sheet.clock.asked.next()
    sheet.model.allow()
    #expect(sheet.answers.isEmpty && !sheet.model.isArmed)
    sheet.clock.pass()
    while !sheet.model.isArmed { await Task.yield() }
    sheet.model.allow()
    #expect(sheet.answers == [.allow(scopes: ["openid", "email"], remember: .thirtyDays)])
  }

  @Test("The half second begins once the sheet is on screen and the app in use, whichever comes first")
  func begins() async throws {
    for appearsFirst in [true, false] {
      let sheet = Sheet()
      sheet.model.phaseChanged(to: .inactive)
      if appearsFirst { sheet.model.appeared() } else { sheet.model.phaseChanged(to: .active) }
      for _ in 0..<100 { await Task.yield() }
      #expect(sheet.clock.asked.rest.isEmpty)
      if appearsFirst { sheet.model.phaseChanged(to: .active) } else { sheet.model.appeared() }
      _ = try await sheet.clock.asked.next()
      sheet.clock.pass()
      while !sheet.model.isArmed { await Task.yield() }
      #expect(sheet.answers.isEmpty)
    }
  }

  @Test("What the system lays over the sheet closes it without an answer, and takes Allow away at once")
  func systemOverlay() async throws {
    let sheet = Sheet()
    try await sheet.arm()
    sheet.model.phaseChanged(to: .inactive)
    #expect(!sheet.model.isArmed)
    sheet.model.allow()
    #expect(sheet.answers.isEmpty)
    sheet.model.phaseChanged(to: .active)
    #expect(sheet.answers == [.dismiss])
    sheet.model.appeared()
    sheet.model.allow()
    #expect(sheet.answers == [.dismiss])
  }

  @Test("An app that left the screen and came back has the half second begin anew")
  func away() async throws {
    let sheet = Sheet()
    sheet.model.phaseChanged(to: .active)
    sheet.model.appeared()
    _ = try await sheet.clock.asked.next()
    sheet.model.phaseChanged(to: .inactive)
    sheet.clock.pass()
    for _ in 0..<100 { await Task.yield() }
    #expect(!sheet.model.isArmed)
    for phase in [ConsentSheetModel.Phase.background, .inactive, .active] {
      sheet.model.phaseChanged(to: phase)
    }
    #expect(sheet.answers.isEmpty && !sheet.model.isArmed)
    _ = try await sheet.clock.asked.next()
    sheet.clock.pass()
    while !sheet.model.isArmed { await Task.yield() }
    sheet.model.allow()
    #expect(sheet.answers.count == 1)
  }

  @Test("What the app lays over the sheet closes it without an answer")
  func appOverlay() async throws {
    let presenter = ConsentPresenter(hostName: "Harbour", sleep: Clock().sleep)
    let asked = Task { try await presenter.ask(Self.view()) }
    while presenter.current == nil { await Task.yield() }
    presenter.covered()
    #expect(try await asked.value == .dismiss)
    #expect(presenter.current == nil)
    presenter.covered()
  }

  @Test("Deny needs no time, and closing is no answer", arguments: [true, false])
  func denies(_ deny: Bool) {
    let sheet = Sheet()
    if deny { sheet.model.deny() } else { sheet.model.dismiss() }
    #expect(sheet.answers == [deny ? .deny : .dismiss])
  }

  @Test("There is one answer, whatever the user taps afterwards")
  func once() async throws {
    let sheet = Sheet()
    try await sheet.arm()
    sheet.model.allow()
    sheet.model.allow()
    sheet.model.deny()
    sheet.model.dismiss()
    #expect(sheet.answers.count == 1)
  }

  @Test("Boxes and durations are those of the view, and nothing chosen is a denial")
  func choices() async throws {
    let sheet = Sheet()
    let model = try #require(sheet.model)
    model.set("email", chosen: false)
    model.set("address", chosen: true)
    #expect(model.chosen == ["openid"])
    model.set(.once)
    #expect(model.hint == model.words.follows(.once))
    model.set("openid", chosen: false)
    #expect(model.hint == model.words.nothingChosen)
    try await sheet.arm()
    model.allow()
    #expect(sheet.answers == [.deny])

    let fixed = ConsentSheetModel(Self.view(remember: [.once]), hostName: "Harbour") { _ in }
    fixed.set(.untilRevoked)
    #expect(fixed.remember == .once && !fixed.offersDurations)
  }

  @Test("Where the program may use what it gets is said, where it names a place")
  func audience() {
    let named = Self.view(audience: "https://api.example")
    #expect(
      ConsentSheetModel(named, hostName: "Harbour") { _ in }.audience == "For use at https://api.example")
    #expect(ConsentSheetModel(Self.view(), hostName: "Harbour") { _ in }.audience == nil)
  }

  @Test("A prompt takes the place of one whose end is still on its way")
  func replaced() async throws {
    let presenter = ConsentPresenter(hostName: "Harbour", sleep: Clock().sleep)
    let first = Task { try await presenter.ask(Self.view()) }
    try await eventually("the first sheet") { presenter.current?.id == 7 }
    let second = Task { try await presenter.ask(Self.view(id: 8)) }
    #expect(try await first.value == .dismiss)
    try await eventually("the second sheet") { presenter.current?.id == 8 }
    presenter.current?.deny()
    #expect(try await second.value == .deny)
  }

  @Test("Each reason for a second look has its sentence")
  func warnings() {
    let view = Self.view(unsigned: true, doubts: NameDoubt.allCases)
    let model = ConsentSheetModel(view, hostName: "Harbour") { _ in }
    #expect(model.warnings.count == 4 && Set(model.warnings).count == 4)
    #expect(ConsentSheetModel(Self.view(), hostName: "Harbour") { _ in }.warnings.isEmpty)
  }

  @Test("The presenter shows one prompt, and takes it away once nobody waits")
  func presenter() async throws {
    let clock = Clock()
    let presenter = ConsentPresenter(hostName: "Harbour", sleep: clock.sleep)
    let asked = Task { try await presenter.ask(Self.view()) }
    while presenter.current == nil { await Task.yield() }
    let sheet = try #require(presenter.current)
    asked.cancel()
    #expect(try await asked.value == .dismiss)
    #expect(presenter.current == nil)
    sheet.deny()

    let again = Task { try await presenter.ask(Self.view()) }
    while presenter.current == nil { await Task.yield() }
    presenter.current?.deny()
    #expect(try await again.value == .deny)
    #expect(presenter.current == nil)

    let steered = ConsentPresenter(hostName: "Harbour")
    steered.steer { _ in .deny }
    #expect(try await steered.ask(Self.view()) == .deny)
  }

  @Test("The sheet says what the sample host's says, in both languages", arguments: ["en", "zh-Hans"])
  func words(_ locale: String) throws {
    let vectors = try #require(ProcessInfo.processInfo.environment["MINIHOST_VECTORS"])
    let file = "\(vectors)/../../sample-host/simulator/web/words.\(locale).json"
    let theirs = try Json(String(contentsOfFile: file, encoding: .utf8))
    let ours = ConsentWords(locale: locale, hostName: "Harbour")
    let texts = [
      "title": ours.title("{name}"), "publisher": ours.publisher("{publisher}"), "account": ours.account,
      "scopes": ours.scopes, "reason": ours.reason("{reason}"), "none": ours.nothingChosen,
      "allow": ours.allow, "deny": ours.deny, "dismiss": ours.close, "howLong": ours.howLong,
      "unsigned": ours.unsigned, "thirtyDays": ours.duration(.thirtyDays),
      "untilRevoked": ours.duration(.untilRevoked), "once": ours.duration(.once),
      "thirtyDays.follows": ours.follows(.thirtyDays), "untilRevoked.follows": ours.follows(.untilRevoked),
      "once.follows": ours.follows(.once), "mixedScripts": ours.doubt(.mixedScripts),
      "looksLikeHost": ours.doubt(.looksLikeHost), "looksLikeAnother": ours.doubt(.looksLikeAnother),
    ]
    for (key, text) in texts { #expect(theirs["consent.\(key)"].string == text, "\(key)") }
  }

  @Test("A language that is not there is English", arguments: ["fr", "zh-Hant", "zh-TW", ""])
  func fallback(_ locale: String) {
    #expect(ConsentWords(locale: locale, hostName: "Harbour").allow == "Allow")
  }
}
