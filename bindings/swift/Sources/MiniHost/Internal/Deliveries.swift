/// Brings a page what the host tells it, one after the other in the order in which it is told: events, and the
/// replies that somebody waits for.
package final class Deliveries: Sendable {
  private let queue: AsyncStream<@Sendable () async -> Void>.Continuation

  package init() {
    let (coming, queue) = AsyncStream<@Sendable () async -> Void>.makeStream()
    self.queue = queue
    Task {
      for await give in coming { await give() }
    }
  }

  /// Adds an event. One that comes after ``finish()`` is dropped.
  package func event(_ give: @escaping @Sendable () async -> Void) {
    queue.yield(give)
  }

  /// Adds a reply. One that comes after ``finish()`` is still given.
  package func reply(_ give: @escaping @Sendable () async -> Void) {
    if case .terminated = queue.yield(give) { Task { await give() } }
  }

  /// Nothing more is to come; what has come is still given.
  package func finish() {
    queue.finish()
  }
}
