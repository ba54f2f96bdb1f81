import Foundation
internal import MiniHostFFI

/// Takes the lines of the SDK's log, in order, on a thread of its own, for every host of the process.
public protocol LogSink: AnyObject, Sendable {
  /// Takes one line. What may be a secret was taken out of it. A sink that does not keep up misses lines,
  /// and is told how many.
  func log(_ line: LogLine)
}

/// One line of the log.
public struct LogLine: Sendable, Hashable {
  /// When.
  public let at: Date
  /// How much it matters.
  public let level: LogLevel
  /// Which part of the SDK says it.
  public let target: String
  /// What it says, with its details behind it.
  public let text: String
}

/// How much a line matters, the most first.
public enum LogLevel: Sendable, Hashable, CaseIterable {
  case error
  case warn
  case info
  case debug
  case trace
}

/// The log of the SDK, one for the process.
public enum Log {
  /// Another part of the process hears the log already.
  public struct Taken: Error, Sendable, Hashable {}

  /// Sends it to a sink, in place of an earlier one: lines of this level, and those that matter more.
  public static func send(to sink: any LogSink, from level: LogLevel) throws(Taken) {
    do { try sendLogTo(sink: LogFacade(sink), level: level.native) } catch { throw Taken() }
  }

  /// Sends it nowhere, and lets go of the sink.
  public static func stop() {
    try? stopLog()
  }
}

#if canImport(os)
  import os

  /// The system's log.
  @available(iOS 14.0, macOS 11.0, *)
  public final class SystemLog: LogSink {
    private let logger: Logger

    public init(subsystem: String, category: String = "minihost") {
      logger = Logger(subsystem: subsystem, category: category)
    }

    public func log(_ line: LogLine) {
      let type: OSLogType =
        switch line.level {
        case .error: .error
        case .warn: .default
        case .info: .info
        case .debug, .trace: .debug
        }
      logger.log(level: type, "\(line.target, privacy: .public): \(line.text, privacy: .public)")
    }
  }
#endif

private final class LogFacade: MiniHostFFI.LogSink {
  private let port: any LogSink

  init(_ port: any LogSink) {
    self.port = port
  }

  func log(line: MiniHostFFI.LogLine) throws {
    let level: LogLevel =
      switch line.level {
      case .error: .error
      case .warn: .warn
      case .info: .info
      case .debug: .debug
      case .trace: .trace
      }
    let at = Date(unixMilliseconds: line.atUnixMs)
    port.log(LogLine(at: at, level: level, target: line.target, text: line.text))
  }
}

extension LogLevel {
  fileprivate var native: MiniHostFFI.LogLevel {
    switch self {
    case .error: .error
    case .warn: .warn
    case .info: .info
    case .debug: .debug
    case .trace: .trace
    }
  }
}
