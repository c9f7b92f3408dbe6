// An HTTP response as CGI and FastCGI carry it (RFC 3875, section 6).

package import HTTPSyntax

/// The head of a response, and its body where that is at hand in memory.
package struct Response: Sendable {
  package var status: Int
  package var headers: [(name: String, value: String)] = []
  package var body: [UInt8] = []
  /// The body's length. A HEAD response and a streamed one announce more than `body` holds. Nil
  /// when a streamed body's length is not known.
  package var contentLength: Int?

  /// A response with a JSON text.
  package init(status: Int, jsonText body: [UInt8]) {
    self.status = status
    self.body = body
    contentLength = body.count
    headers = [("Content-Type", "application/json")]
  }

  package init(status: Int, json object: JSONObject) {
    self.init(status: status, jsonText: object.bytes)
  }

  /// A response without a body.
  package init(status: Int) { self.init(status: status, streamedByteCount: 0) }

  /// A response whose body is written after it.
  package init(status: Int, streamedByteCount: Int?) {
    self.status = status
    contentLength = streamedByteCount
  }

  /// The head as it goes to the web server, before the body.
  ///
  /// `Status` comes first: with `Location` and no `Status` the response would become a redirect.
  /// `Content-Length` is there wherever it is known: without it a response that breaks off looks
  /// complete.
  package func head(requestID: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    func append(_ name: String, _ value: String) {
      let value = value.utf8Span.span
      // A line break here would let the value write headers of its own.
      precondition(!value.indices.contains { value[$0] == 0x0D || value[$0] == 0x0A })
      bytes.append(copying: name.utf8Span.span)
      bytes.append(": ")
      bytes.append(copying: value)
      bytes.append("\r\n")
    }
    bytes.append("Status: ")
    bytes.append(copying: String(status).utf8Span.span)
    bytes.append(" ")
    bytes.append(ReasonPhrase.of(status))
    bytes.append("\r\n")
    for header in headers { append(header.name, header.value) }
    // 204 has no body, and RFC 9110 section 8.6 forbids the header with it.
    if status != 204, let contentLength { append("Content-Length", String(contentLength)) }
    bytes.append("Cache-Control: private, no-store\r\nX-Content-Type-Options: nosniff\r\n")
    append("X-Request-Id", requestID)
    bytes.append("\r\n")
    return bytes
  }
}
