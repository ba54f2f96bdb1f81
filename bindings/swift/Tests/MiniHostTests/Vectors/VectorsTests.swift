import Foundation
import TestHost
import Testing

/// The histories of `tests/vectors`, played from Swift through the library. Those that turn on the clock, on
/// what lay in the store, or on a page of the server's in a browser, are Rust's alone to play.
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

  @Test("About half of the histories can be played here")
  func enough() {
    #expect(Self.histories.count > 150)
    #expect(Self.histories.count(where: \.isPlayable) > 80)
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
  var steps: [Json] { json["steps"].array ?? [] }

  /// Whether a host app, its user, its pages and its server can bring all of it about.
  var isPlayable: Bool {
    // The clock is the machine's own, by which a busy one may be too slow to be held back.
    let text = json.encoded
    guard !text.contains("2026-"), !text.contains("throttled") else { return false }
    guard isSavedAtOnce else { return false }
    return steps.allSatisfy { step in
      // Which of two questions reaches the issuer first is the threads' to say.
      let asked = (step["out"].array ?? []).filter { $0["issue"] != .null || $0["endAtServer"] != .null }
      guard asked.count < 2, let (kind, value) = step["in"].members?.first else { return false }
      switch kind {
      case "ready", "message", "answer", "close", "document", "visible", "switched", "settings", "locale",
        "user", "saved", "returned", "settingsShown", "signedIn", "endedAtServer", "revoke":
        return true
      case "issued": return value["continueAt"] == .null
      case "open": return value["signedBy"] == .null && value["rolledBack"] == .null
      default: return false
      }
    }
  }

  /// Whether the store answers before anything else happens, where somebody waits for it: the one here does.
  private var isSavedAtOnce: Bool {
    zip(steps, steps.dropFirst()).allSatisfy { step, next in
      let isWaitedFor =
        step["in"]["answer"] != .null || step["in"]["revoke"] != .null
        || step["in"]["message"]["text"]["method"] == "auth.revoke"
      let saves = (step["out"].array ?? []).contains { $0["save"] != .null }
      return !(isWaitedFor && saves) || next["in"]["saved"] != .null
    }
  }
}
