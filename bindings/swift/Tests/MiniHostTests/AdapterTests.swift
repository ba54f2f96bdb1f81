import Foundation
import TestHost
import Testing

@testable import MiniHost

/// FinClip's way: an object and a callback.
private final class CallbackStub: CallbackHook, @unchecked Sendable {
  typealias Handler =
    @Sendable (String, [String: Any]?, @escaping @Sendable (Int, [String: Any]) -> Void) -> Void
  private var handlers: [String: Handler] = [:]

  func registerExtensionAPI(_ name: String, handler: @escaping Handler) {
    handlers[name] = handler
  }

  func call(_ appletID: String, _ text: String?) async -> (code: Int, message: String?) {
    await withCheckedContinuation { continuation in
      handlers["minihost"]?(appletID, text.map { ["message": $0] }) { code, object in
        continuation.resume(returning: (code, object["message"] as? String))
      }
    }
  }
}

/// Dimina's way: a module that answers events.
private final class ModuleStub: ModuleHook, @unchecked Sendable {
  typealias Handler = @Sendable (String, [String: Any], ModuleCallback) -> (@Sendable () -> Void)?
  private var handlers: [String: Handler] = [:]

  func registerModule(_ name: String, handler: @escaping Handler) {
    handlers[name] = handler
  }

  func call(_ event: String, _ data: [String: Any], _ heard: Heard<String>) -> (@Sendable () -> Void)? {
    handlers["minihost"]?(
      event, data,
      ModuleCallback(
        onSuccess: { heard.add("ok \($0["message"] as? String ?? "")") },
        onFail: { heard.add("\($0["errMsg"] as? String ?? "") \($0["message"] as? String ?? "")") }))
  }
}

@Suite struct AdapterTests {
  private static let initialize =
    #"{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"#

  private static func requestCode(_ id: Int) -> String {
    Json.object([
      "jsonrpc": "2.0", "id": .number(Double(id)), "method": "auth.requestCode",
      "params": [
        "scopes": ["openid"], "codeChallenge": .text(Pkce.challenge), "codeChallengeMethod": "S256",
      ],
    ]).encoded
  }

  @Test("A hook with an object and a callback carries a code, and tells cancelled from failed")
  func callback() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let answer = Shared(Choice.dismiss)
    try await sample.withPhone(screen: Screen { _ in answer.value }) { phone in
      let hook = CallbackStub()
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      let adapter = CallbackAdapter(on: hook)
      #expect(await hook.call("teahouse", Self.initialize).code == 1, "no session of it")
      let carried = try adapter.carry(session, isVisible: { true })
      #expect(await hook.call("teahouse", Self.initialize).code == 0)
      #expect(await hook.call("cinema", Self.requestCode(2)).code == 1, "another applet")
      #expect(await hook.call("teahouse", nil).code == 1)
      let cancelled = await hook.call("teahouse", Self.requestCode(3))
      #expect(cancelled.code == -1)
      #expect(try Json(cancelled.message ?? "").reason == "user_cancelled")
      answer.value = .allow(scopes: ["openid"], remember: .once)
      let allowed = await hook.call("teahouse", Self.requestCode(4))
      #expect(allowed.code == 0)
      #expect(try Json(allowed.message ?? "")["result"]["code"].string != nil)
      #expect(await hook.call("teahouse", "{").code == 1)
      await phone.host.shutdown()
      #expect(await hook.call("teahouse", Self.requestCode(5)).code == 1)
      withExtendedLifetime(carried) {}
    }
  }

  @Test("Two programs call over one hook, each as itself, until their sessions are let go of")
  func programs() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let hook = CallbackStub()
      let adapter = CallbackAdapter(on: hook)
      func open(_ id: String) async throws -> CarriedSession {
        let session = try await phone.host.open(.unsignedForDevelopment(program.manifest(id: id)))
        return try adapter.carry(session, isVisible: { true })
      }
      let tea = try await open("teahouse")
      do {
        let ferry = try await open("ferry")
        for id in ["teahouse", "ferry"] {
          let reply = try Json(await hook.call(id, Self.initialize).message ?? "")
          #expect(reply["result"]["miniProgram"]["id"].string == id)
        }
        withExtendedLifetime(ferry) {}
      }
      #expect(await hook.call("ferry", Self.initialize).code == 1)
      withExtendedLifetime(tea) {}
    }
  }

  @Test("A program calls by the name that the vendor has for it")
  func vendorsName() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let hook = CallbackStub()
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      let carried = try CallbackAdapter(on: hook).carry(session, appletID: "5f72e3", isVisible: { true })
      #expect(await hook.call("teahouse", Self.initialize).code == 1)
      let reply = try Json(await hook.call("5f72e3", Self.initialize).message ?? "")
      #expect(reply["result"]["miniProgram"]["id"] == "teahouse")
      withExtendedLifetime(carried) {}
    }
  }

  @Test("A module answers messages, and tells events until it is told to stop")
  func module() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    let answer = Shared(Choice.dismiss)
    try await sample.withPhone(screen: Screen { _ in answer.value }) { phone in
      let hook = ModuleStub()
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      let adapter = try ModuleAdapter(session, on: hook, isVisible: { true })
      let (heard, events) = (Heard<String>("an answer"), Heard<String>("an event"))
      _ = hook.call("send", ["message": Self.initialize], heard)
      #expect(try await heard.next().hasPrefix("ok "))
      let stop = try #require(hook.call("subscribe", [:], events))
      _ = hook.call("send", ["message": Self.requestCode(2)], heard)
      #expect(try await heard.next().hasPrefix("send:fail cancel "))
      answer.value = .allow(scopes: ["openid"], remember: .untilRevoked)
      _ = hook.call("send", ["message": Self.requestCode(3)], heard)
      #expect(try await heard.next().contains("\"code\""))
      #expect(try await events.next().contains("auth."))
      stop()
      _ = hook.call("send", [:], heard)
      #expect(try await heard.next().hasPrefix("send:fail no message"))
      _ = hook.call("format", [:], heard)
      #expect(try await heard.next().hasPrefix("format:fail no such event"))
      withExtendedLifetime(adapter) {}
    }
  }

  @Test("A module brings replies and events in the order in which the host tells them")
  func order() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let hook = ModuleStub()
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      let adapter = try ModuleAdapter(session, on: hook, isVisible: { true })
      let heard = Heard<String>("what comes")
      _ = hook.call("send", ["message": Self.initialize], heard)
      _ = try await heard.next()
      let stop = try #require(hook.call("subscribe", [:], heard))
      for round in 1...50 {
        session.deliver("event \(round)", to: 1, inReplyTo: nil)
        let text = #"{"jsonrpc":"2.0","id":\#(round),"method":"host.nothing"}"#
        _ = hook.call("send", ["message": text], heard)
      }
      for round in 1...50 {
        #expect(try await heard.next() == "ok event \(round)")
        #expect(try await heard.next().contains(#""id":\#(round)"#))
      }
      stop()
      withExtendedLifetime(adapter) {}
    }
  }

  @Test("What the user does not see cannot ask them")
  func hidden() async throws {
    let sample = try await SampleHost.shared()
    let program = try Program(sample)
    try await sample.withPhone { phone in
      let hook = CallbackStub()
      let session = try await phone.host.open(.unsignedForDevelopment(program.manifest()))
      let carried = try CallbackAdapter(on: hook).carry(session, isVisible: { false })
      _ = await hook.call("teahouse", Self.initialize)
      let refused = await hook.call("teahouse", Self.requestCode(2))
      #expect(try Json(refused.message ?? "").reason == "interaction_required")
      withExtendedLifetime(carried) {}
    }
  }
}
