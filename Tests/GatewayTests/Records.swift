// The web server's half of FastCGI, written from the specification and not from the library.

/// The types of records (FastCGI specification 1.0, section 8).
enum RecordType: UInt8 {
  case beginRequest = 1
  case abortRequest, endRequest, params, stdin, stdout, stderr, data, getValues, getValuesResult
}

/// One record; its content is at most 65,535 bytes.
func record(
  _ type: RecordType, _ content: [UInt8] = [], padding: Int = 0, version: UInt8 = 1,
  requestID: UInt16 = 1
) -> [UInt8] {
  let header = [
    version, type.rawValue, UInt8(requestID >> 8), UInt8(requestID & 0xFF),
    UInt8(content.count >> 8), UInt8(content.count & 0xFF), UInt8(padding), 0,
  ]
  return header + content + [UInt8](repeating: 0xEE, count: padding)
}

func beginRecord(role: UInt16 = 1, keepsConnection: Bool = false) -> [UInt8] {
  record(
    .beginRequest,
    [UInt8(role >> 8), UInt8(role & 0xFF), keepsConnection ? 1 : 0, 0, 0, 0, 0, 0])
}

/// Name-value pairs (section 3.4): a length above 127 takes four bytes.
func encode(_ parameters: [Parameter]) -> [UInt8] {
  func length(_ count: Int) -> [UInt8] {
    guard count > 127 else { return [UInt8(count)] }
    return [
      UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF),
      UInt8(count & 0xFF),
    ]
  }
  return parameters.flatMap {
    length($0.name.utf8.count) + length($0.value.utf8.count) + Array($0.name.utf8)
      + Array($0.value.utf8)
  }
}

/// `bytes` as records of `type` with at most `size` bytes each, and the empty one that ends them.
func stream(
  _ type: RecordType, _ bytes: [UInt8], size: Int = 65_535, padding: Int = 0
) -> [UInt8] {
  var records: [UInt8] = []
  for start in Swift.stride(from: 0, to: bytes.count, by: size) {
    let content = Array(bytes[start..<min(start + size, bytes.count)])
    records += record(type, content, padding: padding)
  }
  return records + record(type)
}

struct Parameter: Equatable {
  let name: String
  let value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A whole request.
func request(
  _ parameters: [Parameter] = [Parameter("A", "1")], body: [UInt8] = [], role: UInt16 = 1,
  keepsConnection: Bool = false
) -> [UInt8] {
  beginRecord(role: role, keepsConnection: keepsConnection)
    + stream(.params, encode(parameters)) + stream(.stdin, body)
}

/// What came back.
struct Reply: Equatable {
  var output: [UInt8] = []
  /// Records of other types than FCGI_STDOUT.
  var others: [UInt8] = []
  /// Whether the bytes end at the end of a record.
  var isWhole = false

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while rest.count >= 8 {
      let header = Array(rest.prefix(8))
      let count = Int(header[4]) << 8 | Int(header[5])
      rest = rest.dropFirst(8)
      if header[1] == RecordType.stdout.rawValue {
        output += rest.prefix(count)
      } else {
        others.append(header[1])
      }
      rest = rest.dropFirst(count + Int(header[6]))
    }
    isWhole = rest.isEmpty
  }
}
