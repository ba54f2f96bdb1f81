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

  /// A host as users get it: signed manifests alone, and nothing without asking.
  public init(
    issuer: String, clientID: String, host: HostInfo, locale: String = "en",
    remember: [Remember] = [.thirtyDays, .untilRevoked, .once], silent: SilentTier = .off,
    onSignOut: OnSignOut = .keepGrants, build: Build = .release
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.host = host
    self.locale = locale
    self.remember = remember
    self.silent = silent
    self.onSignOut = onSignOut
    self.build = build
  }
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
      onSignOut: onSignOut.native, build: build.native)
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
