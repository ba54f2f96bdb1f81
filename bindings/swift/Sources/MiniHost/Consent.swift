internal import MiniHostFFI

/// What a host shows its user. Everything in it was verified or cleaned; nothing is taken from the page.
public struct ConsentView: Sendable, Hashable, Identifiable {
  /// Which prompt it is.
  public let id: UInt64
  /// Stands for all the rest, and goes with the answer.
  public let digest: String
  /// Who asks.
  public let miniProgram: Asking
  /// The account that is used.
  public let account: String
  /// What is asked, in this order; one box each.
  public let scopes: [Scope]
  /// The resource the code is for, where the program named one.
  public let audience: String?
  /// The language of the texts, BCP 47.
  public let locale: String
  /// For how long the user may agree; the first is what the host proposes.
  public let remember: [Remember]

  /// Who asks.
  public struct Asking: Sendable, Hashable {
    /// For machines.
    public let id: String
    /// For people.
    public let name: String
    /// Its publisher, for people.
    public let publisher: String
    /// The address of its picture, at one of its own origins: to look at it tells nobody else.
    public let icon: String?
    /// Nobody vouches for this program: show a warning.
    public let unsigned: Bool
    /// Why the names deserve a second look: show a warning for each.
    public let doubts: [NameDoubt]

    /// For tests of a sheet.
    public init(
      id: String, name: String, publisher: String, icon: String? = nil, unsigned: Bool,
      doubts: [NameDoubt] = []
    ) {
      self.id = id
      self.name = name
      self.publisher = publisher
      self.icon = icon
      self.unsigned = unsigned
      self.doubts = doubts
    }
  }

  /// One box.
  public struct Scope: Sendable, Hashable, Identifiable {
    /// The scope token, for the answer.
    public let name: String
    /// What it lets the program see or do, in plain words.
    public let title: String
    /// Why the program says it wants it; empty where it does not say.
    public let reason: String

    public var id: String { name }

    /// For tests of a sheet.
    public init(name: String, title: String, reason: String) {
      self.name = name
      self.title = title
      self.reason = reason
    }
  }

  /// For tests of a sheet; a host gets its views from the SDK.
  public init(
    id: UInt64, digest: String, miniProgram: Asking, account: String, scopes: [Scope], audience: String?,
    locale: String, remember: [Remember]
  ) {
    self.id = id
    self.digest = digest
    self.miniProgram = miniProgram
    self.account = account
    self.scopes = scopes
    self.audience = audience
    self.locale = locale
    self.remember = remember
  }
}

/// Why a name deserves a second look.
public enum NameDoubt: Sendable, Hashable, CaseIterable {
  /// One of its words is written in scripts that do not go together.
  case mixedScripts
  /// It looks like the host's own name.
  case looksLikeHost
  /// It looks like the name of another program that is open.
  case looksLikeAnother
}

/// What the user answered to a consent prompt.
public enum Choice: Sendable, Hashable {
  /// Yes to these scopes of the view; the others are denied. None of them is a denial.
  case allow(scopes: [String], remember: Remember)
  /// No.
  case deny
  /// The prompt was closed without an answer.
  case dismiss
}

/// For how long an answer holds.
public enum Remember: Sendable, Hashable, CaseIterable {
  /// For this request only.
  case once
  /// For thirty days.
  case thirtyDays
  /// Until the user takes it back.
  case untilRevoked
}

extension ConsentView {
  init(_ view: MiniHostFFI.ConsentView) {
    self.init(
      id: view.prompt, digest: view.digest,
      miniProgram: Asking(
        id: view.miniProgram.id, name: view.miniProgram.name, publisher: view.miniProgram.publisher,
        icon: view.miniProgram.icon, unsigned: view.miniProgram.unsigned,
        doubts: view.miniProgram.doubts.map(NameDoubt.init)),
      account: view.account,
      scopes: view.scopes.map { Scope(name: $0.name, title: $0.title, reason: $0.reason) },
      audience: view.audience, locale: view.locale, remember: view.remember.map(Remember.init))
  }
}

extension NameDoubt {
  fileprivate init(_ doubt: MiniHostFFI.NameDoubt) {
    self =
      switch doubt {
      case .mixedScripts: .mixedScripts
      case .looksLikeHost: .looksLikeHost
      case .looksLikeAnother: .looksLikeAnother
      }
  }
}

extension Choice {
  var native: MiniHostFFI.Choice {
    switch self {
    case .allow(let scopes, let remember): .allow(scopes: scopes, remember: remember.native)
    case .deny: .deny
    case .dismiss: .dismiss
    }
  }
}

extension Remember {
  init(_ remember: MiniHostFFI.Remember) {
    self =
      switch remember {
      case .once: .once
      case .thirtyDays: .thirtyDays
      case .untilRevoked: .untilRevoked
      }
  }

  var native: MiniHostFFI.Remember {
    switch self {
    case .once: .once
    case .thirtyDays: .thirtyDays
    case .untilRevoked: .untilRevoked
    }
  }
}
