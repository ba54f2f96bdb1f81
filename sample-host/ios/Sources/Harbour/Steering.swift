import Foundation
import MiniHost

/// What testers want, from the app's launch arguments: `-user alice -open teahouse -answer allow`.
public struct Steering: Sendable, Equatable {
  /// The sample host's line.
  public var servers: String?
  /// Signs this demo user in.
  public var user: String?
  /// Opens this program.
  public var open: String?
  /// `en` or `zh-Hans`.
  public var locale: String?
  public var appearance: Appearance?
  public var answer: Answer?
  public var manifest: ManifestVariant?
  /// Goes to this address in place of the program's start page.
  public var navigate: String?
  /// Loads the page anew once it is there.
  public var reload = false
  /// Takes back what the opened program was granted.
  public var revoke = false
  /// Begins as if the app were off the screen.
  public var background = false
  /// Forgets the sample host, everybody, and what programs keep on the device.
  public var reset = false
  public var network: Weather?
  public var store = StoreTrouble.none
  public var attack: Attack?
  /// What the authorization server is to do: `clock`, `expire` and `rotate-keys`.
  public var server: [String: String] = [:]
  /// Words that are none, and words that this app has no door for. They are shown, and change nothing.
  public var unknown: [String] = []

  public enum Appearance: String, Sendable, Equatable, CaseIterable {
    case light, dark, system
  }

  public enum ManifestVariant: String, Sendable, Equatable, CaseIterable {
    case unsigned, lookalike
  }

  /// How consent sheets are answered in the user's place.
  public enum Answer: Sendable, Equatable {
    case allow
    case deny
    case partial([String])
    case dismiss
    /// By nobody.
    case hang
    /// Allowed, after so many milliseconds.
    case after(Int)

    init?(_ text: String) {
      let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
      switch (halves.first, halves.count > 1 ? halves[1] : nil) {
      case ("allow", nil): self = .allow
      case ("deny", nil): self = .deny
      case ("dismiss", nil): self = .dismiss
      case ("hang", nil): self = .hang
      case ("partial", let scopes?): self = .partial(scopes.split(separator: ",").map(String.init))
      case ("after", let milliseconds?):
        guard let milliseconds = Int(milliseconds), milliseconds >= 0 else { return nil }
        self = .after(milliseconds)
      default: return nil
      }
    }

    /// What is answered to a view, and after how many seconds; `nil` where nobody answers.
    public func choice(for view: ConsentView) -> (Choice, TimeInterval)? {
      let all = view.scopes.map(\.name)
      let remember = view.remember.first ?? .once
      return switch self {
      case .allow: (.allow(scopes: all, remember: remember), 0)
      case .deny: (.deny, 0)
      case .partial(let scopes): (.allow(scopes: all.filter(scopes.contains), remember: remember), 0)
      case .dismiss: (.dismiss, 0)
      case .after(let ms): (.allow(scopes: all, remember: remember), TimeInterval(ms) / 1000)
      case .hang: nil
      }
    }
  }

  /// Reads launch arguments: words begin with a dash, and flags stand alone. What a platform's own tools add,
  /// such as `-AppleLanguages`, begins with a capital and is left to it.
  public init(arguments: [String]) {
    var rest = arguments[...]
    func value() -> String? {
      guard let next = rest.first, !next.hasPrefix("-") else { return nil }
      return rest.removeFirst()
    }
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.dropFirst().first?.isLowercase == true else {
        if argument.hasPrefix("-") { _ = value() } else { unknown.append(argument) }
        continue
      }
      let word = String(argument.dropFirst())
      let given = value()
      if !take(word, given) { unknown.append(given.map { "\(word)=\($0)" } ?? word) }
    }
  }

  private mutating func take(_ word: String, _ value: String?) -> Bool {
    switch (word, value) {
    case ("servers", let line?): servers = line
    case ("user", let name?), ("switch-user", let name?): user = name
    case ("open", let program?): open = program
    case ("locale", let locale?) where ["en", "zh-Hans"].contains(locale): self.locale = locale
    case ("navigate", let address?): navigate = address
    case ("appearance", let name?):
      appearance = Appearance(rawValue: name)
      return appearance != nil
    case ("manifest", let name?):
      manifest = ManifestVariant(rawValue: name)
      return manifest != nil
    case ("answer", let text?):
      answer = Answer(text)
      return answer != nil
    case ("network", let text?):
      network = Weather(text)
      return network != nil
    case ("store", let name?):
      guard let trouble = StoreTrouble(rawValue: name) else { return false }
      store = trouble
    case ("attack", let name?):
      attack = Attack(rawValue: name)
      return attack != nil
    case ("clock", let text?):
      guard text.hasPrefix("+"), UInt64(text.dropFirst()) != nil else { return false }
      server[word] = text
    case ("expire", let what?) where ["access", "refresh", "code"].contains(what): server[word] = what
    case ("rotate-keys", nil): server[word] = "now"
    case ("reload", nil): reload = true
    case ("revoke", nil): revoke = true
    case ("background", nil): background = true
    case ("foreground", nil): background = false
    case ("reset", nil): reset = true
    default: return false
    }
    return true
  }
}
