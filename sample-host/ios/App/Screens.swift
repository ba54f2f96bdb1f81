import Harbour
import MiniHost
import MiniHostWebKit
import SwiftUI
import UIKit
import WebKit

struct NoServersScreen: View {
  let words: Words

  var body: some View {
    Text(words.noServers).multilineTextAlignment(.center).padding().frame(maxHeight: .infinity)
  }
}

struct SignInScreen: View {
  @ObservedObject var model: HarbourModel
  @State private var username = ""
  @State private var password = ""

  var body: some View {
    let words = Words(model.locale)
    Form {
      Section {
        TextField(words.username, text: $username)
          .textContentType(.username).textInputAutocapitalization(.never).autocorrectionDisabled()
          .accessibilityIdentifier("username")
        SecureField(words.password, text: $password).textContentType(.password)
          .accessibilityIdentifier("password")
      }
      Button(words.signIn) {
        let (name, secret) = (username, password)
        password = ""
        Task { await model.signIn(username: name, password: secret) }
      }
      .disabled(model.isBusy || username.isEmpty || password.isEmpty)
      .accessibilityIdentifier("sign-in")
    }
  }
}

struct ProgramsScreen: View {
  @ObservedObject var model: HarbourModel

  var body: some View {
    let words = Words(model.locale)
    NavigationView {
      List {
        Section(words.programs) {
          ForEach(model.servers?.miniPrograms ?? []) { program in
            Button(words.program(program.id)) { Task { await model.open(program.id) } }
              .accessibilityIdentifier("open-\(program.id)")
          }
        }
        Section {
          Button(words.grants) { model.setShowsGrants(true) }.accessibilityIdentifier("grants")
          Button(words.signOut, role: .destructive) { Task { await model.signOut() } }
            .accessibilityIdentifier("sign-out")
        }
      }
      .navigationTitle(model.user?.displayName ?? "Harbour")
    }
    .navigationViewStyle(.stack)
    .fullScreenCover(isPresented: isOpen) {
      if let session = model.session { ProgramScreen(model: model, session: session) }
    }
  }

  private var isOpen: Binding<Bool> {
    Binding(get: { @MainActor in model.session != nil }, set: { @MainActor in if !$0 { model.close() } })
  }
}

/// A program in its container, below a bar that is the host's own.
struct ProgramScreen: View {
  @ObservedObject var model: HarbourModel
  let session: MiniProgramSession

  var body: some View {
    let words = Words(model.locale)
    VStack(spacing: 0) {
      HStack {
        Text(session.program.name).font(.headline)
        Spacer()
        Button {
          model.close()
        } label: {
          Image(systemName: "xmark")
        }
        .accessibilityLabel(words.close).accessibilityIdentifier("close")
      }
      .padding()
      NoticeBar(model: model)
      if session.program.unsigned {
        Text(words.unsigned).font(.footnote).padding(8).frame(maxWidth: .infinity)
          .background(Color.orange.opacity(0.18))
      }
      ContainerView(model: model, session: session, isVisible: model.seesProgram)
        .grantsSheet(of: model, isOnTop: true)
    }
    .consentSheets(of: model.consent)
  }
}

struct ContainerView: UIViewRepresentable {
  let model: HarbourModel
  let session: MiniProgramSession
  let isVisible: Bool

  func makeCoordinator() -> MiniProgramContainer {
    model.container(for: session)
  }

  func makeUIView(context: Context) -> WKWebView {
    let container = context.coordinator
    container.openOutside = { UIApplication.shared.open($0) }
    return container.webView
  }

  func updateUIView(_ view: WKWebView, context: Context) {
    context.coordinator.setVisible(isVisible)
  }

  static func dismantleUIView(_ view: WKWebView, coordinator: MiniProgramContainer) {
    coordinator.close()
  }
}

/// What the user allowed, and the way to take it back.
struct GrantsScreen: View {
  @ObservedObject var model: HarbourModel

  var body: some View {
    let words = Words(model.locale)
    VStack(spacing: 0) {
      NoticeBar(model: model)
      list(words)
    }
  }

  private func list(_ words: Words) -> some View {
    NavigationView {
      List {
        if model.grants.isEmpty { Text(words.noGrants).foregroundColor(.secondary) }
        ForEach(model.grants, id: \.self) { grant in
          HStack {
            VStack(alignment: .leading) {
              Text(words.what(grant))
              Text(words.until(grant.expiresAt)).font(.footnote).foregroundColor(.secondary)
            }
            Spacer()
            Button(words.takeBack) { Task { await model.revoke(grant.miniProgram, scopes: [grant.scope]) } }
              .buttonStyle(.borderless)
              .accessibilityLabel(words.takeBack(grant))
              .accessibilityIdentifier("revoke-\(grant.miniProgram)-\(grant.scope)")
          }
        }
      }
      .navigationTitle(words.grants)
      .toolbar {
        ToolbarItem(placement: .cancellationAction) {
          Button(words.close) { model.setShowsGrants(false) }.accessibilityIdentifier("close-grants")
        }
      }
    }
    .navigationViewStyle(.stack)
  }
}
