import Foundation

/// Measures each of ours and its floor by turns, and writes the figures where it is told, as JSON.
@main
enum Bench {
  /// How often each side is measured.
  private static let runs = 25

  static func main() async throws {
    var calls = try await Calls()
    // Until memory and caches are as they stay.
    for _ in 0..<runs { try await calls.measure() }
    calls.forget()
    for _ in 0..<runs { try await calls.measure() }
    let figures = try JSONEncoder().encode(calls.figures)
    try figures.write(to: URL(fileURLWithPath: CommandLine.arguments[1]))
    await calls.close()
  }
}

/// Why there is nothing to measure.
struct NotMeasured: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
