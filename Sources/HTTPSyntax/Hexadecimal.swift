// Hexadecimal digits, read and written.

/// The value of a hexadecimal digit of either case (`HEXDIG`, RFC 5234).
package func hexadecimalValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// Two hexadecimal digits in lower case for each of `bytes`.
package func hexadecimal(_ bytes: Span<UInt8>) -> String {
  unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
    for index in bytes.indices {
      unsafe text[2 * index] = lowerHexadecimalDigit(bytes[index] >> 4)
      unsafe text[2 * index + 1] = lowerHexadecimalDigit(bytes[index] & 15)
    }
    return bytes.count * 2
  }
}

/// The digit of `value`, 0 to 15, in lower case.
package func lowerHexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// The digit of `value`, 0 to 15, in upper case.
package func upperHexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}
