// Values of a result's rows by type, read from PostgreSQL's text format.

internal import HTTPSyntax

extension QueryResult {
  /// Text; a number or any other type too, as the server writes it.
  package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
    try required(optionalText(row, column), column)
  }

  /// - Throws: `malformedValue` for bytes that are no UTF-8, as a database of encoding SQL_ASCII
  ///   can hold them.
  package func optionalText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
    if try isNull(row, column) { return nil }
    let text = try withBytes(row, column) { bytes in
      unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
    }
    guard let text else { throw .malformedValue(column: column) }
    return text
  }

  package func int64(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
    try required(optionalInt64(row, column), column)
  }

  package func optionalInt64(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
    if try isNull(row, column) { return nil }
    guard let value = try withBytes(row, column, { parseDecimal($0) }) else {
      throw .malformedValue(column: column)
    }
    return value
  }

  package func int(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
    Int(try int64(row, column))
  }

  package func optionalInt(_ row: Int, _ column: Int) throws(PostgresError) -> Int? {
    try optionalInt64(row, column).map { Int($0) }
  }

  package func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
    try required(optionalBool(row, column), column)
  }

  package func optionalBool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool? {
    if try isNull(row, column) { return nil }
    let letter = try withBytes(row, column) { $0.count == 1 ? $0[0] : 0 }
    switch letter {
    case UInt8(ascii: "t"): return true
    case UInt8(ascii: "f"): return false
    default: throw .malformedValue(column: column)
    }
  }

  private func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
    guard let value else { throw .unexpectedNull(column: column) }
    return value
  }
}

/// An integer of PostgreSQL's text format: digits, after a minus sign if it is negative.
private func parseDecimal(_ bytes: Span<UInt8>) -> Int64? {
  let isNegative = bytes.count > 1 && bytes[0] == UInt8(ascii: "-")
  var value: Int64 = 0
  let digits = bytes.extracting((isNegative ? 1 : 0)...)
  guard !digits.isEmpty else { return nil }
  for index in digits.indices {
    let digit = digits[index] &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
    let (sum, carried) = product.subtractingReportingOverflow(Int64(digit))
    guard !overflowed, !carried else { return nil }
    value = sum
  }
  // It is summed up negative, since the least Int64 has no positive counterpart.
  return isNegative ? value : (value == .min ? nil : -value)
}
