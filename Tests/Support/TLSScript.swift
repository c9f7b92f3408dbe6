// Scripts for a TLSPeer.

/// A step that sends `text`, as JSON.
package func send(_ text: String) -> String {
  let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    .replacing("\r\n", with: "\\r\\n")
  return "[\"send\", \"\(escaped)\"]"
}

/// A step that sends `bytes`, in one record of TLS if they are at most 16 KiB.
package func send(bytes: some Sequence<UInt8>) -> String {
  let escaped = bytes.map { byte in
    let digits = String(byte, radix: 16)
    return isLetter(byte) ? String(Unicode.Scalar(byte)) : "\\u00" + (byte < 16 ? "0" : "") + digits
  }
  return "[\"send\", \"\(escaped.joined())\"]"
}

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

/// A step that sends an answer of HTTP, with an ETag if it is a success.
package func answer(
  _ status: Int, _ body: String = "", fields: String = "ETag: \"e\"\r\n"
) -> String {
  send(
    "HTTP/1.1 \(status) X\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
}

/// The script of connections, each a list of steps.
package func script(_ connections: [String]...) -> String {
  "[\(connections.map { "[\($0.joined(separator: ","))]" }.joined(separator: ","))]"
}

/// A step that reads a request.
package let request = #"["request"]"#
/// A step that reads a request up to its body.
package let head = #"["head"]"#
