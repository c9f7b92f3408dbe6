// The query string, as the URL standard's application/x-www-form-urlencoded parser reads it.

internal import HTTPSyntax

/// Looks up parameters of a query string.
struct Query {
  private let text: [UInt8]

  init(_ text: [UInt8]) { self.text = text }

  /// The decoded value of the first parameter called `name`; nil without one. A text with a bad
  /// escape stands for itself.
  subscript(name: StaticString) -> [UInt8]? {
    for pair in text.split(separator: UInt8(ascii: "&")) {
      let separator = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let found = decode(pair[..<separator])
      if found.span == name { return decode(pair[separator...].dropFirst()) }
    }
    return nil
  }

  private func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
    formDecoded(text) ?? text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
  }
}
