import Foundation

/// Longer than anything here takes on a busy machine: only a test that fails waits this long.
public let patience: TimeInterval = 60

/// What did not come in time, or is not what it must be.
public struct Unexpected: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// What came in on one way, in order, each taken once.
public final class Heard<Item: Sendable>: @unchecked Sendable {
  private let what: String
  private let condition = NSCondition()
  private var items: [Item] = []

  public init(_ what: String) {
    self.what = what
  }

  public func add(_ item: Item) {
    condition.lock()
    items.append(item)
    condition.broadcast()
    condition.unlock()
  }

  /// The next one, once it is there. Waits on a thread of its own, not on one of Swift's.
  public func next() async throws -> Item {
    let item: Item? = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.take()) }
    }
    guard let item else { throw Unexpected("\(what) did not come") }
    return item
  }

  /// What came and was not taken.
  public var rest: [Item] {
    condition.lock()
    defer { condition.unlock() }
    return items
  }

  private func take() -> Item? {
    let deadline = Date(timeIntervalSinceNow: patience)
    condition.lock()
    defer { condition.unlock() }
    while items.isEmpty {
      if !condition.wait(until: deadline) { return nil }
    }
    return items.removeFirst()
  }
}

/// Waits until something holds, where there is nothing that says when it does.
public func eventually(
  _ what: String, isolation: isolated (any Actor)? = #isolation, _ holds: () async throws -> Bool
) async throws {
  let deadline = Date(timeIntervalSinceNow: patience)
  while try await !holds() {
    if Date() > deadline { throw Unexpected("\(what): not in time") }
    await Task.yield()
  }
}

/// A value that threads take turns at.
public final class Shared<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Value

  public init(_ value: Value) {
    stored = value
  }

  public var value: Value {
    get {
      lock.lock()
      defer { lock.unlock() }
      return stored
    }
    set {
      lock.lock()
      defer { lock.unlock() }
      stored = newValue
    }
  }
}

/// The error that something must end with.
public func thrown<Failure: Error, Value>(
  _ type: Failure.Type, by work: () async throws -> Value
) async throws -> Failure {
  do {
    _ = try await work()
  } catch let failure as Failure {
    return failure
  }
  throw Unexpected("it did not throw")
}
