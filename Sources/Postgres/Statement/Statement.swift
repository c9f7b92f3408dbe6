// The text of an SQL statement, which no value can get into.

internal import OpenSSL

/// SQL made of literals of this program, quoted identifiers and other statements: nothing else
/// can be interpolated, so a value can only travel as a parameter (`$1`).
///
///     let statement: Statement = "SELECT id FROM \(schema).users WHERE \"externalId\" = $1"
///
/// Build each once, at start: the text is kept as the C string that libpq takes.
package struct Statement: ExpressibleByStringInterpolation, Sendable {
  /// UTF-8 with a NUL at its end.
  let cString: [CChar]
  /// What a session calls it once it is prepared there: 128 bits of the text's SHA-256 in
  /// hexadecimal. Behind a pooler a name can lead to what another client prepared; of this one
  /// that can only be the same statement.
  let name: String

  package init(stringLiteral text: StaticString) {
    self.init(text: text.description)
  }

  package init(stringInterpolation: StringInterpolation) {
    self.init(text: stringInterpolation.text)
  }

  /// The SQL of a file that is part of the program; of nothing else.
  package init(embedded file: [UInt8]) {
    self.init(text: String(decoding: file, as: UTF8.self))
  }

  private init(text: String) {
    precondition(!text.utf8.contains(0), "a NUL in SQL")
    cString = Array(text.utf8CString)
    name = String(SHA256.hash(Array(text.utf8).span).hex.prefix(32))
  }

  /// The statement's text.
  package var text: String {
    String(decoding: cString.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  package struct StringInterpolation: StringInterpolationProtocol {
    package typealias StringLiteralType = StaticString
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: StaticString) {
      text += literal.description
    }

    package mutating func appendInterpolation(_ identifier: QuotedIdentifier) {
      text += identifier.quoted
    }

    package mutating func appendInterpolation(_ statement: Statement) { text += statement.text }
  }
}
