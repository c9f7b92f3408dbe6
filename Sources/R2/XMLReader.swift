// The little of XML that stores' listings are made of, read as its bytes come.

internal import HTTPClient
internal import HTTPSyntax

/// Reads elements and their text from bytes given one by one.
///
/// It understands elements and character data (XML 1.0), and leaves entities to `decodedXMLText`.
/// Attributes, and instructions before the root, are read past. Whatever begins with `<!` is
/// refused, a DOCTYPE above all, and so is text beside elements. Memory is bounded by `maxDepth`,
/// `maxNameBytes` and `maxTextBytes`.
struct XMLReader: Sendable {
  enum Event: Equatable, Sendable {
    /// An element has begun: the last of `path`.
    case start
    /// An element has ended, and is not in `path` any more. `text` is blank if it has elements.
    case end(name: String, text: [UInt8])
  }

  static let maxDepth = 8
  static let maxNameBytes = 64
  static let maxTextBytes = 8 * 1024

  private enum State: Sendable {
    case content
    /// After `<`.
    case tag
    case startName
    /// After the name of a start tag; perhaps in a value between quotes.
    case attributes(quote: UInt8?)
    /// After the `/` in `<name/>`.
    case emptyTag
    case endName
    /// After the name of an end tag.
    case endSpace
    /// In `<?...?>`, perhaps right after a `?`.
    case instruction(isClosing: Bool)
  }

  /// The names of the open elements, the root first.
  private(set) var path: [String] = []
  /// The root has ended.
  private(set) var isComplete = false

  private var state = State.content
  private var name: [UInt8] = []
  private var text: [UInt8] = []
  /// Elements stand in the innermost open one, so that text may not.
  private var hasElements = false

  /// Takes one byte, and returns what it completes.
  mutating func next(_ byte: UInt8) throws(ListingError) -> Event? {
    guard byte >= 0x20 || isSpace(byte) else { throw .malformed }
    switch state {
    case .content: try readContent(byte)
    case .tag: try readTag(byte)
    case .startName, .attributes(quote: nil): return try readStartTag(byte)
    case .attributes(quote: let quote):
      guard byte != UInt8(ascii: "<") else { throw .malformed }
      if byte == quote { state = .attributes(quote: nil) }
    case .emptyTag:
      guard byte == UInt8(ascii: ">") else { throw .malformed }
      return try close()
    case .endName, .endSpace: return try readEndTag(byte)
    case .instruction(let isClosing):
      let ends = isClosing && byte == UInt8(ascii: ">")
      state = ends ? .content : .instruction(isClosing: byte == UInt8(ascii: "?"))
    }
    return nil
  }

  private mutating func readContent(_ byte: UInt8) throws(ListingError) {
    if byte == UInt8(ascii: "<") {
      state = .tag
      return
    }
    // Space before the first child is known to be none of a leaf's text only afterwards.
    guard isSpace(byte) || !(path.isEmpty || hasElements) else { throw .malformed }
    guard text.count < Self.maxTextBytes else { throw .tooLong }
    if !path.isEmpty && !hasElements { text.append(byte) }
  }

  private mutating func readTag(_ byte: UInt8) throws(ListingError) {
    name.removeAll(keepingCapacity: true)
    switch byte {
    case UInt8(ascii: "!"): throw .forbiddenMarkup
    case UInt8(ascii: "?"):
      guard path.isEmpty && !isComplete else { throw .forbiddenMarkup }
      state = .instruction(isClosing: false)
    case UInt8(ascii: "/"): state = .endName
    default:
      guard !isComplete, text.allSatisfy(isSpace) else { throw .malformed }
      try appendToName(byte)
      state = .startName
    }
  }

  private mutating func readStartTag(_ byte: UInt8) throws(ListingError) -> Event? {
    switch byte {
    case UInt8(ascii: ">"):
      state = .content
      return try open()
    case UInt8(ascii: "/"):
      state = .emptyTag
      return try open()
    case _ where isSpace(byte): state = .attributes(quote: nil)
    default:
      guard case .attributes = state else {
        try appendToName(byte)
        return nil
      }
      guard byte != UInt8(ascii: "<") else { throw .malformed }
      let isQuote = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
      state = .attributes(quote: isQuote ? byte : nil)
    }
    return nil
  }

  private mutating func readEndTag(_ byte: UInt8) throws(ListingError) -> Event? {
    if byte == UInt8(ascii: ">") {
      guard let innermost = path.last, innermost.utf8.elementsEqual(name) else { throw .malformed }
      return try close()
    }
    if isSpace(byte) {
      state = .endSpace
    } else {
      guard case .endName = state else { throw .malformed }
      try appendToName(byte)
    }
    return nil
  }

  private mutating func appendToName(_ byte: UInt8) throws(ListingError) {
    guard isNameByte(byte) else { throw .malformed }
    guard name.count < Self.maxNameBytes else { throw .tooLong }
    name.append(byte)
  }

  private mutating func open() throws(ListingError) -> Event {
    guard path.count < Self.maxDepth else { throw .tooLong }
    path.append(String(decoding: name, as: UTF8.self))
    text.removeAll(keepingCapacity: true)
    hasElements = false
    return .start
  }

  private mutating func close() throws(ListingError) -> Event {
    guard let name = path.popLast() else { throw .malformed }
    let event = Event.end(name: name, text: text)
    text.removeAll(keepingCapacity: true)
    state = .content
    hasElements = true
    isComplete = path.isEmpty
    return event
  }
}

/// The characters that `text` stands for: the five predefined entities and character references
/// (XML 1.0, 4.1 and 4.6), none of which can stand for another.
func decodedXMLText(_ text: [UInt8]) throws(ListingError) -> [UInt8] {
  guard text.contains(UInt8(ascii: "&")) else { return text }
  var decoded: [UInt8] = []
  decoded.reserveCapacity(text.count)
  var rest = text[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "&") else {
      decoded.append(byte)
      continue
    }
    guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw .malformed }
    switch String(decoding: rest[..<end], as: UTF8.self) {
    case "amp": decoded.append(UInt8(ascii: "&"))
    case "lt": decoded.append(UInt8(ascii: "<"))
    case "gt": decoded.append(UInt8(ascii: ">"))
    case "quot": decoded.append(UInt8(ascii: "\""))
    case "apos": decoded.append(UInt8(ascii: "'"))
    default: decoded += try character(referredToBy: rest[..<end])
    }
    rest = rest[(end + 1)...]
  }
  return decoded
}

/// The UTF-8 of `#65` or `#x41`.
private func character(referredToBy reference: ArraySlice<UInt8>) throws(ListingError) -> [UInt8] {
  var digits = reference
  guard digits.popFirst() == UInt8(ascii: "#") else { throw .malformed }
  let radix: UInt32 = digits.first == UInt8(ascii: "x") ? 16 : 10
  if radix == 16 { digits.removeFirst() }
  guard (1...8).contains(digits.count) else { throw .malformed }
  var value: UInt32 = 0
  for digit in digits {
    guard let number = hexadecimalValue(digit), number < radix else { throw .malformed }
    // 8 digits cannot overflow 32 bits in either radix.
    value = value * radix + UInt32(number)
  }
  guard let scalar = Unicode.Scalar(value), value >= 0x20 || isSpace(UInt8(value)) else {
    throw .malformed
  }
  return Array(String(Character(scalar)).utf8)
}

/// XML's white space.
private func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
}

/// ASCII that may stand in a name, wherever in it.
private func isNameByte(_ byte: UInt8) -> Bool {
  byte.isLabelByte || "_:.".utf8.contains(byte)
}
