// A JSON object whose members stand in the order in which they are written (RFC 8259).

/// An object of strings, whole numbers and booleans.
package struct JSONObject: ExpressibleByDictionaryLiteral {
  package enum Value {
    case string(String)
    case integer(Int)
    case boolean(Bool)
  }

  private let members: [(name: StaticString, value: Value)]

  package init(dictionaryLiteral members: (StaticString, Value)...) {
    self.members = members.map { ($0.0, $0.1) }
  }

  /// The object without white space.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(128)
    var separator = "{"
    for (name, value) in members {
      bytes += separator.utf8
      separator = ","
      append(name.description, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      switch value {
      case .string(let text): append(text, to: &bytes)
      case .integer(let number): bytes += String(number).utf8
      case .boolean(let flag): bytes += (flag ? "true" : "false").utf8
      }
    }
    bytes += (members.isEmpty ? "{}" : "}").utf8
    return bytes
  }

  /// A string as section 7 has it: escaped is only what has to be.
  private func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(ASCII.quote)
    defer { bytes.append(ASCII.quote) }
    guard text.utf8.contains(where: mustBeEscaped) else {
      bytes += text.utf8
      return
    }
    for byte in text.utf8 {
      switch byte {
      case ASCII.quote, ASCII.backslash:
        bytes.append(ASCII.backslash)
        bytes.append(byte)
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0..<0x20:
        bytes += "\\u00".utf8
        bytes.append(lowerHexadecimalDigit(byte >> 4))
        bytes.append(lowerHexadecimalDigit(byte & 0xF))
      default: bytes.append(byte)
      }
    }
  }
}

private func mustBeEscaped(_ byte: UInt8) -> Bool {
  byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash
}

extension JSONObject.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral
{
  package init(stringLiteral text: String) { self = .string(text) }
  package init(integerLiteral number: Int) { self = .integer(number) }
  package init(booleanLiteral flag: Bool) { self = .boolean(flag) }
}
