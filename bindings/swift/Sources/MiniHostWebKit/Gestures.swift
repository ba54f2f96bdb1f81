import Foundation

/// What the user has done to the page that is shown, as its host knows it and not as the page says.
struct Gestures {
  /// In seconds: about as long as a user's activation lasts in browsers (HTML §6.4.1).
  static let last: TimeInterval = 5

  private var latest: TimeInterval?
  /// When the page was last active for a reason that is known.
  private var active: TimeInterval?
  /// Scripts of the host's own that are under way.
  private var scripts = 0

  /// The user touched the page, or pressed a key in it.
  mutating func made(at now: TimeInterval) {
    latest = now
    active = now
  }

  /// The page was clicked while it was active, perhaps by an aid that brings neither touch nor key. A page can have
  /// such clicks made as long as it is active (a label hands them on), so that they count only where nothing else
  /// has made it so: neither a gesture that has counted, nor a script of the host's, which WebKit runs as if the user
  /// had asked for it.
  mutating func clicked(at now: TimeInterval) {
    guard scripts == 0, active.map({ now - $0 > Self.last }) ?? true else { return }
    made(at: now)
  }

  /// The host runs a script in the page.
  mutating func scriptBegan() {
    scripts += 1
  }

  /// The script is over.
  mutating func scriptEnded(at now: TimeInterval) {
    scripts -= 1
    active = now
  }

  /// What was done is for nothing that comes later.
  mutating func forget() {
    latest = nil
  }

  /// Whether there is a gesture that is not too old; it counts no more then.
  mutating func use(at now: TimeInterval) -> Bool {
    defer { forget() }
    return age(at: now) <= Self.last
  }

  /// How long ago the user's last gesture was, in seconds: for ever where there is none.
  func age(at now: TimeInterval) -> TimeInterval {
    latest.map { now - $0 } ?? .infinity
  }
}
