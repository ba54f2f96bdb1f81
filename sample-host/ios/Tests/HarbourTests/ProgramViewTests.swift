#if os(Linux)
  import Foundation
  import Harbour
  import MiniHostWebKit
  import Testing
  import WebKit

  /// The program that is open, in its container: what of it is the app's own.
  @MainActor
  @Suite(.serialized) struct ProgramViewTests {
    private func withProgram(
      _ words: [String], _ test: @MainActor (HarbourModel, MiniProgramContainer) async throws -> Void
    ) async throws {
      let line = try await SampleServers.line()
      let open = ["-servers", line, "-user", "alice", "-open", "teahouse"]
      let device = Device()
      let model = HarbourModel(
        steering: Steering(arguments: open + words), kept: device.kept, data: try device.data)
      await model.start()
      try await test(model, model.container(for: try #require(model.session)))
      await model.stop()
    }

    private func commit(_ container: MiniProgramContainer) {
      container.webView.url = URL(string: container.session.program.startURL)
      container.webView(container.webView, didCommit: WKNavigation())
    }

    /// What the page's request for a code comes to.
    private func requestCode(_ container: MiniProgramContainer) async throws -> String {
      commit(container)
      container.touched()
      let initialize =
        #"{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"#
      let request = """
        {"jsonrpc":"2.0","id":2,"method":"auth.requestCode","params":{"scopes":["openid"],\
        "codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256"}}
        """
      _ = try await post(initialize, to: container)
      return try await post(request, to: container) ?? ""
    }

    private func post(_ text: String, to container: MiniProgramContainer) async throws -> String? {
      let controller = container.webView.configuration.userContentController
      let handler = try #require(controller.handlers["minihost"])
      let url = try #require(container.webView.url)
      let origin = WKSecurityOrigin(
        protocol: url.scheme ?? "", host: url.host ?? "", port: url.port ?? 0)
      let frame = WKFrameInfo(isMainFrame: true, securityOrigin: origin)
      let message = WKScriptMessage(body: text, frameInfo: frame, webView: container.webView)
      return await withCheckedContinuation { continuation in
        handler.userContentController(controller, didReceive: message) { reply, _ in
          continuation.resume(returning: reply as? String)
        }
      }
    }

    @Test("It begins at its start page, and is loaded anew once that is there, and once")
    func reload() async throws {
      try await withProgram(["-reload"]) { _, container in
        let view = container.webView
        #expect(view.loaded.map(\.absoluteString) == [container.session.program.startURL])
        #expect(view.reloads == 0)
        commit(container)
        commit(container)
        #expect(view.reloads == 1)
      }
      try await withProgram([]) { _, container in
        commit(container)
        #expect(container.webView.reloads == 0)
      }
    }

    @Test("It begins elsewhere where a tester wants that")
    func navigate() async throws {
      try await withProgram(["-navigate", "http://127.0.0.1:1/x"]) { _, container in
        #expect(container.webView.loaded.map(\.absoluteString) == ["http://127.0.0.1:1/x"])
      }
    }

    @Test("It asks nothing while the grants lie over it, or where a tester wants it off the screen")
    func unseen() async throws {
      try await withProgram(["-answer", "allow"]) { model, container in
        let reply = try await requestCode(container)
        #expect(reply.contains(#""code""#))
        try await model.show(for: "teahouse")
        #expect(!model.seesProgram)
        container.setVisible(model.seesProgram)
        model.setShowsGrants(false)
        #expect(model.seesProgram)
      }
      try await withProgram(["-answer", "allow", "-background"]) { _, container in
        let reply = try await requestCode(container)
        #expect(reply.contains("interaction_required"))
      }
    }

    @Test("A page that fails is said, and what programs keep is gone with their user")
    func ends() async throws {
      try await withProgram([]) { model, container in
        container.webViewWebContentProcessDidTerminate(container.webView)
        #expect(model.notice == .pageFailed("teahouse"))
        let before = model.data.stores.identifier(for: "teahouse")
        await model.signOut()
        #expect(model.data.stores.identifier(for: "teahouse") != before)
      }
    }
  }
#endif
