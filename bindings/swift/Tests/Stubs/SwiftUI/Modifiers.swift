import UIKit

/// What a modifier makes of a view.
public struct Modified<Content: View>: Leaf {}

extension View {
  public func font(_ font: Font?) -> some View { Modified<Self>() }
  public func foregroundColor(_ color: Color?) -> some View { Modified<Self>() }
  public func padding(_ length: Double) -> some View { Modified<Self>() }
  public func padding() -> some View { Modified<Self>() }
  public func frame(maxWidth: Double? = nil, maxHeight: Double? = nil, alignment: Alignment = .center)
    -> some View
  { Modified<Self>() }
  public func background(_ style: Color, in shape: RoundedRectangle) -> some View { Modified<Self>() }
  public func background(_ style: Material) -> some View { Modified<Self>() }
  public func background<Background: View>(_ background: Background) -> some View { Modified<Self>() }
  public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { Modified<Self>() }
  public func disabled(_ disabled: Bool) -> some View { Modified<Self>() }
  public func controlSize(_ controlSize: ControlSize) -> some View { Modified<Self>() }
  public func labelsHidden() -> some View { Modified<Self>() }
  public func tag<V: Hashable>(_ tag: V) -> some View { Modified<Self>() }
  public func pickerStyle(_ style: PickerStyleOf) -> some View { Modified<Self>() }
  public func buttonStyle(_ style: ButtonStyleOf) -> some View { Modified<Self>() }
  public func environment<V>(_ keyPath: WritableKeyPath<EnvironmentValues, V>, _ value: V) -> some View {
    Modified<Self>()
  }
  public func modifier<T: ViewModifier>(_ modifier: T) -> some View { Modified<Self>() }
}

extension View {
  public func accessibilityIdentifier(_ identifier: String) -> some View { Modified<Self>() }
  public func accessibilityLabel<S: StringProtocol>(_ label: S) -> some View { Modified<Self>() }
  public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { Modified<Self>() }
  public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { Modified<Self>() }
}

extension View {
  @preconcurrency
  public func onAppear(perform action: (@MainActor () -> Void)? = nil) -> some View { Modified<Self>() }
  @preconcurrency
  public func onDisappear(perform action: (@MainActor () -> Void)? = nil) -> some View { Modified<Self>() }
  public func task(_ action: @escaping @Sendable @MainActor () async -> Void) -> some View {
    Modified<Self>()
  }
  public func sheet<Item: Identifiable, Content: View>(
    item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> Content
  ) -> some View { Modified<Self>() }
  public func sheet<Content: View>(
    isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> Content
  ) -> some View { Modified<Self>() }
  public func fullScreenCover<Content: View>(
    isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> Content
  ) -> some View { Modified<Self>() }
}

extension View {
  public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View {
    Modified<Self>()
  }
  public func navigationTitle<S: StringProtocol>(_ title: S) -> some View { Modified<Self>() }
  public func navigationViewStyle(_ style: NavigationViewStyleOf) -> some View { Modified<Self>() }
  public func preferredColorScheme(_ colorScheme: ColorScheme?) -> some View { Modified<Self>() }
  public func textContentType(_ textContentType: UITextContentType?) -> some View { Modified<Self>() }
  public func textInputAutocapitalization(_ autocapitalization: TextInputAutocapitalization?) -> some View {
    Modified<Self>()
  }
  public func autocorrectionDisabled(_ disable: Bool = true) -> some View { Modified<Self>() }
}

public struct TextInputAutocapitalization: Sendable {
  public static let never = TextInputAutocapitalization()
}
