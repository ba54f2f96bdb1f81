internal import MiniHostFFI

/// An error that stands for what the generated module throws.
protocol Translated: Error {
  init(native error: any Error)
}

/// Calls the generated module.
func translated<Value, Failure: Translated>(
  _ failure: Failure.Type, _ body: () throws -> Value
) throws(Failure) -> Value {
  do { return try body() } catch { throw Failure(native: error) }
}

/// Calls the generated module and waits.
func translated<Value: Sendable, Failure: Translated>(
  _ failure: Failure.Type, _ body: @Sendable () async throws -> Value
) async throws(Failure) -> Value {
  do { return try await body() } catch { throw Failure(native: error) }
}

/// An error of calls that their task's cancellation ends.
protocol Cancellable: Translated {
  static var cancelled: Self { get }
}

/// Calls the generated module and waits. Where the task is cancelled, so is the call: its work on the SDK's
/// threads ends.
func awaited<Value: Sendable, Failure: Cancellable>(
  _ failure: Failure.Type, _ body: @Sendable (MiniHostFFI.Cancellation) async throws -> Value
) async throws(Failure) -> Value {
  do {
    let cancellation = try MiniHostFFI.Cancellation()
    return try await withTaskCancellationHandler {
      try await body(cancellation)
    } onCancel: {
      try? cancellation.cancel()
    }
  } catch {
    throw Failure(native: error)
  }
}

extension StartError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.StartError.Configuration(let message): .configuration(detail: message)
      case MiniHostFFI.StartError.Storage(let message): .storage(detail: message)
      case MiniHostFFI.StartError.Threads(let message): .threads(detail: message)
      case MiniHostFFI.StartError.ShutDown: .shutDown
      case MiniHostFFI.StartError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}

extension HostError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.HostError.ShutDown: .shutDown
      case MiniHostFFI.HostError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}

extension OpenError: Translated {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.OpenError.Manifest(let message): .manifest(detail: message)
      case MiniHostFFI.OpenError.Key(let message): .key(detail: message)
      case MiniHostFFI.OpenError.ShutDown: .shutDown
      default: .defect(detail: "\(error)")
      }
  }
}

extension AnswerError: Translated {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.AnswerError.NotWaiting: .notWaiting
      case MiniHostFFI.AnswerError.OtherView: .otherView
      case MiniHostFFI.AnswerError.OtherScopes: .otherScopes
      case MiniHostFFI.AnswerError.OtherRemember: .otherRemember
      case MiniHostFFI.AnswerError.ShutDown: .shutDown
      default: .defect(detail: "\(error)")
      }
  }
}

extension SignInError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.SignInError.WrongCredentials: .wrongCredentials
      case MiniHostFFI.SignInError.Denied: .denied
      case MiniHostFFI.SignInError.WrongAnswer(let detail): .wrongAnswer(detail: detail)
      case MiniHostFFI.SignInError.Configuration(let detail): .configuration(detail: detail)
      case MiniHostFFI.SignInError.Network(let detail): .network(detail: detail)
      case MiniHostFFI.SignInError.TryLater(let detail, let retryAfter):
        .tryLater(detail: detail, retryAfter: retryAfter)
      case MiniHostFFI.SignInError.HostRejected(let detail): .hostRejected(detail: detail)
      case MiniHostFFI.SignInError.Server(let detail): .server(detail: detail)
      case MiniHostFFI.SignInError.Overtaken: .overtaken
      case MiniHostFFI.SignInError.ShutDown: .shutDown
      case MiniHostFFI.SignInError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}

extension RestoreError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.RestoreError.Locked(let message): .locked(detail: message)
      case MiniHostFFI.RestoreError.Storage(let message): .storage(detail: message)
      case MiniHostFFI.RestoreError.ShutDown: .shutDown
      case MiniHostFFI.RestoreError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}

extension UserChangeError: Translated {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.UserChangeError.SdkSignsIn: .sdkSignsIn
      case MiniHostFFI.UserChangeError.SignInOver: .signInOver
      case MiniHostFFI.UserChangeError.ShutDown: .shutDown
      default: .defect(detail: "\(error)")
      }
  }
}

extension SignOutError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.SignOutError.Storage(let message): .storage(detail: message)
      case MiniHostFFI.SignOutError.ShutDown: .shutDown
      case MiniHostFFI.SignOutError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}

extension DeviceRequestError: Cancellable {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.DeviceRequestError.Unknown: .unknown
      case MiniHostFFI.DeviceRequestError.NotAllowed: .notAllowed
      case MiniHostFFI.DeviceRequestError.Answered: .answered
      case MiniHostFFI.DeviceRequestError.UserChanged(let detail): .userChanged(detail: detail)
      case MiniHostFFI.DeviceRequestError.TryLater(let detail, let retryAfter):
        .tryLater(detail: detail, retryAfter: retryAfter)
      case MiniHostFFI.DeviceRequestError.Server(let detail): .server(detail: detail)
      case MiniHostFFI.DeviceRequestError.ShutDown: .shutDown
      case MiniHostFFI.DeviceRequestError.Cancelled: .cancelled
      default: .defect(detail: "\(error)")
      }
  }
}
