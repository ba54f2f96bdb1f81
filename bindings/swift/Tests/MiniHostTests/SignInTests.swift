import Foundation
import MiniHost
import TestHost
import Testing

private struct Closed: Error {}

/// Signs, or refuses.
private final class Enclave: CredentialSigner {
  let publicKey: Data
  let asked = Heard<Data>("something to be signed")
  let refuses = Shared<NotSigned?>(nil)

  init(publicKey: Data) {
    self.publicKey = publicKey
  }

  func sign(_ message: Data) async throws -> Data {
    asked.add(message)
    if let why = refuses.value { throw why }
    return Es256.sign(message)
  }
}

/// How the host proves who it is, and how its user comes in.
@Suite struct SignInTests {
  private static let callback = "com.example.harbour:/signed-in"
  /// Lets everybody in, and keeps how the host said who it is.
  private func openServer() throws -> (StubServer, Heard<StubServer.Request>) {
    let seen = Heard<StubServer.Request>("a request to the token endpoint")
    let server = try StubServer { request in
      seen.add(request)
      return (200, #"{"access_token":"a","token_type":"Bearer","expires_in":600}"#)
    }
    return (server, seen)
  }

  private func sent(
    _ credentials: ClientCredentials, codeRequests: CodeRequests = .challenge()
  ) async throws -> StubServer.Request {
    let (server, seen) = try openServer()
    let phone = try await Phone(
      issuer: server.issuer, clientID: "harbour", credentials: credentials,
      configure: { $0.codeRequests = codeRequests })
    try await phone.host.signIn(username: "alice", password: "x")
    await phone.host.shutdown()
    return try await seen.next()
  }

  @Test("A secret goes the way that the server wants")
  func secrets() async throws {
    func of(_ sent: SecretSent) throws -> ClientCredentials {
      try .secret("a b&c", known: .toThisHostAlone, sent: sent)
    }
    func basic(_ pair: String) -> String { "Basic \(Data(pair.utf8).base64EncodedString())" }
    #expect(try await sent(of(.basic)).authorization == basic("harbour:a+b%26c"))
    #expect(try await sent(of(.basicVerbatim)).authorization == basic("harbour:a b&c"))
    let post = try await sent(of(.post))
    #expect(post.authorization == nil && post.form["client_secret"] == "a b&c")
    for none in [try ClientCredentials.publicClient(), try .relay()] {
      let request = try await sent(none, codeRequests: .relay(base: "https://backend.example"))
      #expect(request.authorization == nil && request.form["client_id"] == "harbour")
      #expect(request.form["client_secret"] == nil)
    }
  }

  @Test("A key in hardware signs, and its refusal is an error of its own")
  func hardware() async throws {
    let (server, seen) = try openServer()
    let enclave = Enclave(publicKey: Es256.publicKey)
    let credentials = try ClientCredentials.hardwareKey(enclave, keyID: "k-1")
    #expect(try credentials.assurance() == .hardwareKey)
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: credentials)
    try await phone.host.signIn(username: "alice", password: "x")
    let assertion = try #require(try await seen.next().form["client_assertion"])
    let message = try await enclave.asked.next()
    #expect(assertion.hasPrefix("\(String(decoding: message, as: UTF8.self))."))
    let signature = assertion.split(separator: ".")[2].replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    #expect(Data(base64Encoded: "\(signature)==") == Es256.sign(message))
    for why in NotSigned.allCases {
      enclave.refuses.value = why
      let error = try await thrown(SignInError.self) {
        try await phone.host.signIn(username: "alice", password: "x")
      }
      guard case .hostRejected = error else { throw error }
    }
    enclave.refuses.value = nil
    try await phone.host.signIn(username: "alice", password: "x")
    await phone.host.shutdown()
  }

  @Test("A key in the process signs for the endpoint where the server wants that")
  func processKey() async throws {
    // The example of RFC 8410 §10.3.
    let pem = """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
      -----END PRIVATE KEY-----
      """
    let key = try ClientCredentials.privateKey(pem: pem, keyID: "first", audience: .endpoint)
    #expect(try key.assurance() == .processKey)
    let request = try await sent(key)
    let parts = try #require(request.form["client_assertion"]).split(separator: ".").map { part -> Json in
      let text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
      let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
      let data = Data(base64Encoded: text + padding) ?? Data()
      return (try? Json(String(decoding: data, as: UTF8.self))) ?? .null
    }
    #expect(parts[0]["kid"] == "first" && parts[0]["alg"].string != nil)
    #expect(parts[1]["sub"] == "harbour" && parts[1]["aud"].string?.hasSuffix("/token") == true)
  }

  @Test("Credentials tell what they are worth and not what they are")
  func assurance() throws {
    func of(_ known: SecretKnown) throws -> ClientCredentials { try .secret("hunter2", known: known) }
    #expect(try of(.toThisHostAlone).assurance() == .staticSecret)
    #expect(try of(.toEverybodyWhoHasTheApp).assurance() == .staticSecret)
    #expect(try of(.toThisInstallationAlone).assurance() == .installationSecret)
    #expect(try ClientCredentials.publicClient().assurance() == .publicClient)
    #expect(try ClientCredentials.relay().assurance() == .relayed)
    var shown = ""
    dump(try of(.toThisHostAlone), to: &shown)
    #expect(!shown.contains("hunter2"))
  }

  @Test("What is no key is refused at once")
  func noKey() throws {
    #expect(throws: StartError.self) { try ClientCredentials.privateKey(pem: "key") }
    #expect(throws: StartError.self) {
      try ClientCredentials.hardwareKey(Enclave(publicKey: Data([1])))
    }
  }

  @Test("A user comes back from the browser and is signed in")
  func browser() async throws {
    let (server, seen) = try openServer()
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    let user = try await phone.host.signIn(redirectURI: Self.callback) { page in
      let sent = Http.decode(page.query ?? "")
      guard sent["redirect_uri"] == Self.callback, sent["code_challenge_method"] == "S256",
        let answer = URL(string: "\(Self.callback)?code=c&state=\(sent["state"] ?? "")")
      else { throw Unexpected("the page is \(page)") }
      return answer
    }
    #expect(try phone.host.currentUser == user)
    let form = try await seen.next().form
    #expect(form["grant_type"] == "authorization_code" && form["code"] == "c")
    #expect(form["redirect_uri"] == Self.callback && form["code_verifier"] != nil)
    await phone.host.shutdown()
  }

  @Test("A sign-in can be finished once, by its own answer alone")
  func answers() async throws {
    let (server, seen) = try openServer()
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    let signIn = try await phone.host.beginSignIn(redirectURI: Self.callback)
    let state = try #require(Http.decode(signIn.page.query ?? "")["state"])
    let answer = "\(Self.callback)?code=c&state=\(state)"
    for strange in [
      "\(Self.callback)?code=c&state=x\(state)", "com.example.harbour:/other?state=\(state)", "-",
    ] {
      #expect(!signIn.isAnswered(by: strange))
    }
    #expect(signIn.isAnswered(by: answer))
    try await phone.host.finishSignIn(signIn, answer: answer)
    let again = try await thrown(SignInError.self) {
      try await phone.host.finishSignIn(signIn, answer: answer)
    }
    guard case .wrongAnswer = again else { throw again }
    #expect(seen.rest.count == 1)

    let other = try await phone.host.beginSignIn(redirectURI: Self.callback)
    let wrong = try await thrown(SignInError.self) {
      try await phone.host.finishSignIn(other, answer: "\(Self.callback)?code=c&state=x")
    }
    guard case .wrongAnswer = wrong else { throw wrong }
    await phone.host.shutdown()
  }

  @Test("A user who declines, or closes the browser, is not signed in")
  func declines() async throws {
    let (server, _) = try openServer()
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    await #expect(throws: SignInError.denied) {
      try await phone.host.signIn(redirectURI: Self.callback) { page in
        let state = Http.decode(page.query ?? "")["state"] ?? ""
        return try #require(URL(string: "\(Self.callback)?error=access_denied&state=\(state)"))
      }
    }
    await #expect(throws: SignInError.denied) {
      try await phone.host.signIn(redirectURI: Self.callback) { _ in throw Closed() }
    }
    #expect(try phone.host.currentUser == nil)
    await phone.host.shutdown()
  }

  @Test("A wish goes along and a bad address does not")
  func wishes() async throws {
    let (server, _) = try openServer()
    let phone = try await Phone(issuer: server.issuer, clientID: "harbour", credentials: .publicClient())
    func sent(_ wish: SignInWish) async throws -> [String: String] {
      let signIn = try await phone.host.beginSignIn(redirectURI: Self.callback, wish: wish)
      return Http.decode(signIn.page.query ?? "")
    }
    #expect(try await sent(.again(acrValues: ["urn:a"], maxAge: nil))["prompt"] == "login")
    #expect(try await sent(.again(acrValues: [], maxAge: 60))["max_age"] == "60")
    #expect(try await sent(.chooseAccount)["prompt"] == "select_account")
    let error = try await thrown(SignInError.self) {
      try await phone.host.beginSignIn(redirectURI: "app:/x")
    }
    guard case .configuration = error else { throw error }
    await phone.host.shutdown()
  }

  @Test("The user answers on the phone what another device asks")
  func devices() async throws {
    let sample = try await SampleHost.shared()
    try await sample.withPhone { phone in
      let browser = WaitingBrowser(sample.issuer)
      let code = try await browser.code()
      let request = try await phone.host.deviceRequest(
        code.lowercased().replacingOccurrences(of: "-", with: " "))
      let asked = try request.asked(in: "en")
      #expect(asked.client == nil && asked.userAgent == "Waiting/1" && (1...600).contains(asked.expiresIn))
      #expect(try await browser.state() == "pending")
      try await phone.host.answer(request, approve: true)
      #expect(try await browser.state() == "approved")
      await #expect(throws: DeviceRequestError.answered) {
        try await phone.host.answer(request, approve: false)
      }
      await #expect(throws: DeviceRequestError.unknown) { try await phone.host.deviceRequest(code) }

      let other = WaitingBrowser(sample.issuer)
      let denied = try await phone.host.deviceRequest(other.code())
      try await phone.host.answer(denied, approve: false)
      #expect(try await other.state() == "denied")

      let third = WaitingBrowser(sample.issuer)
      let lost = try await phone.host.deviceRequest(third.code())
      try await phone.host.signIn(username: "bob", password: sample.password(of: "bob"))
      let error = try await thrown(DeviceRequestError.self) {
        try await phone.host.answer(lost, approve: true)
      }
      guard case .userChanged = error else { throw error }
    }
  }
}
