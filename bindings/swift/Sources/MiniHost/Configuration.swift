import Foundation
internal import MiniHostFFI

/// How a host is set up. Its credentials are no part of it, since a value's description shows all.
public struct Configuration: Sendable {
  /// The authorization server's issuer identifier (RFC 8414 §2), as in its metadata.
  public var issuer: String
  /// The host's own client id at that server.
  public var clientID: String
  /// How the host names itself to pages.
  public var host: HostInfo
  /// The language of consent prompts, BCP 47.
  public var locale: String
  /// For how long users may agree: at least one choice, the proposed one first.
  public var remember: [Remember]
  /// What every mini-program may know without asking the user.
  public var silent: SilentTier
  /// What happens to remembered grants when their user signs out.
  public var onSignOut: OnSignOut
  /// Which manifests may be opened.
  public var build: Build
  /// How codes are asked for.
  public var codeRequests: CodeRequests
  /// What the host's token of its user is for; `openid profile email phone mediate` where `nil`. Without
  /// `mediate` the server issues no codes for mini-programs.
  public var signInScopes: [String]?
  /// Whether tokens are bound to a key of this installation.
  public var tokenBinding: TokenBinding
  /// How long requests wait.
  public var timeouts: Timeouts
  /// Whether a prompt needs a recent touch of the page.
  public var gesture: GesturePolicy
  /// What scopes mean, in the host's own words: a Fluent resource for each language, with messages named
  /// `scope-` and the scope.
  public var words: [String: String]

  /// A host as users get it: signed manifests alone, and nothing without asking.
  public init(
    issuer: String, clientID: String, host: HostInfo, locale: String = "en",
    remember: [Remember] = [.thirtyDays, .untilRevoked, .once], silent: SilentTier = .off,
    onSignOut: OnSignOut = .keepGrants, build: Build = .release, codeRequests: CodeRequests = .challenge(),
    signInScopes: [String]? = nil, tokenBinding: TokenBinding = .none, timeouts: Timeouts = Timeouts(),
    gesture: GesturePolicy = .within(10), words: [String: String] = [:]
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.host = host
    self.locale = locale
    self.remember = remember
    self.silent = silent
    self.onSignOut = onSignOut
    self.build = build
    self.codeRequests = codeRequests
    self.signInScopes = signInScopes
    self.tokenBinding = tokenBinding
    self.timeouts = timeouts
    self.gesture = gesture
    self.words = words
  }
}

/// Whether tokens are bound to a key of this installation (RFC 9449), so that who steals one has nothing.
public enum TokenBinding: Sendable, Hashable {
  /// They are not: whoever has a token can use it.
  case none
  /// They are, where the server offers it. ``CodeRequests/authorize(settings:)`` wants the other kind.
  case whereOffered
}

/// How long requests wait, in seconds.
public struct Timeouts: Sendable, Hashable {
  /// For the user, the place in the queue included.
  public var prompt: TimeInterval = 300
  /// For the store of grants, after which they go on without.
  public var save: TimeInterval = 5
  /// For the authorization server.
  public var network: TimeInterval = 30
  /// Until the settings that a page asked for are on screen.
  public var settings: TimeInterval = 10
  /// Of a page without a grant, for the answer to a silent question, whatever the answer.
  public var silent: TimeInterval = 1

  public init() {}
}

/// Whether a prompt needs a recent touch of the page.
public enum GesturePolicy: Sendable, Hashable {
  /// No.
  case notNeeded
  /// A touch at most so many seconds ago. A container that cannot tell is believed.
  case within(TimeInterval)
}

/// How the host names itself to pages.
public struct HostInfo: Sendable, Hashable {
  /// The app's name.
  public var name: String
  /// The app's version.
  public var version: String
  /// Such as `ios`.
  public var platform: String

  /// A host that runs on iOS where nothing else is said.
  public init(name: String, version: String, platform: String = "ios") {
    self.name = name
    self.version = version
    self.platform = platform
  }
}

/// What every mini-program may know without asking the user.
public enum SilentTier: Sendable, Hashable {
  /// Nothing.
  case off
  /// That it is the same user as the last time: a code for `openid` and nothing else, where the manifest
  /// declares that scope.
  case recognise
}

/// What happens to remembered grants when their user signs out.
public enum OnSignOut: Sendable, Hashable {
  /// They stay, for when that user signs in again.
  case keepGrants
  /// They end on this device.
  case forgetGrants
}

/// Which manifests a build of the host accepts.
public enum Build: Sendable, Hashable {
  /// What users get: signed manifests, and `https` only.
  case release
  /// For developers: also unsigned manifests, and `http` on this machine.
  case development
}

extension Configuration {
  var native: MiniHostFFI.HostConfig {
    MiniHostFFI.HostConfig(
      issuer: issuer, clientId: clientID,
      host: MiniHostFFI.HostInfo(name: host.name, version: host.version, platform: host.platform),
      locale: locale, remember: remember.map(\.native), silent: silent.native,
      onSignOut: onSignOut.native, build: build.native, codeRequests: codeRequests.native,
      signInScopes: signInScopes, tokenBinding: tokenBinding.native, timeouts: timeouts.native,
      gesture: gesture.native, words: words)
  }
}

extension TokenBinding {
  fileprivate var native: MiniHostFFI.TokenBinding {
    switch self {
    case .none: .none
    case .whereOffered: .whereOffered
    }
  }
}

extension Timeouts {
  fileprivate var native: MiniHostFFI.Timeouts {
    MiniHostFFI.Timeouts(
      promptMs: prompt.milliseconds, saveMs: save.milliseconds, networkMs: network.milliseconds,
      settingsMs: settings.milliseconds, silentMs: silent.milliseconds)
  }
}

extension GesturePolicy {
  fileprivate var native: MiniHostFFI.GesturePolicy {
    switch self {
    case .notNeeded: .notNeeded
    case .within(let age): .within(ms: age.milliseconds)
    }
  }
}

extension SilentTier {
  fileprivate var native: MiniHostFFI.SilentTier {
    switch self {
    case .off: .off
    case .recognise: .recognise
    }
  }
}

extension OnSignOut {
  fileprivate var native: MiniHostFFI.OnSignOut {
    switch self {
    case .keepGrants: .keepGrants
    case .forgetGrants: .forgetGrants
    }
  }
}

extension Build {
  fileprivate var native: MiniHostFFI.Build {
    switch self {
    case .release: .release
    case .development: .development
    }
  }
}
