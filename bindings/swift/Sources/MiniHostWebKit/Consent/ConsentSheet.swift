#if canImport(SwiftUI)
  import MiniHost
  import SwiftUI

  /// The consent sheet. It shows only what the host has verified; the program's own reasons stand in
  /// quotation marks. Its text grows with the user's, VoiceOver reads it from the top, and its colours are
  /// the system's, so that it is dark where the user wants it.
  public struct ConsentSheet: View {
    @ObservedObject private var model: ConsentSheetModel
    @Environment(\.dynamicTypeSize) private var typeSize

    public init(model: ConsentSheetModel) {
      self.model = model
    }

    public var body: some View {
      VStack(spacing: 0) {
        ScrollView {
          VStack(alignment: .leading, spacing: 20) {
            heading
            ForEach(model.warnings, id: \.self) { warning in
              Label(warning, systemImage: "exclamationmark.triangle.fill")
                .font(.callout)
                .padding(12)
                .frame(maxWidth: .infinity, alignment: .leading)
                .background(Color.orange.opacity(0.18), in: RoundedRectangle(cornerRadius: 10))
            }
            account
            scopes
            if model.offersDurations { durations }
          }
          .padding(20)
          // Text of this size would leave no room for what is asked, were it held in place.
          if isLargeText { actions }
        }
        if !isLargeText { actions.background(.bar) }
      }
      .environment(\.locale, Locale(identifier: model.view.locale))
      .accessibilityElement(children: .contain)
      .accessibilityIdentifier("consent-sheet")
      .background(
        WholeAppearance(phaseChanged: { model.phaseChanged(to: $0) }, appeared: { model.appeared() })
      )
      .onDisappear { model.dismiss() }
    }

    private var heading: some View {
      HStack(alignment: .top) {
        VStack(alignment: .leading, spacing: 4) {
          Text(model.words.title(model.view.miniProgram.name))
            .font(.title2.bold())
            .accessibilityAddTraits(.isHeader)
          Text(model.words.publisher(model.view.miniProgram.publisher))
            .font(.subheadline)
            .foregroundColor(.secondary)
        }
        Spacer()
        Button {
          model.dismiss()
        } label: {
          Image(systemName: "xmark.circle.fill").font(.title2).foregroundColor(.secondary)
        }
        .accessibilityLabel(model.words.close)
        .accessibilityIdentifier("consent-close")
      }
    }

    private var account: some View {
      VStack(alignment: .leading, spacing: 2) {
        Text(model.view.account).font(.headline)
        Text(model.words.account).font(.subheadline).foregroundColor(.secondary)
      }
      .accessibilityElement(children: .combine)
    }

    private var scopes: some View {
      VStack(alignment: .leading, spacing: 12) {
        Text(model.words.scopes).font(.headline).accessibilityAddTraits(.isHeader)
        if let audience = model.audience {
          Text(audience).font(.subheadline).foregroundColor(.secondary)
        }
        ForEach(model.view.scopes) { scope in
          Toggle(isOn: ticked(scope.name)) {
            VStack(alignment: .leading, spacing: 2) {
              Text(scope.title)
              if !scope.reason.isEmpty {
                Text(model.words.reason(scope.reason)).font(.footnote).foregroundColor(.secondary)
              }
            }
          }
          .accessibilityIdentifier("consent-scope-\(scope.name)")
        }
      }
    }

    private var durations: some View {
      VStack(alignment: .leading, spacing: 8) {
        Text(model.words.howLong).font(.headline).accessibilityAddTraits(.isHeader)
        Picker(model.words.howLong, selection: duration) {
          ForEach(model.view.remember, id: \.self) { Text(model.words.duration($0)).tag($0) }
        }
        .pickerStyle(.inline)
        .labelsHidden()
        .accessibilityIdentifier("consent-remember")
      }
    }

    private var actions: some View {
      VStack(spacing: 12) {
        Text(model.hint).font(.footnote).foregroundColor(.secondary).multilineTextAlignment(.center)
        if isLargeText {
          VStack(spacing: 12) { buttons }.controlSize(.large)
        } else {
          HStack(spacing: 12) { buttons }.controlSize(.large)
        }
      }
      .padding(20)
    }

    @ViewBuilder private var buttons: some View {
      Button(role: .cancel) {
        model.deny()
      } label: {
        Text(model.words.deny).frame(maxWidth: .infinity)
      }
      .buttonStyle(.bordered)
      .accessibilityIdentifier("consent-deny")
      Button {
        model.allow()
      } label: {
        Text(model.words.allow).frame(maxWidth: .infinity)
      }
      .buttonStyle(.borderedProminent)
      .disabled(!model.isArmed)
      .accessibilityIdentifier("consent-allow")
    }

    private var isLargeText: Bool { typeSize.isAccessibilitySize }

    private func ticked(_ scope: String) -> Binding<Bool> {
      Binding(
        get: { @MainActor in model.chosen.contains(scope) },
        set: { @MainActor in model.set(scope, chosen: $0) })
    }

    private var duration: Binding<Remember> {
      Binding(get: { @MainActor in model.remember }, set: { @MainActor in model.set($0) })
    }
  }

  extension View {
    /// Shows the presenter's prompts over this view, which must be the one on top: a screen that covers it needs the
    /// modifier in its place. Swiping a sheet down closes it without an answer.
    public func consentSheets(of presenter: ConsentPresenter) -> some View {
      modifier(ConsentSheets(presenter: presenter))
    }
  }

  private struct ConsentSheets: ViewModifier {
    @ObservedObject var presenter: ConsentPresenter

    func body(content: Content) -> some View {
      content.sheet(item: sheet(presenter.current)) { ConsentSheet(model: $0) }
    }

    // A sheet whose end is told late must not take another with it that has come in its place.
    private func sheet(_ shown: ConsentSheetModel?) -> Binding<ConsentSheetModel?> {
      Binding(
        get: { @MainActor in presenter.current },
        set: { @MainActor in if $0 == nil { shown?.dismiss() } })
    }
  }
#endif
