import Foundation
import MiniHost
import MiniHostWebKit

/// What the app is doing, for its screens to draw.
@MainActor
public final class HarbourModel {
  /// Which screen is shown.
  public enum Screen: Sendable, Equatable {
    /// There is no sample host yet.
    case noServers
    case signIn
    case programs
  }

  /// A sentence for the user; which one, in the user's language, is the screens' to say.
  public enum Notice: Sendable, Equatable {
    case wrongCredentials
    case tryLater
    case unavailable
    /// The secret store gives no access now, or cannot be used.
    case noStore
    case notOpened(String)
    /// A program is open, and its page could not be loaded or has ended.
    case pageFailed(String)
    /// Nobody is signed in any more, but not everything is gone from the secret store.
    case signedOutInPart
    /// The sample host was started without `--steering`, or did not do it.
    case notSteered([String])
    /// An attack was played, and this is the reason that the host gave, where it gave one.
    case attacked(Attack, reason: String?)
    case unknownWords([String])
    /// What was taken back, and what the authorization server was told.
    case revoked([String], ServerTold)
  }

  public private(set) var screen: Screen = .noServers { willSet { changes() } }
  public private(set) var user: User? { willSet { changes() } }
  public private(set) var servers: Servers? { willSet { changes() } }
  public private(set) var grants: [Grant] = [] { willSet { changes() } }
  public private(set) var session: MiniProgramSession? { willSet { changes() } }
  public private(set) var isBusy = false { willSet { changes() } }
  public var notice: Notice? { willSet { changes() } }
  public private(set) var locale: String
  public let steering: Steering
  public let consent: ConsentPresenter

  /// What programs keep: gone with the user.
  public let data: ProgramData
  private var host: MiniHost?
  private var following: Task<Void, Never>?
  private let kept: Kept

  public init(
    steering: Steering, kept: Kept = .onThisDevice(), data: ProgramData = ProgramData(), locale: String = "en"
  ) {
    self.steering = steering
    self.kept = kept
    self.data = data
    self.locale = steering.locale ?? locale
    consent = ConsentPresenter(hostName: "Harbour")
    #if DEBUG
      if let answer = steering.answer {
        consent.steer { view in
          guard let (choice, after) = answer.choice(for: view) else { return nil }
          if after > 0 { try? await Task.sleep(nanoseconds: UInt64(after * 1_000_000_000)) }
          return choice
        }
      }
    #endif
  }

  /// Begins as the launch arguments say.
  public func start() async {
    if steering.reset {
      try? kept.forget()
      await data.removeAll()
    }
    if let line = steering.servers { try? kept.keep(line: line) }
    if !steering.unknown.isEmpty { notice = .unknownWords(steering.unknown) }
    guard let line = kept.line(), let servers = Servers(line: line) else { return }
    await connect(to: servers)
    await steer(servers)
    await restoreSignIn(at: servers)
    if let name = steering.user, name != user?.displayName, let password = servers.password(of: name) {
      await signIn(username: name, password: password)
    }
    if let program = steering.open, user != nil {
      if steering.revoke { await revoke(program) }
      await open(program)
      if let attack = steering.attack { await play(attack, as: program) }
    }
  }

  /// Whoever was signed in when the app ended still is.
  private func restoreSignIn(at servers: Servers) async {
    guard let host else { return }
    do {
      if let user = try await host.restoreSignIn() { await entered(user, at: servers) }
    } catch {
      switch error {
      case .locked, .storage: notice = .noStore
      case .cancelled, .shutDown, .defect: notice = .unavailable
      }
    }
  }

  private func entered(_ user: User, at servers: Servers) async {
    // What is on the screen may be the user's before.
    close()
    self.user = user
    await data.belong(to: user, of: servers.authorizationServer)
    // They may be signed out again by now.
    if self.user == user { screen = .programs }
  }

  private func steer(_ servers: Servers) async {
    guard !steering.server.isEmpty, await servers.steering?.tell(steering.server) != true else { return }
    notice = .notSteered(steering.server.map { "\($0.key)=\($0.value)" }.sorted())
  }

  private func play(_ attack: Attack, as program: String) async {
    guard let host, let manifest = manifest(of: program),
      let session = try? await host.open(.unsignedForDevelopment(manifest))
    else { return }
    notice = .attacked(attack, reason: await attack.play(in: session))
    session.close()
  }

  /// Signs a user in.
  public func signIn(username: String, password: String) async {
    guard let host, let servers, !isBusy else { return }
    isBusy = true
    defer { isBusy = false }
    do {
      await entered(try await host.signIn(username: username, password: password), at: servers)
      notice = nil
    } catch {
      switch error {
      case .wrongCredentials: notice = .wrongCredentials
      case .tryLater: notice = .tryLater
      default: notice = .unavailable
      }
    }
  }

  /// Signs the user out; the program that is open is closed.
  public func signOut() async {
    close()
    do { try await host?.signOut() } catch .storage { notice = .signedOutInPart } catch {}
    user = nil
    grants = []
    screen = .signIn
    await data.removeAll()
  }

  /// Opens a program, in place of the one that is open.
  public func open(_ id: String) async {
    guard let host, let manifest = manifest(of: id) else {
      notice = .notOpened(id)
      return
    }
    close()
    do {
      session = try await host.open(.unsignedForDevelopment(manifest), launch: Launch(source: "harbour"))
    } catch {
      notice = .notOpened(id)
    }
  }

  private func manifest(of id: String) -> String? {
    guard let servers, let program = servers.miniPrograms.first(where: { $0.id == id }) else { return nil }
    return servers.manifest(of: program, lookalike: steering.manifest == .lookalike)
  }

  /// Closes the program that is open, and the grants with it.
  public func close() {
    session?.close()
    session = nil
    showsGrants = false
    refreshGrants()
  }

  /// Takes back what a program was granted.
  public func revoke(_ program: String, scopes: [String]? = nil) async {
    guard let host else { return }
    do {
      let revoked = try await host.revoke(program, scopes: scopes)
      if !revoked.scopes.isEmpty { notice = .revoked(revoked.scopes, revoked.server) }
    } catch {
      notice = .unavailable
    }
    refreshGrants()
  }

  /// The user looks at what they allowed: refusals no longer hold a program back.
  public func settingsOpened() {
    try? host?.settingsOpened()
    refreshGrants()
  }

  /// The user reads another language now.
  public func setLocale(_ locale: String) {
    changes()
    self.locale = locale
    try? host?.setLocale(locale)
  }

  /// Lets go of everything.
  public func stop() async {
    following?.cancel()
    close()
    await host?.shutdown()
    host = nil
  }

  private func connect(to servers: Servers) async {
    do {
      let credentials = try ClientCredentials.secret(
        servers.host.clientSecret, known: .toEverybodyWhoHasTheApp)
      let network = try steering.network.map { try Network.own(SteeredNetwork($0)) }
      try kept.prepare()
      let host = try await MiniHost(
        configuration: Configuration(
          issuer: servers.authorizationServer, clientID: servers.host.clientId,
          host: HostInfo(name: "Harbour", version: "1.0.0"), locale: locale, build: .development),
        delegates: Delegates(
          credentials: credentials, consent: consent, settings: self,
          secrets: SteeredSecrets(kept.secrets, steering.store), grants: .file(kept.grants), network: network)
      )
      self.host = host
      self.servers = servers
      screen = .signIn
      follow(host.events)
    } catch StartError.storage {
      notice = .noStore
    } catch {
      notice = .unavailable
    }
  }

  // A sign-in that the server ends is none of the app's own doing.
  private func follow(_ events: AsyncStream<HostEvent>) {
    following = Task { [weak self] in
      for await event in events {
        guard case .userChanged(let user) = event, let self else { continue }
        if user == nil, self.user != nil { await self.signOut() }
      }
    }
  }

  private func refreshGrants() {
    grants = (try? host?.grants) ?? []
  }

  /// The page asked for the settings.
  public private(set) var showsGrants = false { willSet { changes() } }

  /// Whether the user sees the program that is open: not where the grants lie over it, or a tester wants it so.
  public var seesProgram: Bool { !showsGrants && !steering.background }

  public func setShowsGrants(_ shows: Bool) {
    showsGrants = shows
    if shows { settingsOpened() }
  }

  private func changes() {
    #if canImport(Combine)
      objectWillChange.send()
    #endif
  }
}

extension HarbourModel: SettingsPage {
  public func show(for miniProgram: String) async throws {
    // The screen lies over a sheet.
    consent.covered()
    setShowsGrants(true)
  }
}

#if canImport(Combine)
  import Combine

  extension HarbourModel: ObservableObject {}
#endif
