import Harbour
import MiniHostWebKit
import SwiftUI

@main
struct HarbourApp: App {
  @StateObject private var model = HarbourModel(
    steering: Steering(arguments: Self.words),
    locale: Locale.preferredLanguages.first.map { $0.hasPrefix("zh") ? "zh-Hans" : "en" } ?? "en")

  /// Launch arguments steer builds for development, and no others.
  private static var words: [String] {
    #if DEBUG
      Array(ProcessInfo.processInfo.arguments.dropFirst())
    #else
      []
    #endif
  }

  var body: some Scene {
    WindowGroup {
      RootScreen(model: model)
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
      NoticeBar(model: model)
      switch model.screen {
      case .noServers: NoServersScreen(words: Words(model.locale))
      case .signIn: SignInScreen(model: model)
      case .programs: ProgramsScreen(model: model)
      }
    }
    .grantsSheet(of: model, isOnTop: model.session == nil)
  }
}

extension View {
  /// Shows the grants over this view, where it is the one on top: a view that is covered can show nothing.
  func grantsSheet(of model: HarbourModel, isOnTop: Bool) -> some View {
    let shows = Binding(
      get: { @MainActor in isOnTop && model.showsGrants },
      set: { @MainActor in if isOnTop { model.setShowsGrants($0) } })
    return sheet(isPresented: shows) { GrantsScreen(model: model) }
  }
}

/// What is to be said, until it is closed.
struct NoticeBar: View {
  @ObservedObject var model: HarbourModel

  var body: some View {
    if let notice = model.notice {
      let words = Words(model.locale)
      HStack {
        Text(words.notice(notice)).font(.callout)
        Spacer()
        Button {
          model.notice = nil
        } label: {
          Image(systemName: "xmark")
        }
        .accessibilityLabel(words.close)
      }
      .padding(12)
      .background(Color.orange.opacity(0.18))
      .accessibilityElement(children: .contain)
      .accessibilityIdentifier("notice")
    }
  }
}
