import Foundation
import MiniHost
import MiniHostWebKit
import Testing
import WebKit

/// What a host app brings to the README's example.
@MainActor
private struct HostApp {
  final class Web: Sendable {
    func show(_ page: URL) async throws -> URL { page }
  }

  let browser = Web()
  let manifest = ""
  let acme = TrustedKey(publisher: "acme", jwk: "{}")

  nonisolated func log(_ entry: AuditEntry) {}
  func show(_ view: WKWebView) {}

  func example() async throws {
    let browser = browser
    // The example begins.
    // The topmost view says `.consentSheets(of: consent)`.
    let consent = ConsentPresenter(hostName: "Harbour")
    // The app's own backend holds the host's credentials, and asks for codes.
    let host = try await MiniHost(
      configuration: Configuration(
        issuer: "https://as.example", clientID: "harbour", host: HostInfo(name: "Harbour", version: "1.0"),
        codeRequests: .relay(base: "https://api.harbour.example/mini-programs")),
      delegates: Delegates(
        credentials: .relay(), consent: consent, secrets: KeychainStore(service: "com.example.harbour")))
    let entries = host.auditEntries  // A task that held the host would keep it.
    Task { for await entry in entries { log(entry) } }

    if try await host.restoreSignIn() == nil {
      try await host.signIn(redirectURI: "com.example.harbour:/signed-in") { page in
        try await browser.show(page)  // ASWebAuthenticationSession
      }
    }
    let session = try await host.open(.signed(manifest, keys: [acme]))
    let container = MiniProgramContainer(session: session)
    show(container.webView)
    container.load()

    for grant in try host.grants { print(grant.scope) }
    try await host.revoke("teahouse")
    // The example ends.
  }
}

@Suite struct ReadmeTests {
  private func between(_ start: String, _ end: String, in text: String) throws -> [String] {
    let from = try #require(text.range(of: start))
    let to = try #require(text[from.upperBound...].range(of: end))
    return text[from.upperBound..<to.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  @Test("The README's example is code that compiles, and starts a host")
  @MainActor
  func example() async throws {
    let here = URL(fileURLWithPath: #filePath)
    let readme = here.deletingLastPathComponent().appendingPathComponent("../../README.md")
    let shown = try between("```swift", "```", in: String(contentsOf: readme, encoding: .utf8))
    let compiled = try between(
      "// The example begins.", "// The example ends.", in: String(contentsOf: here, encoding: .utf8))
    #expect(shown.filter { !$0.hasPrefix("import ") } == compiled)
    // Nobody can sign in at such a server: that far it gets, where there is a Keychain for tests.
    #if os(Linux)
      await #expect(throws: SignInError.self) { try await HostApp().example() }
    #endif
  }
}
