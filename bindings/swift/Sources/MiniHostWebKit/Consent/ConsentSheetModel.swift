import Foundation
import MiniHost

/// What a consent sheet decides. The view draws it and tells it what the user does; whatever the user does,
/// there is one answer.
@MainActor
public final class ConsentSheetModel: Identifiable {
  /// How long the sheet must have been fully on screen before it takes a yes: a tap that was meant for what
  /// was there before must not say it.
  public static let readingTime: TimeInterval = 0.5

  /// What is asked.
  public let view: ConsentView
  /// The texts, in the language of the view.
  public let words: ConsentWords
  /// Whether Allow takes a tap.
  public private(set) var isArmed = false { willSet { changes() } }
  /// The scopes whose boxes are ticked.
  public private(set) var chosen: Set<String> { willSet { changes() } }
  /// For how long the answer holds.
  public private(set) var remember: Remember { willSet { changes() } }

  /// Whether the app is in use, as its scene says.
  public enum Phase: Sendable, Hashable, CaseIterable {
    /// The user sees the app and nothing over it.
    case active
    /// Something of the system lies over the app, or it is about to leave the screen.
    case inactive
    /// It has left the screen.
    case background
  }

  private let sleep: @Sendable (TimeInterval) async -> Void
  private var answer: (@MainActor (Choice) -> Void)?
  private var isOnScreen = false
  private var phase = Phase.background
  /// Something lies over the app that was in use, and nobody knows yet whether the app leaves the screen.
  private var isUnderSomething = false
  private var arming: Task<Void, Never>?

  /// `sleep` lets seconds pass, and may return early only where its task is cancelled.
  public init(
    _ view: ConsentView, hostName: String,
    sleep: @escaping @Sendable (TimeInterval) async -> Void = {
      try? await Task.sleep(nanoseconds: UInt64($0 * 1_000_000_000))
    },
    answer: @escaping @MainActor (Choice) -> Void
  ) {
    self.view = view
    words = ConsentWords(locale: view.locale, hostName: hostName)
    chosen = Set(view.scopes.map(\.name))
    remember = view.remember.first ?? .once
    self.sleep = sleep
    self.answer = answer
  }

  public nonisolated var id: UInt64 { view.id }

  /// Whether the user can choose for how long.
  public var offersDurations: Bool { view.remember.count > 1 }

  /// What follows from Allow as things are chosen now.
  public var hint: String {
    chosen.isEmpty ? words.nothingChosen : words.follows(remember)
  }

  /// Where the program may use what it gets, where it names a place.
  public var audience: String? { view.audience.map(words.audience) }

  /// Why the names deserve a second look, one sentence each.
  public var warnings: [String] {
    let unsigned = view.miniProgram.unsigned ? [words.unsigned] : []
    return unsigned + view.miniProgram.doubts.map(words.doubt)
  }

  /// Tells that the sheet is wholly on screen: its way there is no time to read.
  public func appeared() {
    isOnScreen = true
    read()
  }

  /// Tells whether the app is in use, at first and whenever it changes. What the system lays over the sheet
  /// closes it, once that is known: an app that leaves the screen gets another prompt when it is back, which
  /// is the session's to say.
  public func phaseChanged(to phase: Phase) {
    let before = self.phase
    self.phase = phase
    switch phase {
    case .active:
      if isUnderSomething { finish(.dismiss) } else { read() }
    case .inactive:
      disarm()
      if before == .active { isUnderSomething = true }
    case .background:
      disarm()
      isUnderSomething = false
    }
  }

  /// Tells that something of the app itself lies over the sheet, an alert for instance. The sheet closes:
  /// whatever the user taps now may be meant for that.
  public func covered() {
    finish(.dismiss)
  }

  /// Ticks or clears a box.
  public func set(_ scope: String, chosen isChosen: Bool) {
    guard view.scopes.contains(where: { $0.name == scope }) else { return }
    if isChosen { chosen.insert(scope) } else { chosen.remove(scope) }
  }

  /// Chooses for how long, of what is offered.
  public func set(_ remember: Remember) {
    guard view.remember.contains(remember) else { return }
    self.remember = remember
  }

  /// The user taps Allow. With nothing chosen it is a denial.
  public func allow() {
    guard isArmed else { return }
    let scopes = view.scopes.map(\.name).filter(chosen.contains)
    finish(scopes.isEmpty ? .deny : .allow(scopes: scopes, remember: remember))
  }

  /// The user taps Deny.
  public func deny() {
    finish(.deny)
  }

  /// The user closes the sheet: by its button, by swiping it down, or by tapping beside it. After an answer
  /// it does nothing, since the sheet leaves the screen then too.
  public func dismiss() {
    finish(.dismiss)
  }

  /// Nobody waits for the answer any more.
  func withdraw() {
    answer = nil
    disarm()
  }

  private func read() {
    guard answer != nil, arming == nil, !isArmed, isOnScreen, phase == .active else { return }
    arming = Task { [weak self, sleep] in
      await sleep(Self.readingTime)
      if !Task.isCancelled { self?.arm() }
    }
  }

  private func disarm() {
    arming?.cancel()
    arming = nil
    isArmed = false
  }

  private func arm() {
    arming = nil
    if answer != nil { isArmed = true }
  }

  private func finish(_ choice: Choice) {
    guard let answer else { return }
    withdraw()
    answer(choice)
  }

  private func changes() {
    #if canImport(Combine)
      objectWillChange.send()
    #endif
  }
}

#if canImport(Combine)
  import Combine

  extension ConsentSheetModel: ObservableObject {}
#endif
