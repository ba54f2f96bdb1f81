import MiniHost
import MiniHostFFI

/// A message that is answered at once, beside a call of UniFFI with the same bytes.
struct Calls: Sendable {
  /// Microseconds, a figure for each run; and what was measured.
  struct Figures: Encodable, Sendable {
    let requestBytes: Int
    let replyBytes: Int
    /// A message whose reply is handed to a closure, as containers have it.
    var send: [Double] = []
    /// The same, awaited.
    var receive: [Double] = []
    /// The same bytes through a function that does nothing.
    var bareCall: [Double] = []
  }

  /// A session may send a hundred messages at once.
  private static let messages = 90
  private static let sessions = 24

  private let program: BenchProgram
  private let text: String
  private let reply: String
  private(set) var figures: Figures

  init() async throws {
    program = try await BenchProgram()
    text = Self.message(bytes: 200)
    let page = try await program.open()
    reply = try await page.answer(to: text)
    page.session.close()
    figures = Figures(requestBytes: text.utf8.count, replyBytes: reply.utf8.count)
  }

  mutating func measure() async throws {
    let sent = try await open()
    let bytes = reply.utf8.count
    figures.send.append(
      try microsecondsEach {
        var replied = 0
        for page in sent {
          for _ in 0..<Self.messages {
            try page.session.send(text, from: page.sender) { [bytes] in
              precondition($0?.utf8.count == bytes, "a message is refused")
            }
            replied += 1
          }
        }
        return replied
      })
    for page in sent { page.session.close() }

    figures.bareCall.append(
      microsecondsEach {
        for _ in 0..<Self.sessions * Self.messages {
          let reply = bareCall(text: text, bytes: UInt32(bytes))
          precondition(reply.utf8.count == bytes, "the floor gives other bytes")
        }
        return Self.sessions * Self.messages
      })

    let awaited = try await open()
    let began = ContinuousClock.now
    for page in awaited {
      for _ in 0..<Self.messages {
        let reply = try await page.session.receive(text, from: page.sender)
        precondition(reply?.utf8.count == bytes, "a message is refused")
      }
    }
    figures.receive.append(Self.microseconds(since: began) / Double(Self.sessions * Self.messages))
    for page in awaited { page.session.close() }
  }

  mutating func forget() {
    figures = Figures(requestBytes: figures.requestBytes, replyBytes: figures.replyBytes)
  }

  func close() async {
    await program.close()
  }

  private func open() async throws -> [BenchPage] {
    var pages: [BenchPage] = []
    for _ in 0..<Self.sessions { pages.append(try await program.open()) }
    return pages
  }

  private func microsecondsEach(_ work: () throws -> Int) rethrows -> Double {
    let began = ContinuousClock.now
    let times = try work()
    return Self.microseconds(since: began) / Double(times)
  }

  private static func microseconds(since began: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - began) / .microseconds(1)
  }

  /// `auth.getGrants`, with a parameter that is ignored.
  private static func message(bytes: Int) -> String {
    func with(_ padding: Int) -> String {
      let note = String(repeating: "x", count: padding)
      return #"{"jsonrpc":"2.0","id":"3f9a-1","method":"auth.getGrants","params":{"note":"\#(note)"}}"#
    }
    return with(bytes - with(0).utf8.count)
  }
}
