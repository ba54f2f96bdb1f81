import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Requests as an ordinary program makes them.
public enum Http {
  public struct Answer: Sendable {
    public let status: Int
    public let headers: [String: String]
    public let body: String
    /// The cookies that it sets, as a browser sends them back.
    public let cookies: String

    public func json() throws -> Json {
      guard status == 200 else { throw Unexpected("\(status): \(body)") }
      return try Json(body)
    }
  }

  public static func get(_ url: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send(request(url, headers))
  }

  public static func post(
    _ url: String, form: [String: String], headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = try request(url, headers)
    request.httpMethod = "POST"
    request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
    request.httpBody = Data(encode(form).utf8)
    return try await send(request)
  }

  /// Any request.
  public static func exchange(
    _ method: String, _ url: String, headers: [String: String], body: Data?
  ) async throws -> Answer {
    var request = try request(url, headers)
    request.httpMethod = method
    request.httpBody = body
    return try await send(request)
  }

  public static func encode(_ form: [String: String]) -> String {
    form.map { "\(encode($0.key))=\(encode($0.value))" }.joined(separator: "&")
  }

  public static func encode(_ text: String) -> String {
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "-._~")
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }

  /// The members of a form, or of a query.
  public static func decode(_ form: String) -> [String: String] {
    let pairs = form.split(separator: "&").map { pair -> (String, String) in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? ""
      }
      return (halves[0], halves.count > 1 ? halves[1] : "")
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// Keeps nothing from one request to the next.
  private static let client: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    return URLSession(configuration: configuration)
  }()

  private static func request(_ url: String, _ headers: [String: String]) throws -> URLRequest {
    guard let url = URL(string: url) else { throw Unexpected("no address: \(url)") }
    var request = URLRequest(url: url)
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    return request
  }

  static func send(_ request: URLRequest) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      let task = client.dataTask(with: request) { data, response, error in
        guard let data, let response = response as? HTTPURLResponse else {
          return continuation.resume(throwing: error ?? Unexpected("no answer"))
        }
        let body = String(decoding: data, as: UTF8.self)
        let fields = response.allHeaderFields as? [String: String] ?? [:]
        let cookies = response.url.map { HTTPCookie.cookies(withResponseHeaderFields: fields, for: $0) } ?? []
        let sent = cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        continuation.resume(
          returning: Answer(status: response.statusCode, headers: fields, body: body, cookies: sent))
      }
      task.resume()
    }
  }
}
