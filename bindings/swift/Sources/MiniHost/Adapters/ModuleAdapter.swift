import Foundation

/// A vendor's container whose hook is a module that answers named events, as Dimina's `registerExtModule`
/// does. One hook belongs to one opened mini-program: its calls do not say whose they are.
public protocol ModuleHook: AnyObject {
  /// Registers a module. A handler may answer many times, and gives what ends that.
  func registerModule(
    _ name: String,
    handler: @escaping @Sendable (
      _ event: String, _ data: [String: Any], _ callback: ModuleCallback
    ) -> (@Sendable () -> Void)?)
}

/// How a module answers.
public struct ModuleCallback: Sendable {
  public let onSuccess: @Sendable ([String: Any]) -> Void
  public let onFail: @Sendable ([String: Any]) -> Void

  public init(
    onSuccess: @escaping @Sendable ([String: Any]) -> Void,
    onFail: @escaping @Sendable ([String: Any]) -> Void
  ) {
    self.onSuccess = onSuccess
    self.onFail = onFail
  }
}

/// Carries the bridge over such a module: the event `send` brings a message and gets its reply, `subscribe`
/// gets the events of the bridge for as long as it lasts.
public final class ModuleAdapter: Sendable {
  /// What the page's side of the vendor's module is called.
  public static let name = "minihost"

  private let session: MiniProgramSession
  private let isVisible: @Sendable () -> Bool
  private let document: UInt64 = 1

  /// One adapter for one session. `isVisible` tells whether the user sees the program.
  public init(
    _ session: MiniProgramSession, on hook: any ModuleHook, isVisible: @escaping @Sendable () -> Bool
  ) throws(HostError) {
    self.session = session
    self.isVisible = isVisible
    try session.documentStarted(document)
    hook.registerModule(Self.name) { [weak self] event, data, callback in
      guard let self else {
        callback.onFail(["errMsg": "\(event):fail closed"])
        return nil
      }
      switch event {
      case "send":
        self.send(data, callback)
        return nil
      case "subscribe":
        return self.subscribe(callback)
      default:
        callback.onFail(["errMsg": "\(event):fail no such event"])
        return nil
      }
    }
  }

  private func send(_ data: [String: Any], _ callback: ModuleCallback) {
    guard let text = data["message"] as? String else {
      return callback.onFail(["errMsg": "send:fail no message"])
    }
    let sender = Sender(
      document: document, origin: nil, isMainFrame: nil, hasCapability: true, isVisible: isVisible(),
      gestureAge: nil)
    do {
      try session.send(text, from: sender) { reply in
        let answer: [String: Any] = reply.map { ["message": $0] } ?? [:]
        switch BridgeOutcome(reply) {
        case .done: callback.onSuccess(answer)
        case .cancelled: callback.onFail(answer.merging(["errMsg": "send:fail cancel"]) { $1 })
        case .failed: callback.onFail(answer.merging(["errMsg": "send:fail"]) { $1 })
        }
      }
    } catch {
      callback.onFail(["errMsg": "send:fail closed"])
    }
  }

  private func subscribe(_ callback: ModuleCallback) -> @Sendable () -> Void {
    let (messages, document) = (session.messages, document)
    let task = Task {
      for await message in messages where message.document == document {
        callback.onSuccess(["message": message.text])
      }
    }
    return { task.cancel() }
  }
}
