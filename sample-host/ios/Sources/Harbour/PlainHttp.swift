import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The platform's HTTP, which keeps nothing from one request to the next and goes nowhere but where it is told.
enum PlainHttp {
  struct NoAnswer: Error {}

  static func exchange(_ request: URLRequest) async throws -> (Data, HTTPURLResponse) {
    let task = Shared<URLSessionTask?>(nil)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let begun = session.dataTask(with: request) { data, response, error in
          if let data, let response = response as? HTTPURLResponse {
            continuation.resume(returning: (data, response))
          } else {
            continuation.resume(throwing: error ?? NoAnswer())
          }
        }
        task.set(begun)
        begun.resume()
        if Task.isCancelled { begun.cancel() }
      }
    } onCancel: {
      task.value?.cancel()
    }
  }

  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    return URLSession(configuration: configuration, delegate: Stays(), delegateQueue: nil)
  }()

  private final class Stays: NSObject, URLSessionTaskDelegate, Sendable {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }
  }
}

/// A value that threads take turns at.
final class Shared<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Value

  init(_ value: sending Value) {
    stored = value
  }

  var value: Value {
    lock.lock()
    defer { lock.unlock() }
    return stored
  }

  func set(_ value: sending Value) {
    lock.lock()
    defer { lock.unlock() }
    stored = value
  }
}
