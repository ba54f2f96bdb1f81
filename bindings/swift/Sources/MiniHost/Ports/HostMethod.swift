import Foundation

/// Answers a method of the host app's own. The SDK has checked who calls, with what, and with which grant.
public protocol HostMethod: AnyObject, Sendable {
  /// What it is; asked once, when the host starts.
  var declaration: HostMethodDeclaration { get }

  /// Answers one call. `params` is a JSON object, and may hold what is private; so may the JSON text that
  /// is returned. The task is cancelled once nobody waits for the answer any more.
  ///
  /// A ``HostMethodFailure`` tells the page its reason; of any other error it hears `internal`.
  func call(_ call: HostCall, params: String) async throws -> String
}

/// What a host app says of one of its methods. A program may call it when its manifest names it in
/// `methods` and the host app allows the program; for all others it does not exist.
public struct HostMethodDeclaration: Sendable, Hashable {
  /// Its name: `vendor.name`, both of letters and digits.
  public var name: String
  /// What it takes. What a page sends and does not look like this never reaches the host app.
  public var params: [Member]
  /// What it gives: an object with these members and no other. A page never gets anything else; it hears
  /// `internal` then.
  public var result: [Member]
  /// The scope of which the program needs a live grant.
  public var scope: String?
  /// Whether the host app may show the user something. The page must be visible and touched then, and the
  /// call may last as long as a consent prompt.
  public var prompts: Bool
  /// The programs that may call it, by their manifests' `id`; `nil` where all may that declare it.
  public var only: [String]?

  public init(
    name: String, params: [Member] = [], result: [Member] = [], scope: String? = nil, prompts: Bool = false,
    only: [String]? = nil
  ) {
    self.name = name
    self.params = params
    self.result = result
    self.scope = scope
    self.prompts = prompts
    self.only = only
  }

  /// One member of what a method takes or gives.
  public struct Member: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What it looks like.
    public var form: Form
    /// Whether it must be there.
    public var required: Bool

    public init(_ name: String, _ form: Form, required: Bool = true) {
      self.name = name
      self.form = form
      self.required = required
    }
  }

  /// What a value looks like.
  public enum Form: Sendable, Hashable {
    /// A string.
    case text
    /// A string of at most so many characters.
    case shortText(characters: UInt32)
    /// A list of strings.
    case texts
    /// A whole number that is not negative.
    case whole
    /// `true` or `false`.
    case flag
    /// An instant in UTC (RFC 3339).
    case time
    /// Whatever JSON can say.
    case anything
  }
}

/// One call that is allowed. What the page sent is not in it, since a value's description shows all.
public struct HostCall: Sendable, Hashable {
  /// The same as in the page's error and the host app's log.
  public let correlation: String
  /// Which method.
  public let method: String
  /// Who calls: the manifest's `id`.
  public let miniProgram: String
  /// Who is signed in. Always somebody where the method needs a scope.
  public let user: User?
  /// Seconds that it may take; after that nobody waits for it.
  public let timeAllowed: TimeInterval
}

/// Why a call has no result.
public struct HostMethodFailure: Error, Sendable, Hashable {
  /// One of the bridge's reasons.
  public let reason: String
  /// One English sentence for the mini-program's developer.
  public let message: String

  public init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
}
