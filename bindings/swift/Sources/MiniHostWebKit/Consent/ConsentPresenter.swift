import Foundation
import MiniHost

#if canImport(UIKit)
  import UIKit
#endif

/// Draws consent prompts as sheets: give it to the host as its ``/MiniHost/ConsentPrompt``, and its
/// ``current`` to a SwiftUI `sheet(item:)`.
@MainActor
public final class ConsentPresenter: ConsentPrompt {
  /// The sheet to be shown, where there is one.
  public private(set) var current: ConsentSheetModel? { willSet { changes() } }

  #if canImport(UIKit)
    /// The controller that shows the sheets in an app of UIKit.
    weak var attached: UIViewController?
  #endif

  private let hostName: String
  private let sleep: @Sendable (TimeInterval) async -> Void

  #if DEBUG
    private var steered: (@MainActor (ConsentView) async -> Choice?)?

    /// Answers in the user's place where tests want that, and leaves it to them with `nil`. A build for
    /// users has no such thing.
    public func steer(_ answer: @escaping @MainActor (ConsentView) async -> Choice?) {
      steered = answer
    }
  #endif

  public init(
    hostName: String,
    sleep: @escaping @Sendable (TimeInterval) async -> Void = {
      try? await Task.sleep(nanoseconds: UInt64($0 * 1_000_000_000))
    }
  ) {
    self.hostName = hostName
    self.sleep = sleep
  }

  public func ask(_ view: ConsentView) async throws -> Choice {
    #if DEBUG
      if let choice = await steered?(view) { return choice }
    #endif
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answered = Once(continuation)
        guard !Task.isCancelled else { return answered.give(.dismiss) }
        let model = ConsentSheetModel(view, hostName: hostName, sleep: sleep) { [weak self] choice in
          self?.remove(view.id)
          answered.give(choice)
        }
        // One whose end is still on its way here.
        if let before = current?.id { withdraw(before) }
        waiting = answered
        current = model
      }
    } onCancel: {
      Task { @MainActor in self.withdraw(view.id) }
    }
  }

  /// Tells that the app lays something of its own over the sheet, an alert for instance: the sheet closes
  /// without an answer.
  public func covered() {
    current?.covered()
  }

  private var waiting: Once?

  private func withdraw(_ prompt: UInt64) {
    guard current?.id == prompt else { return }
    current?.withdraw()
    let waiting = waiting
    remove(prompt)
    waiting?.give(.dismiss)
  }

  private func remove(_ prompt: UInt64) {
    guard current?.id == prompt else { return }
    current = nil
    waiting = nil
  }

  private func changes() {
    #if canImport(Combine)
      objectWillChange.send()
    #endif
  }

  @MainActor
  private final class Once {
    private var continuation: CheckedContinuation<Choice, Never>?

    init(_ continuation: CheckedContinuation<Choice, Never>) {
      self.continuation = continuation
    }

    func give(_ choice: Choice) {
      continuation?.resume(returning: choice)
      continuation = nil
    }
  }
}

#if canImport(Combine)
  import Combine

  extension ConsentPresenter: ObservableObject {}
#endif
