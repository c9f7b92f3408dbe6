// The bytes of a request up to its body.

/// The head of an HTTP/1.1 request (RFC 9112 3).
///
/// Nothing is encoded or checked here: target, names and values are ASCII without line ends, which
/// is for those to see to who let others have a say in them.
package struct RequestHead: Sendable {
  /// All of it once `end` has been called.
  package private(set) var bytes: [UInt8] = []

  /// - Parameter target: path and query, percent-encoded.
  package init(_ method: String, _ target: String) {
    bytes.reserveCapacity(1024)
    bytes += "\(method) \(target) HTTP/1.1\r\n".utf8
  }

  package mutating func add(_ name: String, _ value: String) {
    bytes += "\(name): \(value)\r\n".utf8
  }

  /// Ends the head; nothing can be added after that.
  package mutating func end() { bytes += "\r\n".utf8 }
}
