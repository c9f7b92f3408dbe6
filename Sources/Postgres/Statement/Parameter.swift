// The values of a statement, as libpq is given them.

internal import HTTPSyntax

/// A value bound to `$1`, `$2`, ... of a statement.
///
/// All but `binary` go as text of no declared type, so the server takes each for the type its
/// place in the statement has: an integer, an enum's label, a timestamp.
package enum Parameter: Sendable {
  case null
  case text(String)
  case integer(Int64)
  case boolean(Bool)
  /// A value in PostgreSQL's binary format; for a `bytea`, simply its bytes.
  case binary([UInt8])

  package static func text(optional value: String?) -> Parameter {
    value.map { .text($0) } ?? .null
  }

  package static func integer(_ value: Int) -> Parameter { .integer(Int64(value)) }

  /// An array of texts. See PostgreSQL, "8.15.2. Array Value Input".
  package static func array(_ values: [String]) -> Parameter {
    var text = [UInt8(ascii: "{")]
    for value in values {
      if text.count > 1 { text.append(UInt8(ascii: ",")) }
      text.append(ASCII.quote)
      for byte in value.utf8 {
        if byte == ASCII.quote || byte == ASCII.backslash { text.append(ASCII.backslash) }
        text.append(byte)
      }
      text.append(ASCII.quote)
    }
    text.append(UInt8(ascii: "}"))
    return .text(String(decoding: text, as: UTF8.self))
  }

  /// What the value takes in the buffer, its final NUL included.
  fileprivate var byteCount: Int {
    switch self {
    case .null: 0
    case .text(let text): text.utf8.count + 1
    case .integer: 21
    case .boolean: 2
    case .binary(let bytes): bytes.count + 1
    }
  }
}

/// Hands `parameters` to `body` as the arrays that `PQsendQueryParams` takes.
///
/// All of them share one buffer that is on the stack up to 1 KiB, so a usual statement allocates
/// nothing here.
func withCArrays(
  of parameters: [Parameter],
  _ body: (
    _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<CInt>?,
    _ formats: UnsafePointer<CInt>?
  ) -> CInt
) throws(PostgresError) -> CInt {
  precondition(parameters.count <= 65535, "more parameters than the protocol counts")
  let byteCount = parameters.reduce(0) { $0 + $1.byteCount }
  let result: Result<CInt, PostgresError> = unsafe withUnsafeTemporaryAllocation(
    of: UInt8.self, capacity: byteCount
  ) { bytes in
    unsafe withUnsafeTemporaryAllocation(
      of: UnsafePointer<CChar>?.self, capacity: parameters.count
    ) { values in
      unsafe withUnsafeTemporaryAllocation(of: CInt.self, capacity: 2 * parameters.count) {
        numbers in
        var used = 0
        for (index, parameter) in parameters.enumerated() {
          let room = unsafe UnsafeMutableBufferPointer(rebasing: bytes[used...])
          guard let length = unsafe parameter.write(to: room) else {
            return .failure(.nulInParameter(index + 1))
          }
          let start = UnsafeRawPointer(room.baseAddress)
          unsafe values.initializeElement(
            at: index,
            to: parameter.isNull ? nil : start?.assumingMemoryBound(to: CChar.self))
          unsafe numbers.initializeElement(at: index, to: CInt(length))
          unsafe numbers.initializeElement(
            at: parameters.count + index, to: parameter.isBinary ? 1 : 0)
          used += parameter.isNull ? 0 : length + 1
        }
        let lengths = unsafe UnsafePointer(numbers.baseAddress)
        return unsafe .success(
          body(values.baseAddress, lengths, lengths?.advanced(by: parameters.count)))
      }
    }
  }
  return try result.get()
}

extension Parameter {
  fileprivate var isNull: Bool { if case .null = self { true } else { false } }

  fileprivate var isBinary: Bool { if case .binary = self { true } else { false } }

  /// Writes the value and a NUL to the start of `room`, which has `byteCount` bytes or more.
  ///
  /// - Returns: the value's length, or nil if it is text with a NUL in it, at which libpq would
  ///   cut it short.
  fileprivate func write(to room: UnsafeMutableBufferPointer<UInt8>) -> Int? {
    let length: Int
    switch self {
    case .null: return 0
    case .text(let text):
      length = unsafe room.update(fromContentsOf: text.utf8)
      if unsafe room[..<length].contains(0) { return nil }
    case .integer(let value): length = unsafe writeDecimal(value, to: room)
    case .boolean(let value):
      unsafe room[0] = UInt8(ascii: value ? "t" : "f")
      length = 1
    case .binary(let bytes): length = unsafe room.update(fromContentsOf: bytes)
    }
    unsafe room[length] = 0
    return length
  }
}

/// Writes `value` in decimal; at most 20 bytes. Returns how many it wrote.
private func writeDecimal(_ value: Int64, to room: UnsafeMutableBufferPointer<UInt8>) -> Int {
  var rest = value.magnitude
  var start = 0
  if value < 0 {
    unsafe room[0] = UInt8(ascii: "-")
    start = 1
  }
  var end = start
  repeat {
    unsafe room[end] = UInt8(ascii: "0") + UInt8(rest % 10)
    rest /= 10
    end += 1
  } while rest > 0
  unsafe room[start..<end].reverse()
  return end
}
