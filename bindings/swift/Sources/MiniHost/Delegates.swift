import Foundation

/// What a host app brings.
public struct Delegates: Sendable {
  /// How the host proves who it is. No part of ``Configuration``, since a value's description shows all.
  public var credentials: ClientCredentials
  /// Draws consent prompts.
  public var consent: any ConsentPrompt
  /// Without it pages that ask for a new sign-in hear `interaction_required`.
  public var signIn: (any SignInPrompt)?
  /// Without it pages hear `interaction_required` where the authorization server wants the user in a
  /// browser.
  public var browser: (any Browser)?
  /// Without it `host.openSettings` does not exist.
  public var settings: (any SettingsPage)?
  /// Where the tokens of the user lie, and the key of the remembered grants; in memory without it.
  public var secrets: (any SecretStore)?
  /// Where remembered grants lie.
  public var grants: GrantsAt
  /// How requests leave the machine; by the SDK's own HTTP and TLS without it.
  public var network: Network?
  /// Asks for codes in a way of the host app's own, in place of ``Configuration/codeRequests``.
  public var codeIssuer: (any CodeIssuer)?
  /// Gives tokens of users whom the host app signs in by itself; without it the SDK signs them in.
  public var session: (any UserSession)?
  /// Writes down what happened.
  public var audit: (any AuditSink)?
  /// The host app's own methods, each name once.
  public var methods: [any HostMethod]

  public init(
    credentials: ClientCredentials, consent: any ConsentPrompt, signIn: (any SignInPrompt)? = nil,
    browser: (any Browser)? = nil, settings: (any SettingsPage)? = nil, secrets: (any SecretStore)? = nil,
    grants: GrantsAt = .memory, network: Network? = nil, codeIssuer: (any CodeIssuer)? = nil,
    session: (any UserSession)? = nil, audit: (any AuditSink)? = nil, methods: [any HostMethod] = []
  ) {
    self.credentials = credentials
    self.consent = consent
    self.signIn = signIn
    self.browser = browser
    self.settings = settings
    self.secrets = secrets
    self.grants = grants
    self.network = network
    self.codeIssuer = codeIssuer
    self.session = session
    self.audit = audit
    self.methods = methods
  }
}
