// The part of an HTTP response before its body, as far as our clients need it.

/// Status and header fields of a response. Other fields are skipped.
package struct ResponseHead: Sendable, Equatable {
  package var status: Int
  /// How long the whole body is, or would be in the response to a HEAD request.
  package var contentLength: Int?
  package var contentType: String?
  /// `bytes 0-9/100`, as a 206 has it; `bytes */100`, as a 416 has it.
  package var contentRange: String?
  package var etag: String?
  package var lastModified: String?
  /// After how long the peer wants to be asked again (RFC 9110 section 10.2.3), if it says so in
  /// seconds.
  package var retryAfterSeconds: Int?
  /// When the peer made the response, by its own clock; RFC 9110's `IMF-fixdate`.
  package var date: String?
  /// The body comes in chunks (RFC 9112 7.1).
  package var isChunked = false
  /// The peer will take another request on this connection.
  package var keepsConnection = true

  package init(status: Int) { self.status = status }
}

/// Why a response is not valid HTTP/1.1, or exceeds a limit.
package enum ResponseError: Error, Equatable, Sendable {
  /// The status line is not `HTTP/1.x NNN`.
  case badStatusLine
  /// A header line is not `name: value`, or a value has a control character.
  case badHeader
  /// Status line and header fields, those of interim responses included, pass the limit.
  case headTooLong
  /// `Content-Length` is no number, is given twice, or stands beside `Transfer-Encoding`.
  case badLength
  /// A transfer coding other than `chunked`.
  case unknownCoding
  /// A chunk has no size, or does not end where it should; trailers pass the limit.
  case badChunk
  /// The connection ended in the middle of the response.
  case truncated
  /// 101, which nobody asked for.
  case switchedProtocols
}

extension ResponseError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .badStatusLine: "the response has no HTTP/1.1 status line"
    case .badHeader: "a header line of the response is malformed"
    case .headTooLong: "the response's head is too long"
    case .badLength: "the response's length is malformed or ambiguous"
    case .unknownCoding: "the response has an unknown transfer coding"
    case .badChunk: "a chunk of the response is malformed"
    case .truncated: "the connection ended inside the response"
    case .switchedProtocols: "the response changes the protocol"
    }
  }
}
