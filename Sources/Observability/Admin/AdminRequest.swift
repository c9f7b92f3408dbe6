// The head of a request to the administration's socket.

/// What is asked for (RFC 9112, section 3). Header fields have no meaning here and are not read.
struct AdminRequest: Equatable {
  let method: String
  /// Without the query.
  let path: String

  static let maxHeadBytes = 8192

  /// - Parameter head: up to the empty line. Nil when its first line is no request line.
  init?(head: ArraySlice<UInt8>) {
    guard let end = head.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
    let words = head[..<end].split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3,
      words[2].elementsEqual("HTTP/1.1".utf8)
        || words[2].elementsEqual("HTTP/1.0".utf8), !words[0].isEmpty,
      words[1].first == UInt8(ascii: "/"),
      words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    method = String(decoding: words[0], as: UTF8.self)
    path = String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
  }

  /// Where the head ends: after its empty line. Nil when it goes on.
  /// - Parameter start: how much was looked at before.
  static func end(of received: [UInt8], from start: Int) -> Int? {
    let mark = Array("\r\n\r\n".utf8)
    var place = max(0, start - mark.count + 1)
    while place + mark.count <= received.count {
      if received[place..<(place + mark.count)].elementsEqual(mark) { return place + mark.count }
      place += 1
    }
    return nil
  }
}

/// A response of the administration's socket.
package struct AdminResponse: Sendable {
  package var status: Int
  package var contentType: String
  package var body: [UInt8]
  var allow: String?

  package init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// An error, in the form of the service's own.
  init(status: Int, code: StaticString, _ message: StaticString) {
    self.init(
      status: status, contentType: "application/json",
      body: Array("{\"code\":\"\(code)\",\"error\":\"\(message)\"}".utf8))
  }

  func serialized(isHead: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(AdminResponse.reason(status))\r\n"
    head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
    if let allow { head += "Allow: \(allow)\r\n" }
    head +=
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    return Array(head.utf8) + (isHead ? [] : body)
  }

  private static func reason(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 431: "Request Header Fields Too Large"
    default: "Service Unavailable"
    }
  }
}
