// The lines of an HTTP response: status line, header fields, chunk sizes.

internal import HTTPSyntax

/// What header fields say about where the body ends and whether the connection is kept.
struct Framing: Sendable {
  var isChunked = false
  var endsWithConnection = false
  private var hasLength = false
  private var hasCoding = false

  /// Reads one header line into `head` (RFC 9112 5).
  mutating func read(_ line: [UInt8], into head: inout ResponseHead) throws(ResponseError) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      line[..<colon].allSatisfy(\.isTokenByte)
    else { throw .badHeader }
    let value = trimmed(line[(colon + 1)...])
    guard value.allSatisfy(\.isFieldByte) else { throw .badHeader }
    let name = line[..<colon]
    switch name.count {
    case 4 where matches(name, "etag"): head.etag = try text(value, unless: head.etag)
    case 4 where matches(name, "date"): head.date = try text(value, unless: head.date)
    case 10 where matches(name, "connection"):
      if containsToken(value, "close") { head.keepsConnection = false }
    // A date or nonsense says nothing; it is advice.
    case 11 where matches(name, "retry-after"): head.retryAfterSeconds = DecimalDigits.parse(value)
    case 12 where matches(name, "content-type"):
      head.contentType = try text(value, unless: head.contentType)
    case 13 where matches(name, "content-range"):
      head.contentRange = try text(value, unless: head.contentRange)
    case 13 where matches(name, "last-modified"):
      head.lastModified = try text(value, unless: head.lastModified)
    case 14 where matches(name, "content-length"):
      guard !hasLength, let length = DecimalDigits.parse(value) else { throw .badLength }
      hasLength = true
      head.contentLength = length
    case 17 where matches(name, "transfer-encoding"):
      guard !hasCoding, matches(value, "chunked") else { throw .unknownCoding }
      hasCoding = true
      isChunked = true
    default: break
    }
  }

  /// With a length beside a coding, two readers can see different messages (RFC 9112 6.1).
  func verify() throws(ResponseError) {
    if hasLength && hasCoding { throw .badLength }
  }

  /// The field's text; a field with a single value may not be repeated.
  private func text(
    _ value: ArraySlice<UInt8>, unless earlier: String?
  ) throws(ResponseError) -> String {
    guard earlier == nil, let text = String(validating: value, as: UTF8.self) else {
      throw .badHeader
    }
    return text
  }
}

/// `HTTP/1.1 200 OK`, whatever stands in place of `OK`, nothing included.
func statusLine(_ line: [UInt8]) throws(ResponseError) -> ResponseHead {
  guard line.count >= 12, line.starts(with: "HTTP/1.".utf8),
    line[7] == UInt8(ascii: "0") || line[7] == UInt8(ascii: "1"), line[8] == UInt8(ascii: " "),
    let status = DecimalDigits.parse(line[9..<12]), (100...599).contains(status),
    line.count == 12 || line[12] == UInt8(ascii: " ")
  else { throw .badStatusLine }
  var head = ResponseHead(status: status)
  // HTTP/1.0 keeps connections only after a negotiation that we do not take part in.
  head.keepsConnection = line[7] == UInt8(ascii: "1")
  return head
}

/// A chunk's size: hexadecimal digits, then perhaps extensions, which mean nothing to us.
func chunkSize(_ line: [UInt8]) throws(ResponseError) -> Int {
  var size = 0
  var digitCount = 0
  for byte in line {
    guard let digit = hexadecimalValue(byte) else {
      guard digitCount > 0, "; \t".utf8.contains(byte) else { throw .badChunk }
      return size
    }
    digitCount += 1
    // 15 digits are 60 bits, which cannot overflow.
    guard digitCount <= 15 else { throw .badChunk }
    size = size << 4 | Int(digit)
  }
  guard digitCount > 0 else { throw .badChunk }
  return size
}
