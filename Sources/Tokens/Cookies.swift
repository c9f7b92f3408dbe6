// The cookies of a request (RFC 6265, section 4.2).

internal import HTTPSyntax

/// The `Cookie` header, taken apart.
struct Cookies {
  private let pairs: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]

  /// More than a web server passes on.
  private static let maxBytes = 64 * 1024
  /// What `maxTokenBytes` takes in pieces of Auth.js's size, and some more.
  private static let maxChunkNumber = 31

  init(_ headers: [[UInt8]]) throws(TokenError) {
    guard headers.reduce(0, { $0 + $1.count }) <= Cookies.maxBytes else { throw .tooLong }
    var pairs: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
    for header in headers {
      for pair in header.split(separator: ASCII.semicolon) {
        guard let equals = pair.firstIndex(of: ASCII.equals) else { continue }
        pairs.append((trimmed(pair[..<equals]), trimmed(pair[(equals + 1)...])))
      }
    }
    self.pairs = pairs
  }

  /// The value of the cookie `name`, put together where Auth.js has cut it into `name.0`, `name.1`
  /// and so on; nil where there is none. One that is empty is being removed, and counts as none.
  func value(of name: [UInt8]) throws(TokenError) -> [UInt8]? {
    var whole: ArraySlice<UInt8>?
    var chunks: [Int: ArraySlice<UInt8>] = [:]
    for pair in pairs where pair.name.starts(with: name) {
      let suffix = pair.name.dropFirst(name.count)
      if suffix.isEmpty {
        guard whole == nil else { throw .repeated }
        whole = pair.value
      } else if let number = chunkNumber(suffix) {
        guard chunks.updateValue(pair.value, forKey: number) == nil else { throw .repeated }
      }
    }
    chunks = chunks.filter { !$0.value.isEmpty }
    guard !chunks.isEmpty else { return whole.flatMap { $0.isEmpty ? nil : Array($0) } }
    guard whole?.isEmpty ?? true else { throw .incompleteChunks }
    var joined: [UInt8] = []
    for number in 0..<chunks.count {
      guard let chunk = chunks[number] else { throw .incompleteChunks }
      joined += chunk
    }
    return joined
  }

  /// Of `.0` to `.31`, as Auth.js writes them.
  private func chunkNumber(_ suffix: ArraySlice<UInt8>) -> Int? {
    let digits = suffix.dropFirst()
    guard suffix.first == UInt8(ascii: "."), digits.count == 1 || digits.first != 0x30 else {
      return nil
    }
    return DecimalDigits.parse(digits, upTo: Cookies.maxChunkNumber)
  }
}
