// A file descriptor with exactly one owner, and the calls made on it.

internal import Glibc
package import SystemPackage

/// Owns an open file descriptor and closes it when its life ends.
///
/// Every descriptor is opened close-on-exec. Calls that a signal interrupts are repeated.
package struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, for calls that borrow it. It is valid as long as this owner lives.
  package let number: CInt

  /// Takes over `number`, which nobody else may close from now on.
  package init(owning number: CInt) {
    precondition(number >= 0, "a descriptor that was never opened")
    self.number = number
  }

  deinit {
    // The kernel frees the number whatever close(2) returns; repeating it could close another's.
    _ = Glibc.close(number)
  }

  /// Gives the descriptor away to a caller that closes it by other means.
  package consuming func release() -> CInt {
    let number = number
    discard self
    return number
  }

  /// Reads at most `buffer.count` bytes at the current position; 0 at the end.
  /// The corresponding C function is `read`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try retrying { unsafe Glibc.read(number, buffer.baseAddress, buffer.count) }
  }

  /// Reads at most `buffer.count` bytes at `offset`; 0 at the end.
  /// The corresponding C function is `pread`.
  package func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try retrying { unsafe pread(number, buffer.baseAddress, buffer.count, off_t(offset)) }
  }

  /// Writes all of `bytes` at the current position. The corresponding C function is `write`.
  package func writeAll(_ bytes: Span<UInt8>) throws(Errno) {
    try unsafe writeAll(bytes) { (rest, _) in
      unsafe Glibc.write(number, rest.baseAddress, rest.count)
    }
  }

  /// Writes all of `bytes` at `offset`. The corresponding C function is `pwrite`.
  package func writeAll(_ bytes: Span<UInt8>, at offset: Int) throws(Errno) {
    try unsafe writeAll(bytes) { (rest, written) in
      unsafe pwrite(number, rest.baseAddress, rest.count, off_t(offset + written))
    }
  }

  /// Has `write` called with what is left, and with how much is written, until nothing is left.
  @inline(__always)
  private func writeAll(
    _ bytes: Span<UInt8>, by write: (UnsafeRawBufferPointer, Int) -> Int
  ) throws(Errno) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      written += try unsafe rest.withUnsafeBytes { (rest) throws(Errno) in
        try retrying { unsafe write(rest, written) }
      }
    }
  }

  /// Sends what a socket takes of `bytes` without waiting, which may be nothing; returns how many
  /// that were. The corresponding C function is `send` with `MSG_DONTWAIT`.
  package func sendAtOnce(_ bytes: Span<UInt8>) throws(Errno) -> Int {
    do throws(Errno) {
      return try unsafe bytes.withUnsafeBytes { (buffer) throws(Errno) in
        let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
        return try retrying { unsafe Glibc.send(number, buffer.baseAddress, buffer.count, flags) }
      }
    } catch .wouldBlock { return 0 }
  }
}
