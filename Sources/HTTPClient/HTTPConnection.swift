// A connection that may be kept, with TLS or, on this machine, without.

internal import OpenSSL
internal import POSIX

final class HTTPConnection: Sendable {
  enum Transport: ~Copyable, Sendable {
    case tls(TLSConnection)
    case plain(PlainConnection)
  }

  private let transport: Transport

  init(_ transport: consuming Transport) { self.transport = transport }

  /// As `TLSConnection.read`.
  func read(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> Int {
    switch transport {
    case .tls(let connection): try connection.read(into: &buffer, until: deadline)
    case .plain(let connection): try connection.read(into: &buffer, until: deadline)
    }
  }

  /// As `TLSConnection.write`.
  func write(
    _ bytes: Span<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> TLSConnection.WriteResult {
    switch transport {
    case .tls(let connection): try connection.write(bytes, until: deadline)
    case .plain(let connection): try connection.write(bytes, until: deadline)
    }
  }

  /// Whether the peer has sent bytes or has closed.
  func hasResponse() -> Bool {
    switch transport {
    case .tls(let connection): connection.hasResponse()
    case .plain(let connection): connection.isReadable
    }
  }

  /// Whether it can still be used for another request.
  var isQuiet: Bool {
    switch transport {
    case .tls(let connection): connection.isQuiet
    case .plain(let connection): !connection.isReadable
    }
  }

  /// Tells the peer that no more requests come, where the protocol has a way to.
  func sayGoodbye() {
    switch transport {
    case .tls(let connection): connection.sendCloseNotify()
    case .plain: break
    }
  }
}
