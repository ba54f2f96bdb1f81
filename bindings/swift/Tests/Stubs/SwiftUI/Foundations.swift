// What of Apple's SwiftUI the consent sheet and the sample host for iOS use, with Apple's signatures as its
// documentation gives them, and no screen behind them: what they declare compiles, and looks like nothing.

@_exported import Combine
@_exported import Foundation

@MainActor @preconcurrency
public protocol View {
  associatedtype Body: View
  @ViewBuilder var body: Body { get }
}

extension Never: View {
  public var body: Never { fatalError("nothing is drawn here") }
}

/// A view that draws itself.
public protocol Leaf: View where Body == Never {}

extension Leaf {
  public var body: Never { fatalError("nothing is drawn here") }
}

public struct EmptyView: Leaf {
  public nonisolated init() {}
}

public struct TupleView<Content>: Leaf {}

public struct AnyContent<Content>: Leaf {}

@resultBuilder
public enum ViewBuilder {
  public static func buildBlock() -> EmptyView { EmptyView() }
  public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
  public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<
    (repeat each Content)
  > { TupleView() }
  public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
  public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
  public static func buildEither<First: View, Second: View>(first: First) -> AnyContent<(First, Second)> {
    AnyContent()
  }
  public static func buildEither<First: View, Second: View>(second: Second) -> AnyContent<(First, Second)> {
    AnyContent()
  }
}

extension Optional: View where Wrapped: View {
  public var body: Never { fatalError("nothing is drawn here") }
}

@MainActor @preconcurrency
public protocol ViewModifier {
  associatedtype Body: View
  typealias Content = AnyContent<Self>
  @ViewBuilder func body(content: Content) -> Body
}

@propertyWrapper @MainActor @preconcurrency
public struct ObservedObject<ObjectType: ObservableObject> {
  public var wrappedValue: ObjectType

  public init(wrappedValue: ObjectType) { self.wrappedValue = wrappedValue }
}

@propertyWrapper @MainActor @preconcurrency
public struct StateObject<ObjectType: ObservableObject> {
  private let make: () -> ObjectType

  public init(wrappedValue thunk: @autoclosure @escaping () -> ObjectType) { make = thunk }

  public var wrappedValue: ObjectType { make() }
}

@propertyWrapper
public struct State<Value> {
  private final class Place {
    var value: Value
    init(_ value: Value) { self.value = value }
  }

  private let place: Place

  public init(wrappedValue: Value) { place = Place(wrappedValue) }

  public var wrappedValue: Value {
    get { place.value }
    nonmutating set { place.value = newValue }
  }

  public var projectedValue: Binding<Value> { Binding() }
}

public struct Binding<Value> {
  @preconcurrency
  public init(
    get: @escaping @isolated(any) @Sendable () -> Value,
    set: @escaping @isolated(any) @Sendable (Value) -> Void
  ) {}

  fileprivate init() {}
}

public struct EnvironmentValues {
  public var locale = Locale(identifier: "en")
  public var dynamicTypeSize = DynamicTypeSize.large
}

public enum DynamicTypeSize: Sendable {
  case large, accessibility1

  public var isAccessibilitySize: Bool { self == .accessibility1 }
}

@propertyWrapper
public struct Environment<Value> {
  public let wrappedValue: Value

  public init(_ keyPath: KeyPath<EnvironmentValues, Value>) {
    wrappedValue = EnvironmentValues()[keyPath: keyPath]
  }
}

public enum ColorScheme: Sendable {
  case light, dark
}
