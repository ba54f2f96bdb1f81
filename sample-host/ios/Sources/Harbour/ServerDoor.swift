import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// How the sample host's authorization server is steered, where it was started with `--steering`.
public struct ServerDoor: Sendable, Codable {
  let url: URL
  let token: String

  /// Whether the server did what these words want.
  func tell(_ words: [String: String]) async -> Bool {
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
    let pairs = words.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }
    request.httpBody = Data(pairs.joined(separator: "&").utf8)
    let answer = try? await PlainHttp.exchange(request)
    return answer?.1.statusCode == 200
  }

  private static func encoded(_ text: String) -> String {
    let plain = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}
