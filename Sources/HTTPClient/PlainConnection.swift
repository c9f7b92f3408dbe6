// A connection without TLS, for a peer on this machine.

internal import Glibc
internal import OpenSSL
internal import POSIX
internal import SystemPackage

/// Owns a connected, non-blocking socket. Its failures are told as those of `TLSConnection`, and no
/// call blocks past its deadline or raises SIGPIPE.
struct PlainConnection: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  init(over descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

  /// Reads what has come, waiting for the first of it; 0 when the peer has closed.
  func read(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> Int {
    try ready(.readable, until: deadline)
    return try unsafe buffer.withUnsafeMutableBytes { (buffer) throws(OpenSSLError) in
      do throws(Errno) {
        return try unsafe descriptor.read(into: buffer)
      } catch {
        throw .system(error)
      }
    }
  }

  /// Writes all of `bytes`.
  func write(
    _ bytes: Span<UInt8>, until deadline: Deadline
  ) throws(OpenSSLError) -> TLSConnection.WriteResult {
    var written = 0
    while written < bytes.count {
      try ready(.writable, until: deadline)
      let rest = bytes.extracting(written...)
      written += try unsafe rest.withUnsafeBytes { (rest) throws(OpenSSLError) in
        do throws(Errno) {
          return try retrying {
            unsafe send(descriptor.number, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
          }
        } catch {
          throw .system(error)
        }
      }
    }
    return .written
  }

  var isReadable: Bool {
    // A descriptor that cannot even be polled is as good as closed.
    (try? wait(for: .readable, on: descriptor.number, until: .after(.zero))) ?? true
  }

  private func ready(_ readiness: Readiness, until deadline: Deadline) throws(OpenSSLError) {
    do throws(Errno) {
      if try wait(for: readiness, on: descriptor.number, until: deadline) { return }
    } catch {
      throw .system(error)
    }
    throw .timedOut
  }
}
