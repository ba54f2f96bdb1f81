import Foundation
import MiniHost

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// How the network is, as a tester wants it.
public enum Weather: Sendable, Equatable {
  case fine
  case offline
  /// So many milliseconds pass before each request.
  case slow(UInt64)
  /// The connection breaks after so many bytes of the answer.
  case cutAfter(Int)
  /// Every answer has this status.
  case status(UInt16)
  /// The server wants to be left alone for so many seconds.
  case retryAfter(UInt64)
  /// Every answer is a web page, as of a network that wants its user to sign in.
  case html

  /// `nil` for what is no weather.
  init?(_ text: String) {
    let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
    switch (halves.first, halves.count > 1 ? halves[1] : nil) {
    case ("ok", nil): self = .fine
    case ("offline", nil): self = .offline
    case ("html", nil): self = .html
    case ("slow", let text?):
      guard let milliseconds = UInt64(text) else { return nil }
      self = .slow(milliseconds)
    case ("cut-after", let text?):
      guard let bytes = Int(text), bytes >= 0 else { return nil }
      self = .cutAfter(bytes)
    case ("status", let text?):
      guard let status = UInt16(text), (100...599).contains(status) else { return nil }
      self = .status(status)
    case ("retry-after", let text?):
      guard let seconds = UInt64(text) else { return nil }
      self = .retryAfter(seconds)
    default: return nil
    }
  }
}

/// The platform's own HTTP, in some weather. The SDK's is what an app for users takes, and this one too where
/// nobody asks for weather.
final class SteeredNetwork: HttpTransport {
  private let weather: Weather

  init(_ weather: Weather) {
    self.weather = weather
  }

  func send(_ request: HttpRequest) async throws -> HttpResponse {
    switch weather {
    case .fine:
      return try await exchange(request)
    case .offline:
      throw HttpFailure.notSent
    case .slow(let milliseconds):
      try await Task.sleep(nanoseconds: milliseconds * 1_000_000)
      return try await exchange(request)
    case .cutAfter(let bytes):
      let answer = try await exchange(request)
      if answer.body.count > bytes { throw HttpFailure.maybeSent }
      return answer
    case .status(let status):
      return HttpResponse(status: status)
    case .retryAfter(let seconds):
      return HttpResponse(status: 429, headers: ["Retry-After": ["\(seconds)"]])
    case .html:
      let page = "<!doctype html><title>Welcome to the harbour's Wi-Fi</title>"
      return HttpResponse(status: 200, headers: ["Content-Type": ["text/html"]], body: Data(page.utf8))
    }
  }

  private func exchange(_ request: HttpRequest) async throws -> HttpResponse {
    var sent = URLRequest(url: request.url, timeoutInterval: request.timeAllowed)
    sent.httpMethod = request.method
    sent.httpBody = request.body
    for (name, value) in request.headers { sent.setValue(value, forHTTPHeaderField: name) }
    do {
      let (body, answer) = try await PlainHttp.exchange(sent)
      let headers = answer.allHeaderFields.compactMap { name, value -> (String, [String])? in
        guard let name = name as? String, let value = value as? String else { return nil }
        return (name, [value])
      }
      return HttpResponse(
        status: UInt16(clamping: answer.statusCode), headers: Dictionary(headers) { first, _ in first },
        body: body)
    } catch let error as URLError where error.code == .timedOut {
      throw HttpFailure.timedOut
    } catch let error as URLError where error.code == .cannotConnectToHost {
      throw HttpFailure.notSent
    }
  }
}
