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

  /// The head and the body as they go to the web server.
  ///
  /// `Status` comes first: with `Location` and no `Status` the response would become a redirect.
  /// `Content-Length` is there wherever it is known: without it a response that breaks off looks
  /// complete.
  package func serialized(requestID: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256 + body.count)
    func append(_ name: String, _ value: String) {
      // A line break here would let the value write headers of its own.
      precondition(!value.utf8.contains { $0 == 0x0D || $0 == 0x0A })
      bytes.append(contentsOf: name.utf8)
      bytes.append(contentsOf: ": ".utf8)
      bytes.append(contentsOf: value.utf8)
      bytes.append(contentsOf: "\r\n".utf8)
    }
    append("Status", "\(status) \(ReasonPhrase.of(status))")
    for header in headers { append(header.name, header.value) }
    // 204 has no body, and RFC 9110 section 8.6 forbids the header with it.
    if status != 204, let contentLength { append("Content-Length", String(contentLength)) }
    append("Cache-Control", "private, no-store")
    append("X-Content-Type-Options", "nosniff")
    append("X-Request-Id", requestID)
    bytes.append(contentsOf: "\r\n".utf8)
    bytes.append(contentsOf: body)
    return bytes
  }
}
