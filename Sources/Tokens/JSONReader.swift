// JSON (RFC 8259), as strictly as tokens have to be read.

internal import HTTPSyntax

/// A JSON value.
enum JSONValue: Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  /// What is no Unicode text: bytes that are no UTF-8, or half a surrogate pair, as JavaScript
  /// writes it where a text was cut.
  case brokenString
  case array([JSONValue])
  case object([String: JSONValue])
}

/// Reads a JSON text.
///
/// A name that comes twice in an object is refused: another reader could take another of the two
/// (RFC 7515, section 4; RFC 7519, section 4). So are a name that is no Unicode text, a number
/// beyond `Double`, and what is nested deeper than `maxDepth`.
struct JSONReader {
  private let text: [UInt8]
  private var position = 0

  private static let maxDepth = 64

  /// What the whole of `text` stands for.
  static func read(_ text: [UInt8]) throws(TokenError) -> JSONValue {
    var reader = JSONReader(text: text)
    let value = try reader.value(depth: 1)
    guard reader.next == nil else { throw .malformed }
    return value
  }

  private init(text: [UInt8]) { self.text = text }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  /// Whether it came next, which is then behind us.
  private mutating func accept(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func require(_ byte: UInt8) throws(TokenError) {
    guard accept(byte) else { throw .malformed }
  }

  private mutating func skipSpace() {
    while let byte = next,
      byte.isSpaceOrTab || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
    {
      position += 1
    }
  }

  /// A value, and the space around it.
  private mutating func value(depth: Int) throws(TokenError) -> JSONValue {
    guard depth <= JSONReader.maxDepth else { throw .malformed }
    skipSpace()
    defer { skipSpace() }
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth))
    case UInt8(ascii: "["): return .array(try array(depth))
    case ASCII.quote: return try string().map(JSONValue.string) ?? .brokenString
    case UInt8(ascii: "t"): return try literal("true", .boolean(true))
    case UInt8(ascii: "f"): return try literal("false", .boolean(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func literal(
    _ name: StaticString, _ value: JSONValue
  ) throws(TokenError) -> JSONValue {
    let end = position + name.utf8CodeUnitCount
    guard end <= text.count, text.span.extracting(position..<end) == name else { throw .malformed }
    position = end
    return value
  }

  private mutating func object(_ depth: Int) throws(TokenError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    try require(UInt8(ascii: "{"))
    skipSpace()
    if accept(UInt8(ascii: "}")) { return members }
    repeat {
      skipSpace()
      guard let name = try string() else { throw .malformed }
      skipSpace()
      try require(ASCII.colon)
      let known = members.updateValue(try value(depth: depth + 1), forKey: name)
      guard known == nil else { throw .malformed }
    } while accept(UInt8(ascii: ","))
    try require(UInt8(ascii: "}"))
    return members
  }

  private mutating func array(_ depth: Int) throws(TokenError) -> [JSONValue] {
    var elements: [JSONValue] = []
    try require(UInt8(ascii: "["))
    skipSpace()
    if accept(UInt8(ascii: "]")) { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
    try require(UInt8(ascii: "]"))
    return elements
  }

  /// Nil for what is no Unicode text.
  private mutating func string() throws(TokenError) -> String? {
    try require(ASCII.quote)
    let (quote, backslash) = (ASCII.quote, ASCII.backslash)
    var bytes: [UInt8] = []
    var isBroken = false
    while true {
      let plain = text[position...].prefix { $0 >= 0x20 && $0 != quote && $0 != backslash }
      bytes += plain
      position = plain.endIndex
      if accept(quote) { break }
      try require(backslash)
      if let scalar = try escaped().flatMap(UTF8.encode) {
        bytes += scalar
      } else {
        isBroken = true
      }
    }
    return isBroken ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// What a backslash and what follows it stand for.
  private mutating func escaped() throws(TokenError) -> Unicode.Scalar? {
    guard let letter = next else { throw .malformed }
    position += 1
    switch letter {
    case ASCII.quote, ASCII.backslash, ASCII.slash: return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try scalarByNumber()
    default: throw .malformed
    }
  }

  /// Four digits, or a surrogate pair of UTF-16; nil for half of one.
  private mutating func scalarByNumber() throws(TokenError) -> Unicode.Scalar? {
    let first = try fourDigits()
    guard UTF16.isLeadSurrogate(first), text[position...].starts(with: #"\u"#.utf8) else {
      return Unicode.Scalar(first)
    }
    position += 2
    let second = try fourDigits()
    guard UTF16.isTrailSurrogate(second) else { return nil }
    return Unicode.Scalar(0x1_0000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
  }

  private mutating func fourDigits() throws(TokenError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap(hexadecimalValue) else { throw .malformed }
      position += 1
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private mutating func number() throws(TokenError) -> Double {
    let start = position
    _ = accept(ASCII.dash)
    if !accept(UInt8(ascii: "0")) { try skipDigits() }
    if accept(UInt8(ascii: ".")) { try skipDigits() }
    if accept(UInt8(ascii: "e")) || accept(UInt8(ascii: "E")) {
      if !accept(UInt8(ascii: "+")) { _ = accept(ASCII.dash) }
      try skipDigits()
    }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let number = Double(digits), number.isFinite else { throw .malformed }
    return number
  }

  private mutating func skipDigits() throws(TokenError) {
    let start = position
    while next?.isDigit == true { position += 1 }
    guard position > start else { throw .malformed }
  }
}

extension [String: JSONValue] {
  /// The text of that name; nil where there is none, or null.
  ///
  /// - Throws: for any other value.
  func text(_ name: String) throws(TokenError) -> String? {
    switch self[name] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw .malformed
    }
  }
}
