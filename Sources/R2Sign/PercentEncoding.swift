// The specification's UriEncode: one table for paths and queries, on the wire and in the signature.

/// `path` with every byte percent-encoded but `A-Z a-z 0-9 - . _ ~` and `/`.
///
/// S3 encodes a path once and normalises nothing, so the result is both what the request line has
/// to carry and what is signed; `+` becomes `%2B` in both.
public func encodedPath(_ path: String) -> String { percentEncoded(path, keepingSlash: true) }

/// `text` with every byte percent-encoded but `A-Z a-z 0-9 - . _ ~`, for names and values of a
/// query.
public func encodedQueryComponent(_ text: String) -> String {
  percentEncoded(text, keepingSlash: false)
}

private func percentEncoded(_ text: String, keepingSlash: Bool) -> String {
  var encoded: [UInt8] = []
  encoded.reserveCapacity(text.utf8.count + 16)
  for byte in text.utf8 {
    if isUnreserved(byte) || (keepingSlash && byte == UInt8(ascii: "/")) {
      encoded.append(byte)
    } else {
      encoded.append(UInt8(ascii: "%"))
      encoded.append(upperHexadecimalDigit(byte >> 4))
      encoded.append(upperHexadecimalDigit(byte & 15))
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}

private func upperHexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}

/// RFC 3986's unreserved characters.
func isUnreserved(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
  default: isAlphanumeric(byte)
  }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}

/// ASCII that leaves ink: neither a control character nor a space.
func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
