public struct Text: Leaf {
  public nonisolated init<S: StringProtocol>(_ content: S) {}

  public func font(_ font: Font?) -> Text { self }
  public func foregroundColor(_ color: Color?) -> Text { self }
}

public struct Image: Leaf {
  public nonisolated init(systemName: String) {}
}

public struct Spacer: Leaf {
  public nonisolated init() {}
}

public struct Label<Title: View, Icon: View>: Leaf {
  public init<S: StringProtocol>(_ title: S, systemImage name: String) where Title == Text, Icon == Image {}
}

public struct VStack<Content: View>: Leaf {
  public init(
    alignment: HorizontalAlignment = .center, spacing: Double? = nil, @ViewBuilder content: () -> Content
  ) {}
}

public struct HStack<Content: View>: Leaf {
  public init(
    alignment: VerticalAlignment = .center, spacing: Double? = nil, @ViewBuilder content: () -> Content
  ) {}
}

public struct ScrollView<Content: View>: Leaf {
  public init(@ViewBuilder content: () -> Content) {}
}

public struct ForEach<Data: RandomAccessCollection, Content: View>: Leaf {
  public init<ID: Hashable>(
    _ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content
  ) {}

  public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content)
  where Data.Element: Identifiable {}
}

public struct ButtonRole: Sendable {
  public static let cancel = ButtonRole()
  public static let destructive = ButtonRole()
}

public struct Button<Label: View>: Leaf {
  @preconcurrency
  public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}

  @preconcurrency
  public init(role: ButtonRole?, action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}

  @preconcurrency
  public init<S: StringProtocol>(_ title: S, action: @escaping @MainActor () -> Void) where Label == Text {}

  @preconcurrency
  public init<S: StringProtocol>(_ title: S, role: ButtonRole?, action: @escaping @MainActor () -> Void)
  where Label == Text {}
}

public struct Toggle<Label: View>: Leaf {
  public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Label) {}
}

public struct Picker<Label: View, SelectionValue: Hashable, Content: View>: Leaf {
  public init<S: StringProtocol>(
    _ title: S, selection: Binding<SelectionValue>, @ViewBuilder content: () -> Content
  ) where Label == Text {}
}

public struct TextField<Label: View>: Leaf {
  public init<S: StringProtocol>(_ title: S, text: Binding<String>) where Label == Text {}
}

public struct SecureField<Label: View>: Leaf {
  public init<S: StringProtocol>(_ title: S, text: Binding<String>) where Label == Text {}
}

public struct Form<Content: View>: Leaf {
  public init(@ViewBuilder content: () -> Content) {}
}

public struct Section<Parent: View, Content: View, Footer: View>: Leaf {
  public init(@ViewBuilder content: () -> Content) where Parent == EmptyView, Footer == EmptyView {}

  public init<S: StringProtocol>(_ title: S, @ViewBuilder content: () -> Content)
  where Parent == Text, Footer == EmptyView {}
}

public struct List<SelectionValue, Content: View>: Leaf {
  public init(@ViewBuilder content: () -> Content) where SelectionValue == Never {}
}

public struct NavigationView<Content: View>: Leaf {
  public init(@ViewBuilder content: () -> Content) {}
}

public struct Color: Leaf, Sendable {
  public static let clear = Color()
  public static let orange = Color()
  public static let secondary = Color()

  public func opacity(_ opacity: Double) -> Color { self }
}

public struct RoundedRectangle: Sendable {
  public init(cornerRadius: Double) {}
}

public enum HorizontalAlignment: Sendable {
  case leading, center, trailing
}

public enum VerticalAlignment: Sendable {
  case top, center, bottom
}

public enum Alignment: Sendable {
  case leading, center, trailing
}

public struct Font: Sendable {
  public static let title2 = Font()
  public static let headline = Font()
  public static let subheadline = Font()
  public static let callout = Font()
  public static let footnote = Font()

  public func bold() -> Font { self }
}

public struct Material: Sendable {
  public static let bar = Material()
}

public enum TextAlignment: Sendable {
  case leading, center, trailing
}

public enum ControlSize: Sendable {
  case small, regular, large
}

public struct AccessibilityTraits: Sendable {
  public static let isHeader = AccessibilityTraits()
}

public struct AccessibilityChildBehavior: Sendable {
  public static let combine = AccessibilityChildBehavior()
  public static let contain = AccessibilityChildBehavior()
}

public struct PickerStyleOf: Sendable {
  public static let inline = PickerStyleOf()
}

public struct ButtonStyleOf: Sendable {
  public static let bordered = ButtonStyleOf()
  public static let borderedProminent = ButtonStyleOf()
  public static let borderless = ButtonStyleOf()
}

public struct NavigationViewStyleOf: Sendable {
  public static let stack = NavigationViewStyleOf()
}

@MainActor @preconcurrency
public protocol ToolbarContent {}

@resultBuilder
public enum ToolbarContentBuilder {
  public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content { content }
}

public struct ToolbarItem<ID, Content: View>: ToolbarContent {
  public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) where ID == () {}
}

public struct ToolbarItemPlacement: Sendable {
  public static let cancellationAction = ToolbarItemPlacement()
}
