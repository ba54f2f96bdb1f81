import MiniHost

/// A host whose user and server take no part, and a program in it.
struct BenchProgram: Sendable {
  private let host: MiniHost

  init() async throws {
    let configuration = Configuration(
      issuer: "http://127.0.0.1:9", clientID: "bench",
      host: HostInfo(name: "Bench", version: "1.0.0", platform: "linux"), build: .development)
    host = try await MiniHost(
      configuration: configuration, delegates: Delegates(credentials: .publicClient(), consent: Nobody()))
  }

  func open() async throws -> BenchPage {
    let session = try await host.open(.unsignedForDevelopment(Self.manifest))
    try session.documentStarted(1)
    let page = BenchPage(session: session)
    let initialize =
      #"{"jsonrpc":"2.0","id":0,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"#
    _ = try await page.answer(to: initialize)
    return page
  }

  func close() async {
    await host.shutdown()
  }

  private static let manifest = """
    {"manifestVersion":1,"id":"bench","version":"1.0.0","name":{"en":"Bench"},
    "publisher":{"id":"bench","name":{"en":"Bench"}},"startUrl":"http://bench.localhost:1/",
    "origins":["http://bench.localhost:1"],"clientId":"bench",
    "redirectUris":["http://bench.localhost:1/callback"],"scopes":[{"name":"openid"}]}
    """

  private final class Nobody: ConsentPrompt {
    func ask(_ view: ConsentView) async throws -> Choice { .dismiss }
  }
}

/// A page that is open.
struct BenchPage: Sendable {
  let session: MiniProgramSession

  /// What a container that runs in an app of Apple's knows of a message.
  let sender = Sender(
    document: 1, origin: "http://bench.localhost:1", isMainFrame: true, isVisible: true, gestureAge: 1.5)

  /// The reply, which must come and be a result.
  func answer(to text: String) async throws -> String {
    guard let reply = try await session.receive(text, from: sender), reply.contains("\"result\"") else {
      throw NotMeasured("A message is refused.")
    }
    return reply
  }
}
