// Percent-encoding (RFC 3986, section 2).

/// What percent-encoded `text` stands for; nil when a `%` is not followed by two hexadecimal
/// digits. `+` stands for itself.
package func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
  guard text.contains(ASCII.percent) else { return Array(text) }
  var decoded: [UInt8] = []
  decoded.reserveCapacity(text.count)
  var rest = text.makeIterator()
  while let byte = rest.next() {
    guard byte == UInt8(ascii: "%") else {
      decoded.append(byte)
      continue
    }
    guard let high = rest.next().flatMap(hexadecimalValue),
      let low = rest.next().flatMap(hexadecimalValue)
    else { return nil }
    decoded.append(high << 4 | low)
  }
  return decoded
}

/// The same for the URL standard's `application/x-www-form-urlencoded`, where `+` is a space.
package func formDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
  let plus = UInt8(ascii: "+")
  guard text.contains(plus) else { return percentDecoded(text) }
  return percentDecoded(text.map { $0 == plus ? ASCII.space : $0 }[...])
}

/// `text` with every byte percent-encoded, in upper case, but the unreserved ones and those for
/// which `isKept` holds.
package func percentEncoded(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
  let bytes = text.utf8.span
  if bytes.indices.allSatisfy({ bytes[$0].isUnreserved || isKept(bytes[$0]) }) { return text }
  var encoded: [UInt8] = []
  encoded.reserveCapacity(text.utf8.count + 16)
  for byte in text.utf8 {
    if byte.isUnreserved || isKept(byte) {
      encoded.append(byte)
    } else {
      encoded.append(UInt8(ascii: "%"))
      encoded.append(upperHexadecimalDigit(byte >> 4))
      encoded.append(upperHexadecimalDigit(byte & 15))
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
