import Foundation

/// A JSON value.
public enum Json: Sendable, Hashable, Codable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([Json])
  case object([String: Json])

  public init(_ text: String) throws {
    self = try JSONDecoder().decode(Json.self, from: Data(text.utf8))
  }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([Json].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: Json].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .number(let number):
      if let whole = Int64(exactly: number) { try value.encode(whole) } else { try value.encode(number) }
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .object(let members): try value.encode(members)
    }
  }

  /// The text of this value.
  public var encoded: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  /// A member of an object; `null` where there is none.
  public subscript(member: String) -> Json {
    if case .object(let members) = self { members[member] ?? .null } else { .null }
  }

  public var string: String? { if case .text(let text) = self { text } else { nil } }
  public var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  public var array: [Json]? { if case .list(let list) = self { list } else { nil } }
  public var members: [String: Json]? { if case .object(let members) = self { members } else { nil } }
  public var boolean: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  public var strings: [String] { (array ?? []).compactMap(\.string) }

  /// The stable reason of a JSON-RPC error.
  public var reason: String? { self["error"]["data"]["reason"].string }
}

extension Json: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: Json...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, Json)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }
}
