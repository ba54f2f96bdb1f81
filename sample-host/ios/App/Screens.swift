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
            Button(program.id) { Task { await model.open(program.id) } }
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
      ContainerView(model: model, session: session)
        .grantsSheet(of: model, isOnTop: true)
    }
    .consentSheets(of: model.consent)
  }
}

struct ContainerView: UIViewRepresentable {
  let model: HarbourModel
  let session: MiniProgramSession

  func makeCoordinator() -> MiniProgramContainer {
    MiniProgramContainer(session: session)
  }

  func makeUIView(context: Context) -> WKWebView {
    let (container, steering) = (context.coordinator, model.steering)
    container.openOutside = { UIApplication.shared.open($0) }
    container.failed = { [weak model, id = session.program.id] _ in model?.notice = .pageFailed(id) }
    var reloads = steering.reload
    container.began = { [weak container] in
      guard reloads else { return }
      reloads = false
      container?.webView.reload()
    }
    if steering.background { container.setVisible(false) }
    if let url = steering.navigate.flatMap(URL.init(string:)) {
      container.webView.load(URLRequest(url: url))
    } else {
      container.load()
    }
    return container.webView
  }

  func updateUIView(_ view: WKWebView, context: Context) {}

  static func dismantleUIView(_ view: WKWebView, coordinator: MiniProgramContainer) {
    coordinator.close()
  }
}

/// What the user allowed, and the way to take it back.
struct GrantsScreen: View {
  @ObservedObject var model: HarbourModel

  var body: some View {
    let words = Words(model.locale)
    NavigationView {
      List {
        if model.grants.isEmpty { Text(words.noGrants).foregroundColor(.secondary) }
        ForEach(model.grants, id: \.self) { grant in
          HStack {
            VStack(alignment: .leading) {
              Text("\(grant.miniProgram): \(grant.scope)")
              Text(words.until(grant.expiresAt)).font(.footnote).foregroundColor(.secondary)
            }
            Spacer()
            Button(words.takeBack) { Task { await model.revoke(grant.miniProgram, scopes: [grant.scope]) } }
              .buttonStyle(.borderless)
              .accessibilityLabel("\(words.takeBack): \(grant.miniProgram), \(grant.scope)")
              .accessibilityIdentifier("revoke-\(grant.miniProgram)-\(grant.scope)")
          }
        }
      }
      .navigationTitle(words.grants)
    }
    .navigationViewStyle(.stack)
  }
}
