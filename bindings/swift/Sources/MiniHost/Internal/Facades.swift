import Foundation
internal import MiniHostFFI

// The host app's ports as the generated module wants them: each call returns at once, and what it asks is
// answered by a call of its own.

final class ConsentFacade: MiniHostFFI.ConsentPrompt {
  private let port: any ConsentPrompt
  private let hub: Hub

  init(_ port: any ConsentPrompt, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func present(view: MiniHostFFI.ConsentView) throws {
    let view = ConsentView(view)
    hub.events.tell(.promptPresented(view))
    hub.ask(.consent(view.id)) { [port] native in
      // One that could not be shown, or whose task was cancelled, is not answered: it waits on, or nobody
      // waits for it.
      guard let choice = try? await port.ask(view), !Task.isCancelled else { return }
      do {
        try native.answer(prompt: view.id, digest: view.digest, choice: choice.native)
      } catch MiniHostFFI.AnswerError.OtherScopes, MiniHostFFI.AnswerError.OtherRemember {
        // Not what was asked: the user has agreed to nothing, and the page need not wait for more.
        try? native.answer(prompt: view.id, digest: view.digest, choice: .dismiss)
      } catch {}
    }
  }

  func dismiss(prompt: UInt64) throws {
    hub.giveUp(.consent(prompt))
    hub.events.tell(.promptDismissed(prompt))
  }
}

final class SignInFacade: MiniHostFFI.SignInPrompt {
  private let port: any SignInPrompt
  private let hub: Hub

  init(_ port: any SignInPrompt, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func present(request: MiniHostFFI.SignInRequest) throws {
    let ticket = request.ticket
    let request = SignInRequest(request)
    hub.ask(.signIn(ticket)) { [port] native in
      let outcome = (try? await port.signIn(request)) ?? .failed
      try? native.signInDone(ticket: ticket, outcome: outcome.native)
    }
  }

  func dismiss(ticket: UInt64) throws {
    hub.giveUp(.signIn(ticket))
  }
}

final class BrowserFacade: MiniHostFFI.Browser {
  private let port: any Browser
  private let hub: Hub

  init(_ port: any Browser, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func visit(ticket: UInt64, miniProgram: String, page: String) throws {
    guard let page = URL(string: page) else { throw MiniHostFFI.PortError.Failed }
    hub.ask(.visit(ticket)) { [port] native in
      let outcome = (try? await port.visit(page, for: miniProgram)) ?? .failed
      try? native.browserClosed(ticket: ticket, outcome: outcome.native)
    }
  }

  func dismiss(ticket: UInt64) throws {
    hub.giveUp(.visit(ticket))
  }
}

final class SettingsFacade: MiniHostFFI.SettingsPage {
  private let port: any SettingsPage
  private let hub: Hub

  init(_ port: any SettingsPage, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func show(ticket: UInt64, miniProgram: String) throws {
    hub.ask(.settings(ticket)) { [port] native in
      guard (try? await port.show(for: miniProgram)) != nil else { return }
      try? native.settingsShown(ticket: ticket)
    }
  }
}

final class MethodFacade: MiniHostFFI.HostMethod {
  private let port: any HostMethod
  private let hub: Hub

  init(_ port: any HostMethod, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func call(call: MiniHostFFI.HostCall, params: String) throws {
    let ticket = call.ticket
    let call = HostCall(call)
    hub.ask(.call(ticket)) { [port] native in
      do {
        let result = try await port.call(call, params: params)
        try native.methodReturned(ticket: ticket, result: result)
      } catch let failure as HostMethodFailure {
        let told: Void? = try? native.methodFailed(
          ticket: ticket, reason: failure.reason, message: failure.message)
        if told == nil { Self.failed(ticket, native) }
      } catch {
        Self.failed(ticket, native)
      }
    }
  }

  func abandon(ticket: UInt64) throws {
    hub.giveUp(.call(ticket))
  }

  // What an error says is left out: it may repeat what is private.
  private static func failed(_ ticket: UInt64, _ native: MiniHostFFI.MiniHost) {
    try? native.methodFailed(ticket: ticket, reason: "internal", message: "The host's method failed.")
  }
}

final class SignerFacade: MiniHostFFI.CredentialSigner {
  private let port: any CredentialSigner
  /// Known once the host starts; nothing is signed before.
  let hub = Locked<Hub?>(nil)

  init(_ port: any CredentialSigner) {
    self.port = port
  }

  func sign(ticket: UInt64, message: Data) throws {
    guard let hub = hub.with({ $0 }) else { throw MiniHostFFI.PortError.Failed }
    hub.ask(.signature(ticket)) { [port] native in
      do {
        let signature = try await port.sign(message)
        try native.signed(ticket: ticket, signature: signature)
      } catch {
        let why = error as? NotSigned ?? .unavailable
        try? native.notSigned(ticket: ticket, why: why.native)
      }
    }
  }

  func dismiss(ticket: UInt64) throws {
    hub.with { $0 }?.giveUp(.signature(ticket))
  }
}

final class SinkFacade: MiniHostFFI.ContainerSink {
  private let hub: Hub

  init(_ hub: Hub) {
    self.hub = hub
  }

  func deliver(session: UInt64, document: UInt64, inReplyTo: UInt64?, text: String) throws {
    hub.session(session)?.deliver(text, to: document, inReplyTo: inReplyTo)
  }

  func settle(session: UInt64, replyToken: UInt64) throws {
    hub.session(session)?.settle(replyToken)
  }
}

final class AuditFacade: MiniHostFFI.AuditSink {
  private let port: (any AuditSink)?
  private let hub: Hub

  init(_ port: (any AuditSink)?, _ hub: Hub) {
    self.port = port
    self.hub = hub
  }

  func record(event: MiniHostFFI.AuditEvent) throws {
    let entry = AuditEntry(event)
    hub.audit.tell(entry)
    try port?.record(entry)
  }
}

extension SignInRequest {
  fileprivate init(_ request: MiniHostFFI.SignInRequest) {
    miniProgram = request.miniProgram
    user = request.user.map(User.init)
    wish =
      switch request.wanted {
      case .again(let acrValues, let maxAge): .again(acrValues: acrValues, maxAge: maxAge)
      case .chooseAccount: .chooseAccount
      }
    timeAllowed = TimeInterval(milliseconds: request.timeAllowedMs)
  }
}

extension SignInWish {
  var native: MiniHostFFI.SignInWish {
    switch self {
    case .ordinary: .ordinary
    case .again(let acrValues, let maxAge): .again(acrValues: acrValues, maxAge: maxAge)
    case .chooseAccount: .chooseAccount
    }
  }
}

extension UserReturned {
  fileprivate var native: MiniHostFFI.UserReturned {
    switch self {
    case .done: .done
    case .cancelled: .cancelled
    case .failed: .failed
    }
  }
}

extension HostCall {
  fileprivate init(_ call: MiniHostFFI.HostCall) {
    correlation = call.correlation
    method = call.method
    miniProgram = call.miniProgram
    user = call.user.map(User.init)
    timeAllowed = TimeInterval(milliseconds: call.timeAllowedMs)
  }
}

extension NotSigned {
  fileprivate var native: MiniHostFFI.NotSigned {
    switch self {
    case .unavailable: .unavailable
    case .cancelled: .cancelled
    case .keyLost: .keyLost
    }
  }
}

extension HostMethodDeclaration {
  var native: MiniHostFFI.HostMethodDeclaration {
    MiniHostFFI.HostMethodDeclaration(
      name: name,
      params: params.map(\.native), result: result.map(\.native),
      scope: scope, prompts: prompts, only: only)
  }
}

extension HostMethodDeclaration.Member {
  fileprivate var native: MiniHostFFI.HostMethodMember {
    MiniHostFFI.HostMethodMember(name: name, form: form.native, required: required)
  }
}

extension HostMethodDeclaration.Form {
  fileprivate var native: MiniHostFFI.MemberForm {
    switch self {
    case .text: .text
    case .shortText(let characters): .shortText(characters: characters)
    case .texts: .texts
    case .whole: .whole
    case .flag: .flag
    case .time: .time
    case .anything: .anything
    }
  }
}

final class UserFacade: MiniHostFFI.UserObserver {
  private let hub: Hub

  init(_ hub: Hub) {
    self.hub = hub
  }

  func userChanged(user: MiniHostFFI.User?) throws {
    hub.events.tell(.userChanged(user.map(User.init)))
  }
}
