import Foundation
import TestHost
import Testing

/// The histories of `tests/vectors`, played from Swift through the library; ``Unplayed`` names those that are not.
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

  static let played = histories.filter { !unplayed.contains($0.title) }
  static let unplayed = Unplayed.histories.values.reduce(into: Set()) { $0.formUnion($1) }

  @Test("Every history is played, or is named with what it turns on")
  func placed() {
    #expect(Self.histories.count > 180)
    let titles = Dictionary(uniqueKeysWithValues: Self.histories.map { ($0.title, $0) })
    for (reason, named) in Unplayed.histories {
      for title in named {
        #expect(titles[title].map(reason.holds) == true, "\(title) does not turn on \(reason)")
      }
    }
    #expect(Unplayed.histories.values.map(\.count).reduce(0, +) == Self.unplayed.count, "one has two reasons")
  }

  @Test("What goes in gives what must come out", arguments: played)
  func plays(_ history: History) async throws {
    try await Player(history).play()
  }
}

/// One history.
struct History: Sendable, CustomTestStringConvertible {
  let json: Json

  var testDescription: String { title }
  var title: String { json["title"].string ?? "" }
  var steps: [Json] { json["steps"].array ?? [] }

  /// Whether the store answers before anything else happens, where somebody waits for it. Else it answers when
  /// the history says so.
  var isSavedAtOnce: Bool {
    zip(steps, steps.dropFirst()).allSatisfy { step, next in
      let isWaitedFor =
        step["in"]["answer"] != .null || step["in"]["revoke"] != .null
        || step["in"]["message"]["text"]["method"] == "auth.revoke"
      let saves = (step["out"].array ?? []).contains { $0["save"] != .null }
      return !(isWaitedFor && saves) || next["in"]["saved"] != .null
    }
  }
}

extension Json {
  /// How many questions a step sends to the issuer.
  var questions: Int {
    (self["out"].array ?? []).count { $0["issue"] != .null || $0["endAtServer"] != .null }
  }
}
