// Bytes that are wiped when nobody needs them any more.

internal import COpenSSL
internal import Synchronization

/// A secret kept in memory once, however many owners it has, and overwritten after the last one.
package final class SecretBytes: Sendable {
  private let bytes: Mutex<[UInt8]>

  /// Copies `bytes`; wiping the source is the caller's.
  package init(copying bytes: Span<UInt8>) {
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in bytes.indices { copy.append(bytes[index]) }
    self.bytes = Mutex(copy)
  }

  deinit {
    bytes.withLock { wipe(&$0) }
  }

  /// Lends the secret to `body`, one caller at a time.
  package func withBytes<Result: Sendable>(_ body: (Span<UInt8>) -> Result) -> Result {
    bytes.withLock { body($0.span) }
  }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
  package var description: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Overwrites `bytes` with zeros; the array must not share its storage with another.
///
/// A plain loop before a deallocation is removed by optimisers.
/// The corresponding C function is `OPENSSL_cleanse`.
package func wipe(_ bytes: inout [UInt8]) {
  unsafe bytes.withUnsafeMutableBytes { bytes in
    unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
  }
}
