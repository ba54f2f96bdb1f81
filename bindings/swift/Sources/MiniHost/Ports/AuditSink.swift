/// Where the host writes down what mini-programs asked and what became of it. Without one,
/// ``MiniHost/MiniHost/auditEntries`` still tells of it.
public protocol AuditSink: AnyObject, Sendable {
  /// Takes one entry, in order, on a thread of the SDK; returns at once. An error costs that entry.
  func record(_ entry: AuditEntry) throws
}
