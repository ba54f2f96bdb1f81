import Harbour
import MiniHostWebKit
import SwiftUI

@main
struct HarbourApp: App {
  @StateObject private var model = HarbourModel(
    steering: Steering(arguments: Array(ProcessInfo.processInfo.arguments.dropFirst())),
    locale: Locale.preferredLanguages.first.map { $0.hasPrefix("zh") ? "zh-Hans" : "en" } ?? "en")

  var body: some Scene {
    WindowGroup {
      RootScreen(model: model)
        .consentSheets(of: model.consent)
        .environment(\.locale, Locale(identifier: model.locale))
        .preferredColorScheme(colorScheme)
        .task { await model.start() }
    }
  }

  private var colorScheme: ColorScheme? {
    switch model.steering.appearance {
    case .light: .light
    case .dark: .dark
    case .system, nil: nil
    }
  }
}

struct RootScreen: View {
  @ObservedObject var model: HarbourModel

  var body: some View {
    VStack(spacing: 0) {
      if let notice = model.notice {
        NoticeBar(text: Words(model.locale).notice(notice)) { model.notice = nil }
      }
      switch model.screen {
      case .noServers: NoServersScreen(words: Words(model.locale))
      case .signIn: SignInScreen(model: model)
      case .programs: ProgramsScreen(model: model)
      }
    }
    .sheet(isPresented: showsGrants) { GrantsScreen(model: model) }
  }

  private var showsGrants: Binding<Bool> {
    Binding(get: { @MainActor in model.showsGrants }, set: { @MainActor in model.setShowsGrants($0) })
  }
}

struct NoticeBar: View {
  let text: String
  let close: @MainActor () -> Void

  var body: some View {
    HStack {
      Text(text).font(.callout)
      Spacer()
      Button(action: close) { Image(systemName: "xmark") }
    }
    .padding(12)
    .background(Color.orange.opacity(0.18))
    .accessibilityIdentifier("notice")
  }
}
