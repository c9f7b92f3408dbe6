// The bytes of a request up to its body.

internal import HTTPSyntax
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
    append(method)
    bytes.append(" ")
    append(target)
    bytes.append(" HTTP/1.1\r\n")
  }

  package mutating func add(_ name: String, _ value: String) {
    append(name)
    bytes.append(": ")
    append(value)
    bytes.append("\r\n")
  }

  /// Adds a field whose value is `scheme`, a space and a secret (RFC 9110 11.4).
  package mutating func add(_ name: String, _ scheme: String, secret: borrowing Span<UInt8>) {
    append(name)
    bytes.append(": ")
    append(scheme)
    bytes.append(" ")
    bytes.append(copying: secret)
    bytes.append("\r\n")
  }

  /// Ends the head, and adds a `body` short enough to be sent along with it.
  package mutating func end(body: String = "") {
    bytes.append("\r\n")
    append(body)
  }

  private mutating func append(_ text: String) { bytes.append(copying: text.utf8.span) }

  /// Overwrites all of it.
  package mutating func wipe() { OpenSSL.wipe(&bytes) }
}
