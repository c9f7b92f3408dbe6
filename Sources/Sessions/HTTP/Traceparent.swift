// The header `traceparent`, by which requests of several systems can be put together (W3C Trace
// Context).

internal import HTTPSyntax

/// Whose trace a request belongs to. This program makes no spans: it passes on what it got.
struct Traceparent: Equatable {
  /// `00-<trace>-<parent>-<flags>`, in lower-case hexadecimal digits.
  let text: String

  private static let byteCount = 55

  /// Nil unless exactly one value came, and that is well formed. What a later version of the
  /// specification adds behind is left out, and of its flags all but `sampled`.
  init?(_ values: [[UInt8]]) {
    guard values.count == 1, let value = values.first, value.count >= Traceparent.byteCount else {
      return nil
    }
    let fields = value[..<Traceparent.byteCount].split(
      separator: ASCII.dash, omittingEmptySubsequences: false)
    guard fields.map(\.count) == [2, 32, 16, 2],
      fields.allSatisfy({ $0.allSatisfy(\.isLowerHexadecimalDigit) }),
      fields[1...2].allSatisfy({ $0.contains { $0 != UInt8(ascii: "0") } })
    else { return nil }
    let rest = value[Traceparent.byteCount...]
    switch String(decoding: fields[0], as: UTF8.self) {
    case "00" where rest.isEmpty: text = String(decoding: value, as: UTF8.self)
    case "00", "ff": return nil
    default:
      guard rest.isEmpty || rest.first == ASCII.dash else { return nil }
      let flags = hexadecimalValue(value[Traceparent.byteCount - 1]).map { $0 & 1 } ?? 0
      text = "00\(String(decoding: value[2..<53], as: UTF8.self))0\(flags)"
    }
  }
}

extension UInt8 {
  fileprivate var isLowerHexadecimalDigit: Bool {
    isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self
  }
}
