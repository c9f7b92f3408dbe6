// Bytes as text: base64 with padding (RFC 4648, section 4).

internal import COpenSSL

/// The corresponding C function is `EVP_EncodeBlock`.
package func base64Encoded(_ bytes: Span<UInt8>) -> String {
  let capacity = (bytes.count + 2) / 3 * 4 + 1
  return unsafe String(unsafeUninitializedCapacity: capacity) { text in
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe Int(EVP_EncodeBlock(text.baseAddress, bytes.baseAddress, CInt(bytes.count)))
    }
  }
}

/// The bytes; nil for whatever `base64Encoded` would have written otherwise. Wiping them is the
/// caller's. The corresponding C function is `EVP_DecodeBlock`.
package func base64Decoded(_ text: Span<UInt8>) -> [UInt8]? {
  guard text.count.isMultiple(of: 4), text.count <= 1 << 20 else { return nil }
  var padding = 0
  while padding < 2, padding < text.count, text[text.count - 1 - padding] == UInt8(ascii: "=") {
    padding += 1
  }
  var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
  let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
    unsafe text.withUnsafeBufferPointer { text in
      unsafe EVP_DecodeBlock(bytes.baseAddress, text.baseAddress, CInt(text.count))
    }
  }
  guard Int(count) == bytes.count else { return nil }
  bytes.removeLast(padding)
  var again = Array(base64Encoded(bytes.span).utf8)
  defer { wipe(&again) }
  return isEqual(again.span, text) ? bytes : nil
}

private func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  left.count == right.count && left.indices.allSatisfy { left[$0] == right[$0] }
}
