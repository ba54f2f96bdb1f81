import Foundation
import MiniHost

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// HTTP as a host app does it: with the platform's own client.
public final class Forwarding: HttpTransport {
  public let sent = Heard<HttpRequest>("a request")
  /// What comes in place of the answer.
  public let fails = Shared<(any Error)?>(nil)
  /// Whether requests are held: they are not sent until they are let go, or nobody waits for them any more.
  public let holds = Shared(false)
  /// The paths of requests that are held.
  public let held = Heard<String>("a request that is held")
  /// The paths of those that nobody waited for any more.
  public let abandoned = Heard<String>("the end of a request")
  private let gates = Shared<[AsyncStream<Never>.Continuation]>([])

  public init() {}

  /// Lets every request go on that is held, and holds no other.
  public func letGo() {
    holds.value = false
    for gate in gates.value { gate.finish() }
  }

  public func send(_ request: HttpRequest) async throws -> HttpResponse {
    sent.add(request)
    if let error = fails.value { throw error }
    if holds.value {
      await hold(request.url.path)
      if Task.isCancelled {
        abandoned.add(request.url.path)
        throw HttpFailure.timedOut
      }
    }
    var native = URLRequest(url: request.url, timeoutInterval: request.timeAllowed)
    native.httpMethod = request.method
    native.httpBody = request.body
    for (name, value) in request.headers { native.setValue(value, forHTTPHeaderField: name) }
    let answer = try await Http.send(native)
    let headers = answer.headers.mapValues { [$0] }
    return HttpResponse(status: UInt16(answer.status), headers: headers, body: Data(answer.body.utf8))
  }

  private func hold(_ path: String) async {
    let (stream, gate) = AsyncStream<Never>.makeStream()
    gates.value.append(gate)
    held.add(path)
    for await _ in stream {}
  }
}
