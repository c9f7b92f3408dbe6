// One TLS connection, every step of it bounded by a deadline.

package import POSIX
internal import Synchronization

/// A TLS connection to a peer whose certificate and name have been verified.
///
/// It never blocks past a deadline, and a peer that has gone raises no SIGPIPE. After
/// a failed step a connection can only be used to read what the peer had sent before.
///
/// The mutex proves to the compiler that a connection may move between threads (a pool keeps it for
/// another). One owner at a time uses it, so nobody waits for the mutex.
package struct TLSConnection: ~Copyable, Sendable {
  private let handle: Mutex<TLSHandle>
  private let descriptor: OwnedDescriptor
  /// Keeps what the handle refers to alive.
  private let context: TLSContext

  /// Makes the handshake with `host` over `descriptor`, which must be connected and non-blocking.
  ///
  /// - Parameter host: the name, or the numeric address without brackets, that the certificate must
  ///   be good for. A name is sent along too (SNI), an address is not (RFC 6066 3).
  /// - Throws: `.certificateRefused` with the reason; others as in `OpenSSLError`.
  /// The corresponding C function is `SSL_connect`.
  package init(
    over descriptor: consuming OwnedDescriptor, to host: String, context: TLSContext,
    until deadline: Deadline
  ) throws(OpenSSLError) {
    let handle = try context.makeHandle(over: descriptor.number)
    try handle.expect(host)
    try handle.performHandshake(until: deadline)
    self.handle = Mutex(handle)
    self.descriptor = descriptor
    self.context = context
  }

  /// Reads what has come, at most `buffer.count` bytes, waiting for the first of them.
  ///
  /// - Returns: how many bytes; 0 when the peer ended the connection in order (`close_notify`).
  /// - Throws: `.closedUnexpectedly` when it ended without that.
  /// The corresponding C function is `SSL_read`.
  package func read(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> Int {
    try handle.withLock { (handle) throws(OpenSSLError) in
      try unsafe buffer.withUnsafeMutableBytes { (buffer) throws(OpenSSLError) in
        try unsafe handle.read(into: buffer, until: deadline)
      }
    }
  }

  /// How a write ended.
  package enum WriteResult: Sendable, Equatable {
    case written
    /// The peer does not take the bytes but has sent some of its own, or `close_notify`; from now
    /// on this connection can only be read.
    case answered
  }

  /// Writes all of `bytes`, which must not be empty, unless the peer answers instead of reading.
  ///
  /// The corresponding C function is `SSL_write`, which wants the same buffer again when it could
  /// not finish; this call keeps it.
  package func write(
    _ bytes: Span<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> WriteResult {
    precondition(!bytes.isEmpty, "OpenSSL cannot write nothing")
    return try handle.withLock { (handle) throws(OpenSSLError) in
      try unsafe bytes.withUnsafeBytes { (bytes) throws(OpenSSLError) in
        try unsafe handle.write(bytes, until: deadline)
      }
    }
  }

  /// Whether the peer has sent bytes or has closed. Never blocks, and costs one `poll` when
  /// there is nothing.
  package func hasResponse() -> Bool { handle.withLock { $0.hasResponse() } }

  /// Whether the connection, kept for another request, can still be used: anything to read now is
  /// the peer's `close_notify`, or bytes that nobody asked for.
  package var isQuiet: Bool { handle.withLock { !$0.isReadable } }

  /// Sends `close_notify` without waiting for the peer's; the connection is done with then.
  /// The corresponding C function is `SSL_shutdown`.
  package func sendCloseNotify() { handle.withLock { $0.sendCloseNotify() } }
}
