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
  /// Whether requests are sent at all, or wait until nobody waits for them.
  public let hangs = Shared(false)
  public let abandoned = Heard<Void>("the end of a request")

  public init() {}

  public func send(_ request: HttpRequest) async throws -> HttpResponse {
    sent.add(request)
    if let error = fails.value { throw error }
    if hangs.value {
      await untilCancelled()
      abandoned.add(())
      throw HttpFailure.timedOut
    }
    var native = URLRequest(url: request.url, timeoutInterval: request.timeAllowed)
    native.httpMethod = request.method
    native.httpBody = request.body
    for (name, value) in request.headers { native.setValue(value, forHTTPHeaderField: name) }
    let answer = try await Http.send(native)
    let headers = answer.headers.mapValues { [$0] }
    return HttpResponse(status: UInt16(answer.status), headers: headers, body: Data(answer.body.utf8))
  }
}
