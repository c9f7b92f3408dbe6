// The header by which a client asks for a part of a recording (RFC 9110, section 14.2).

internal import HTTPSyntax
internal import R2

extension ByteRange {
  /// Reads `Range: bytes=<first>-<last>`, `<first>-` or `-<count>` (RFC 9110, section 14.2). Nil
  /// for anything else, which asks for the whole: servers may ignore a range, and several ranges
  /// would need a response of several parts.
  init?(_ fields: [[UInt8]]) {
    let unit = Array("bytes=".utf8)
    guard fields.count == 1, fields[0].starts(with: unit) else { return nil }
    let bounds = fields[0].dropFirst(unit.count).split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard bounds.count == 2 else { return nil }
    let last = DecimalDigits.parse(bounds[1])
    if let first = DecimalDigits.parse(bounds[0]) {
      if let last {
        guard first <= last else { return nil }
        self = .closed(first, last)
      } else {
        guard bounds[1].isEmpty else { return nil }
        self = .from(first)
      }
    } else {
      guard bounds[0].isEmpty, let last else { return nil }
      self = .suffix(last)
    }
  }
}
