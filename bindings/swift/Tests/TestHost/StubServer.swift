import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An authorization server that does what the real one does not within a test's time.
public final class StubServer: Sendable {
  /// What came to the server.
  public struct Request: Sendable {
    public let path: String
    public let authorization: String?
    public let form: [String: String]
  }

  /// Gives a status and a JSON text; `nil` hears the request and never answers it.
  public typealias Respond = @Sendable (Request) -> (Int, String)?

  public let issuer: String
  /// The requests that were never answered, by path, once whoever made them has let go of them.
  public let abandoned = Heard<String>("the end of a request that is not answered")
  private let listener: Int32

  /// `holding` are paths at which even the metadata is not given.
  public init(holding: Set<String> = [], _ respond: @escaping Respond) throws {
    let (listener, port) = try Self.listen()
    self.listener = listener
    let issuer = "http://127.0.0.1:\(port)"
    self.issuer = issuer
    let answer: Respond = { request in
      holding.contains(request.path) ? respond(request) : Self.metadata(request, issuer) ?? respond(request)
    }
    let abandoned = abandoned
    Thread.detachNewThread {
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        Thread.detachNewThread { Self.serve(connection, answer, abandoned) }
      }
    }
  }

  /// Takes no more connections.
  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  deinit { stop() }

  /// A port of this machine where nobody listens.
  public static func closedPort() throws -> UInt16 {
    let (listener, port) = try listen()
    close(listener)
    return port
  }

  private static func listen() throws -> (Int32, UInt16) {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && startListening(descriptor)
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard bound else { throw Unexpected("no socket to listen at") }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private static func serve(_ connection: Int32, _ respond: Respond, _ abandoned: Heard<String>) {
    let file = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
    guard let request = read(file) else { return }
    guard let (status, json) = respond(request) else {
      // Holds the connection until the other side has enough.
      while !file.availableData.isEmpty {}
      return abandoned.add(request.path)
    }
    let head =
      "HTTP/1.1 \(status) -\r\nContent-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n"
      + "Connection: close\r\n\r\n"
    try? file.write(contentsOf: Data((head + json).utf8))
  }

  private static func metadata(_ request: Request, _ issuer: String) -> (Int, String)? {
    switch request.path {
    case "/.well-known/oauth-authorization-server":
      let metadata: Json = [
        "issuer": .text(issuer), "token_endpoint": .text("\(issuer)/token"),
        "userinfo_endpoint": .text("\(issuer)/userinfo"),
        "authorization_endpoint": .text("\(issuer)/authorize"),
        "authorization_challenge_endpoint": .text("\(issuer)/challenge"), "host_mediation_supported": true,
      ]
      return (200, metadata.encoded)
    case "/userinfo":
      // The token is named after its user where a test has several.
      let name = request.authorization?.split(separator: "-").dropFirst().first ?? "alice"
      return (200, #"{"sub":"u-\#(name)","preferred_username":"\#(name)"}"#)
    default:
      return nil
    }
  }

  private static func read(_ file: FileHandle) -> Request? {
    var data = Data()
    let end = Data("\r\n\r\n".utf8)
    while data.range(of: end) == nil {
      let more = file.availableData
      if more.isEmpty { return nil }
      data.append(more)
    }
    guard let blank = data.range(of: end) else { return nil }
    let lines = String(decoding: data[..<blank.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let headers = Dictionary(
      lines.dropFirst().compactMap { line -> (String, String)? in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        return (line[..<colon].lowercased(), value)
      }, uniquingKeysWith: { first, _ in first })
    var body = data[blank.upperBound...]
    while body.count < Int(headers["content-length"] ?? "0") ?? 0 {
      let more = file.availableData
      if more.isEmpty { return nil }
      body.append(more)
    }
    let target = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    return Request(
      path: target, authorization: headers["authorization"],
      form: Http.decode(String(decoding: body, as: UTF8.self)))
  }
}

private func startListening(_ descriptor: Int32) -> Bool {
  listen(descriptor, 50) == 0
}
