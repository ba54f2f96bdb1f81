import Foundation
internal import MiniHostFFI

/// One host: one user sits before it, and any number of mini-programs run in it.
///
/// It has threads of its own, and goes to the main actor by itself where it asks for something to be shown.
/// After ``shutdown()``, which also happens when the last reference is gone, every call fails with
/// `shutDown`.
///
/// A task that is cancelled ends what it had begun. What would be worse done by half goes on without it: a
/// sign-out, a taking back and the answer to another device.
public final class MiniHost: Sendable {
  private let native: MiniHostFFI.MiniHost
  private let hub: Hub
  private let issuer: String

  /// Starts a host.
  public init(configuration: Configuration, delegates: Delegates) async throws(StartError) {
    let hub = Hub()
    delegates.credentials.signer?.hub.with { $0 = hub }
    delegates.network?.own?.hub.with { $0 = hub }
    let methods = delegates.methods.map {
      MiniHostFFI.OwnMethod(declaration: $0.declaration.native, method: MethodFacade($0, hub))
    }
    let optional = MiniHostFFI.OptionalPorts(
      settings: delegates.settings.map { SettingsFacade($0, hub) },
      signIn: delegates.signIn.map { SignInFacade($0, hub) },
      browser: delegates.browser.map { BrowserFacade($0, hub) },
      network: delegates.network?.native,
      secrets: delegates.secrets.map { .own(store: SecretsFacade($0)) },
      grants: delegates.grants.native,
      codeIssuer: delegates.codeIssuer.map { IssuerFacade($0, hub) },
      session: delegates.session.map { SessionFacade($0, hub) },
      user: UserFacade(hub),
      methods: methods)
    do {
      native = try await awaited(StartError.self) { cancellation in
        try await MiniHostFFI.MiniHost.start(
          config: configuration.native, credentials: delegates.credentials.native,
          prompt: ConsentFacade(delegates.consent, hub), sink: SinkFacade(hub),
          audit: AuditFacade(delegates.audit, hub), optional: optional, cancellation: cancellation)
      }
    } catch {
      // Credentials and a network outlast this, and hold it.
      hub.end()
      throw error
    }
    self.hub = hub
    issuer = configuration.issuer
    hub.started(native)
  }

  deinit {
    let (native, hub) = (native, hub)
    hub.end()
    Task { try? await native.shutdown() }
  }

  /// Answers everything that waits with `aborted`, dismisses the prompt, and lets go of every delegate.
  /// Waits at most two seconds for calls into the host app that have begun. Another time it does nothing.
  public func shutdown() async {
    try? await native.shutdown()
    hub.end()
  }

  // MARK: The user

  /// Who is signed in.
  public var currentUser: User? {
    get throws(HostError) { try translated(HostError.self) { try native.currentUser().map(User.init) } }
  }

  /// Tells who is signed in from now on, where the host app signs its users in by itself. What the user
  /// before had asked for ends with `account_changed`. A new sign-in whose epoch has not grown, or word of one
  /// that is over, leaves nobody signed in: ``UserChangeError/signInOver``.
  public func userChanged(_ user: User?) throws(UserChangeError) {
    try translated(UserChangeError.self) { try native.userChanged(user: user.map(\.native)) }
  }

  /// Signs in whoever was signed in when the process ended, without asking the server. Whoever is signed in
  /// stays so. Throws ``RestoreError``: nobody is signed in then, but somebody may have been.
  @discardableResult
  public func restoreSignIn() async throws(RestoreError) -> User? {
    try await awaited(RestoreError.self) { [native] cancellation in
      try await native.restoreSignIn(cancellation: cancellation).map(User.init)
    }
  }

  /// Signs a user in with the password grant, in place of whoever was signed in. The password is not kept.
  @discardableResult
  public func signIn(username: String, password: String) async throws(SignInError) -> User {
    try await awaited(SignInError.self) { [native] cancellation in
      User(
        try await native.signInWithPassword(
          username: username, password: password, cancellation: cancellation))
    }
  }

  /// Signs a user in with the system's browser, in place of whoever was signed in. `redirectURI` is where
  /// the browser comes back to: an address that opens this app alone (RFC 8252 §7), registered with the
  /// authorization server. `authenticate` shows the page, and gives the address that the browser came back
  /// with; whatever it throws counts as ``SignInError/denied``.
  @discardableResult
  public func signIn(
    redirectURI: String, wish: SignInWish = .ordinary,
    authenticate: @Sendable (URL) async throws -> URL
  ) async throws(SignInError) -> User {
    let signIn = try await beginSignIn(redirectURI: redirectURI, wish: wish)
    let answer: URL
    do { answer = try await authenticate(signIn.page) } catch {
      throw Task.isCancelled ? .cancelled : .denied
    }
    return try await finishSignIn(signIn, answer: answer.absoluteString)
  }

  /// Begins a sign-in in the system's browser, for a host that hears of the answer elsewhere in the same run of its
  /// app. Whoever is signed in stays so until it is finished.
  public func beginSignIn(
    redirectURI: String, wish: SignInWish = .ordinary
  ) async throws(SignInError) -> BrowserSignIn {
    try await awaited(SignInError.self) { [native] cancellation in
      try BrowserSignIn(
        await native.beginSignIn(redirectUri: redirectURI, wish: wish.native, cancellation: cancellation))
    }
  }

  /// Finishes it with the address that the app was opened with, in place of whoever was signed in. Where it
  /// throws the sign-in is over, and can be begun anew.
  @discardableResult
  public func finishSignIn(_ signIn: BrowserSignIn, answer: String) async throws(SignInError) -> User {
    try await awaited(SignInError.self) { [native] cancellation in
      User(try await native.finishSignIn(signIn: signIn.native, answer: answer, cancellation: cancellation))
    }
  }

  /// Signs the user out. What mini-programs have asked for ends with `account_changed`. Goes on though its
  /// task is cancelled.
  public func signOut() async throws(SignOutError) {
    try await awaited(SignOutError.self) { [native] cancellation in
      try await native.signOut(cancellation: cancellation)
    }
  }

  // MARK: Mini-programs

  /// Opens a mini-program. A release older than one that was opened before is refused.
  public func open(
    _ manifest: Manifest, launch: Launch = Launch()
  ) async throws(OpenError) -> MiniProgramSession {
    let launch = MiniHostFFI.Launch(path: launch.path, query: launch.query, source: launch.source)
    return try translated(OpenError.self) {
      let opened =
        switch manifest {
        case .signed(let jws, let keys):
          try native.openSigned(
            manifest: jws, keys: keys.map { .init(publisher: $0.publisher, jwk: $0.jwk) }, launch: launch)
        case .unsignedForDevelopment(let json):
          try native.open(manifest: json, launch: launch)
        }
      let session = MiniProgramSession(opened, issuer: issuer, native, hub)
      hub.opened(session, as: opened.session)
      return session
    }
  }

  /// Switches a mini-program off or on, by its manifest's `id`. One that is off hears `disabled_by_host`.
  public func setEnabled(_ miniProgram: String, _ enabled: Bool) throws(HostError) {
    try translated(HostError.self) { try native.setEnabled(miniProgram: miniProgram, enabled: enabled) }
  }

  // MARK: Consent

  /// The prompts that wait for an answer, for a host that draws its screen anew.
  public func pendingPrompts() throws(HostError) -> [ConsentView] {
    try translated(HostError.self) { try native.pendingPrompts().map(ConsentView.init) }
  }

  /// Answers a prompt, wherever it was shown.
  public func answer(_ view: ConsentView, with choice: Choice) throws(AnswerError) {
    try translated(AnswerError.self) {
      try native.answer(prompt: view.id, digest: view.digest, choice: choice.native)
    }
  }

  /// Tells that the user reads another language now, BCP 47.
  public func setLocale(_ locale: String) throws(HostError) {
    try translated(HostError.self) { try native.localeChanged(locale: locale) }
  }

  /// Tells that the user opened the settings: refusals no longer hold a program back.
  public func settingsOpened() throws(HostError) {
    try translated(HostError.self) { try native.settingsOpened() }
  }

  // MARK: Grants

  /// What the signed-in user has granted, and still holds.
  public var grants: [Grant] {
    get throws(HostError) { try translated(HostError.self) { try native.grants().map(Grant.init) } }
  }

  /// What the signed-in user had granted and is no more, oldest end first.
  public var pastGrants: [PastGrant] {
    get throws(HostError) { try translated(HostError.self) { try native.pastGrants().map(PastGrant.init) } }
  }

  /// Takes back what the signed-in user has granted a mini-program, all of it where no scopes are named: at
  /// once on this device, and at the authorization server where nothing remains. Goes on though its task is
  /// cancelled.
  @discardableResult
  public func revoke(_ miniProgram: String, scopes: [String]? = nil) async throws(HostError) -> Revoked {
    try await awaited(HostError.self) { [native] cancellation in
      Revoked(try await native.revoke(miniProgram: miniProgram, scopes: scopes, cancellation: cancellation))
    }
  }

  // MARK: Diagnosis

  /// Looks at everything that the host needs and does not have in its own hands: the authorization server,
  /// the network on the way there, the clock, the registrations, the secret store. Nobody is signed in and
  /// nothing is issued. Takes a few seconds. Throws ``StartError/configuration(detail:)`` for a redirect URI
  /// that is none, and ``StartError/shutDown``.
  public func diagnose(
    programs: [RegisteredProgram] = [], redirectURI: String? = nil
  ) async throws(StartError) -> [Finding] {
    try await awaited(StartError.self) { [native] cancellation in
      let found = try await native.diagnose(
        programs: programs.map(\.native), redirectUri: redirectURI, cancellation: cancellation)
      return found.map(Finding.init)
    }
  }

  // MARK: Other devices

  /// Looks up what shows this code (RFC 8628), as the user typed it, for the user who is signed in.
  public func deviceRequest(_ code: String) async throws(DeviceRequestError) -> DeviceRequest {
    try await awaited(DeviceRequestError.self) { [native] cancellation in
      DeviceRequest(try await native.deviceRequest(code: code, cancellation: cancellation))
    }
  }

  /// Answers it, once, for the user whom it was shown to. Goes on though its task is cancelled.
  public func answer(_ request: DeviceRequest, approve: Bool) async throws(DeviceRequestError) {
    try await awaited(DeviceRequestError.self) { [native] cancellation in
      try await native.answerDeviceRequest(
        request: request.native, approve: approve, cancellation: cancellation)
    }
  }

  // MARK: What happens

  /// What mini-programs asked and what became of it, from now on. Ends with the host.
  public var auditEntries: AsyncStream<AuditEntry> { hub.audit.listen() }

  /// What happens in the host, from now on. Ends with the host.
  public var events: AsyncStream<HostEvent> { hub.events.listen() }
}

/// Something that happened in the host.
public enum HostEvent: Sendable, Hashable {
  /// This user is signed in from now on, or nobody, whoever brought it about. Of changes that follow one
  /// another closely only the last may be told.
  case userChanged(User?)
  /// A prompt waits for its answer.
  case promptPresented(ConsentView)
  /// Nobody waits any more for the answer to this prompt.
  case promptDismissed(UInt64)
}
