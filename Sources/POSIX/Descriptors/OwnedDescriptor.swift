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
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      written += try unsafe rest.withUnsafeBytes { (buffer) throws(Errno) in
        try retrying { unsafe Glibc.write(number, buffer.baseAddress, buffer.count) }
      }
    }
  }
}
