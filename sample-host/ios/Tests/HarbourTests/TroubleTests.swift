import Foundation
import Harbour
import MiniHost
import Testing

/// What testers make happen: to the network, the secret store and the authorization server, and by hostile pages.
@MainActor
@Suite(.serialized) struct TroubleTests {
  private func started(_ words: [String], on device: Device = Device()) async throws -> HarbourModel {
    let line = try await SampleServers.line()
    let model = HarbourModel(
      steering: Steering(arguments: ["-servers", line] + words), kept: device.kept, data: try device.data)
    await model.start()
    return model
  }

  @Test(
    "In a bad network nobody can sign in, and is told so",
    arguments: ["offline", "html", "status:503", "retry-after:7", "cut-after:10"])
  func badNetwork(_ weather: String) async throws {
    let model = try await started(["-network", weather, "-user", "alice"])
    #expect(model.screen == .signIn && model.user == nil)
    let isBusy = ["status:503", "retry-after:7"].contains(weather)
    #expect(model.notice == (isBusy ? .tryLater : .unavailable))
    await model.stop()
  }

  @Test("By the app's own HTTP everything works as ever", arguments: ["ok", "slow:20"])
  func goodNetwork(_ weather: String) async throws {
    let model = try await started([
      "-network", weather, "-user", "alice", "-open", "teahouse", "-answer", "allow",
    ])
    #expect(model.user?.displayName == "alice" && model.notice == nil)
    #expect(model.session != nil)
    await model.stop()
  }

  @Test("A store that is locked, broken or empty signs nobody in by itself")
  func store() async throws {
    let device = Device()
    await (try started(["-user", "alice"], on: device)).stop()
    let kept = device.secrets.kept
    for (trouble, notice) in [
      ("locked", HarbourModel.Notice.noStore), ("failing", .noStore), ("lost", nil), ("ok", nil),
    ] {
      let model = try await started(["-store", trouble], on: device)
      #expect(model.notice == notice, "\(trouble)")
      #expect((model.user != nil) == (trouble == "ok"), "\(trouble)")
      await model.stop()
      if trouble != "lost" { #expect(device.secrets.kept.keys == kept.keys, "\(trouble)") }
    }
  }

  @Test("A sign-out that leaves tokens behind says so")
  func signedOutInPart() async throws {
    let device = Device()
    let model = try await started(["-user", "alice"], on: device)
    device.secrets.keepsAll = true
    await model.signOut()
    #expect(model.user == nil && model.screen == .signIn && model.notice == .signedOutInPart)
    await model.stop()
  }

  @Test("The server's clock goes ahead, its keys change, and what it gave expires")
  func server() async throws {
    for words in [["-clock", "+1"], ["-rotate-keys"], ["-expire", "access"], ["-expire", "code"]] {
      let model = try await started(words + ["-user", "alice"])
      #expect(model.notice == nil && model.user?.displayName == "alice", "\(words)")
      await model.stop()
    }
  }

  @Test("A sample host that takes no words is told from one that does")
  func noDoor() async throws {
    let line = try await SampleServers.line()
    var servers = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    for door in [nil, ["url": "http://127.0.0.1:9/", "token": "x"]] {
      servers["steering"] = door
      let other = try JSONSerialization.data(withJSONObject: servers)
      let words = ["-servers", String(decoding: other, as: UTF8.self), "-clock", "+60"]
      let device = Device()
      let model = HarbourModel(
        steering: Steering(arguments: words), kept: device.kept, data: try device.data)
      await model.start()
      #expect(model.notice == .notSteered(["clock=+60"]))
      await model.stop()
    }
  }

  @Test(
    "Each attack is refused for its own reason, and the program that is open is none the worse",
    arguments: Attack.allCases)
  func attacks(_ attack: Attack) async throws {
    let model = try await started([
      "-user", "alice", "-open", "teahouse", "-answer", "allow", "-attack", attack.rawValue,
    ])
    #expect(model.notice == .attacked(attack, reason: attack.reason))
    #expect(model.session != nil && model.grants.isEmpty)
    await model.stop()
  }
}
