// What of Apple's unified logging the log sink uses, with Apple's signatures as its documentation gives them
// and a list behind them.

import Foundation

public struct OSLogType: Sendable, Hashable {
  private let name: String

  public static let `default` = OSLogType(name: "default")
  public static let info = OSLogType(name: "info")
  public static let debug = OSLogType(name: "debug")
  public static let error = OSLogType(name: "error")
  public static let fault = OSLogType(name: "fault")
}

public struct OSLogPrivacy: Sendable, Hashable {
  fileprivate let shows: Bool

  public static let auto = OSLogPrivacy(shows: false)
  public static let `public` = OSLogPrivacy(shows: true)
  public static let `private` = OSLogPrivacy(shows: false)
}

public struct OSLogInterpolation: StringInterpolationProtocol {
  fileprivate var text = ""

  public init(literalCapacity: Int, interpolationCount: Int) {}

  public mutating func appendLiteral(_ literal: String) { text += literal }

  public mutating func appendInterpolation(
    _ argument: @autoclosure @escaping () -> String, privacy: OSLogPrivacy = .auto
  ) {
    text += privacy.shows ? argument() : "<private>"
  }
}

public struct OSLogMessage: ExpressibleByStringInterpolation {
  fileprivate let text: String

  public init(stringLiteral value: String) { text = value }

  public init(stringInterpolation: OSLogInterpolation) { text = stringInterpolation.text }
}

public struct Logger: Sendable {
  private let place: String

  public init(subsystem: String, category: String) {
    place = "\(subsystem)/\(category)"
  }

  public func log(level: OSLogType, _ message: OSLogMessage) {
    LogStandIn.add(.init(place: place, level: level, text: message.text))
  }
}

/// The log of a test.
public enum LogStandIn {
  public struct Line: Sendable, Hashable {
    public let place: String
    public let level: OSLogType
    public let text: String
  }

  private static let lock = NSLock()
  nonisolated(unsafe) private static var kept: [Line] = []

  public static var lines: [Line] {
    lock.lock()
    defer { lock.unlock() }
    return kept
  }

  fileprivate static func add(_ line: Line) {
    lock.lock()
    defer { lock.unlock() }
    kept.append(line)
  }
}
