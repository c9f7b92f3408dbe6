// The query string, as the URL standard's application/x-www-form-urlencoded parser reads it.

internal import HTTPSyntax

/// The parameters of a query string.
struct Query {
  private let parameters: [(name: [UInt8], value: [UInt8])]

  init(_ text: [UInt8]) {
    parameters = text.split(separator: UInt8(ascii: "&")).map { pair in
      let separator = pair.firstIndex(of: ASCII.equals) ?? pair.endIndex
      let value = pair[separator...].dropFirst()
      return (Query.decode(pair[..<separator]), Query.decode(value))
    }
  }

  /// The decoded value of the first parameter called `name`; nil without one. A text with a bad
  /// escape stands for itself.
  subscript(name: StaticString) -> [UInt8]? {
    parameters.first { $0.name.span == name }?.value
  }

  private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
    formDecoded(text) ?? text.map { $0 == UInt8(ascii: "+") ? ASCII.space : $0 }
  }
}
