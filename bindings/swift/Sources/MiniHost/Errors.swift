import Foundation
internal import MiniHostFFI

/// Why a host did not start. Nothing runs then.
public enum StartError: Error, Sendable, Hashable {
  /// Something in the configuration is not acceptable: mend it.
  case configuration(detail: String)
  /// What the host keeps cannot be read just now: try again.
  case storage(detail: String)
  /// The host's threads could not be started, or ended at once: try again.
  case threads(detail: String)
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a host did not do what it was asked.
public enum HostError: Error, Sendable, Hashable {
  /// The host was shut down: start a new one.
  case shutDown
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a mini-program was not opened.
public enum OpenError: Error, Sendable, Hashable {
  /// The manifest is not acceptable: its publisher must mend it.
  case manifest(detail: String)
  /// A pinned key is none: the host must pin another.
  case key(detail: String)
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why an answer to a prompt does not count. Nothing has changed then.
public enum AnswerError: Error, Sendable, Hashable {
  /// Nobody waits for it: take the prompt off the screen.
  case notWaiting
  /// The user saw another view: present the prompt again.
  case otherView
  /// A scope in the answer is not in the view: answer with the view's own.
  case otherScopes
  /// The view does not offer to remember the answer in this way: answer with one that it offers.
  case otherRemember
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why nobody was signed in. Whoever was signed in before still is.
public enum SignInError: Error, Sendable, Hashable {
  /// The username or the password is wrong: let the user try again.
  case wrongCredentials
  /// The user, or the server, did not agree in the browser: let the user try again.
  case denied
  /// What the browser brought back is not the answer to this sign-in: begin anew.
  case wrongAnswer(detail: String)
  /// Something in the configuration is not acceptable: mend it.
  case configuration(detail: String)
  /// The server cannot be reached or did not answer in time: let the user try again.
  case network(detail: String)
  /// The server wants to be left alone for so many seconds, where it says: let the user try again later.
  case tryLater(detail: String, retryAfter: UInt64?)
  /// The server does not accept the host itself: check client id, secret and registration.
  case hostRejected(detail: String)
  /// The server failed or gave an answer that cannot be used: its operator must look into it.
  case server(detail: String)
  /// Another sign-in or a sign-out ended first and counts instead: look who is signed in now.
  case overtaken
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why nobody was signed in of whom the secret store may know.
public enum RestoreError: Error, Sendable, Hashable {
  /// The secret store gives no access now: try again once it is unlocked.
  case locked(detail: String)
  /// The secret store cannot be used, or what lies in it cannot be read: have the user sign in.
  case storage(detail: String)
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a sign-out is not complete.
public enum SignOutError: Error, Sendable, Hashable {
  /// Nobody is signed in any more, but the tokens still lie in the secret store: call again.
  case storage(detail: String)
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why what another device asks was not found, or not answered.
public enum DeviceRequestError: Error, Sendable, Hashable {
  /// There is no open request with this code: let the user look again, or the device ask anew.
  case unknown
  /// The server does not let this host answer what asks: say so.
  case notAllowed
  /// This request was answered already: look the code up again.
  case answered
  /// Nobody is signed in, or another user is: look the code up again once the user is there.
  case userChanged(detail: String)
  /// Too many wrong codes were tried, or the server wants to be left alone for so many seconds.
  case tryLater(detail: String, retryAfter: UInt64?)
  /// The server could not be reached, or its answer cannot be used: let the user try again.
  case server(detail: String)
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

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

extension SignOutError: Translated {
  init(native error: any Error) {
    self =
      switch error {
      case MiniHostFFI.SignOutError.Storage(let message): .storage(detail: message)
      case MiniHostFFI.SignOutError.ShutDown: .shutDown
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
