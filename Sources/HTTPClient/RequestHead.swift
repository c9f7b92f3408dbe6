// The bytes of a request up to its body.

internal import OpenSSL

/// The head of an HTTP/1.1 request (RFC 9112 3).
///
/// Nothing is encoded or checked here: callers see to it that target, names and values are ASCII
/// without line breaks.
package struct RequestHead: Sendable {
  /// All of it once `end` has been called.
  package private(set) var bytes: [UInt8] = []

  /// - Parameters:
  ///   - target: path and query, percent-encoded.
  ///   - capacity: bytes to reserve. Growing leaves a copy behind, so a head that is to be
  ///     wiped must fit.
  package init(_ method: String, _ target: String, capacity: Int = 1024) {
    bytes.reserveCapacity(capacity)
    bytes += "\(method) \(target) HTTP/1.1\r\n".utf8
  }

  package mutating func add(_ name: String, _ value: String) {
    bytes += "\(name): \(value)\r\n".utf8
  }

  /// Adds a field whose value is `scheme`, a space and a secret (RFC 9110 11.4).
  package mutating func add(_ name: String, _ scheme: String, secret: borrowing Span<UInt8>) {
    bytes += "\(name): \(scheme) ".utf8
    for index in secret.indices { bytes.append(secret[index]) }
    bytes += "\r\n".utf8
  }

  /// Ends the head, and adds a `body` short enough to be sent along with it.
  package mutating func end(body: String = "") {
    bytes += "\r\n".utf8
    bytes += body.utf8
  }

  /// Overwrites all of it.
  package mutating func wipe() { OpenSSL.wipe(&bytes) }
}
