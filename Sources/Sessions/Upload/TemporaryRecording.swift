// A recording on its way: written to a nameless file and hashed as it comes.

package import OpenSSL
package import POSIX
internal import SystemPackage

/// Takes a recording piece by piece. Memory stays the same whatever its size.
struct TemporaryRecordingWriter: ~Copyable {
  private let file: OwnedDescriptor
  private var hash = SHA256()
  private(set) var byteCount = 0

  /// Opens the file in `directory`.
  init(in directory: String) throws(Errno) {
    file = try OwnedDescriptor.temporaryFile(in: directory)
  }

  /// Writes and hashes `bytes`.
  mutating func append(_ bytes: Span<UInt8>) throws(Errno) {
    try file.writeAll(bytes)
    hash.update(bytes)
    byteCount += bytes.count
  }

  consuming func finish() -> TemporaryRecording {
    TemporaryRecording(file: file, byteCount: byteCount, sha256: hash.finalize())
  }
}

/// A complete recording in a nameless file.
package struct TemporaryRecording: ~Copyable {
  package let file: OwnedDescriptor
  package let byteCount: Int
  package let sha256: SHA256Digest
}
