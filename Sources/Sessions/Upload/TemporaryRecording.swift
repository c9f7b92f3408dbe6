// A recording on its way: written to a nameless file and hashed as it comes.

package import OpenSSL
package import POSIX
internal import SystemPackage

/// Takes a recording piece by piece. Memory stays the same whatever its size.
///
/// What comes, less than 8 KiB at a time, is written in larger pieces, which begin and end with a
/// page: the kernel then spends half the time on it.
struct TemporaryRecordingWriter: ~Copyable {
  static let pieceBytes = 64 << 10

  private var file: TemporaryFile
  private var hash = SHA256()
  /// What is not written yet, less than a piece.
  private var pending: [UInt8] = []

  init(in files: TemporaryFiles) throws(Errno) {
    file = try files.lend()
    pending.reserveCapacity(TemporaryRecordingWriter.pieceBytes)
  }

  /// Takes `bytes`; what fails may be the writing of earlier ones.
  mutating func append(_ bytes: Span<UInt8>) throws(Errno) {
    var taken = 0
    while taken < bytes.count {
      let room = TemporaryRecordingWriter.pieceBytes - pending.count
      let part = bytes.extracting(taken..<min(taken + room, bytes.count))
      unsafe part.withUnsafeBytes { unsafe pending.append(contentsOf: $0) }
      taken += part.count
      if part.count == room { try flush() }
    }
  }

  /// What came so far, written or not.
  var byteCount: Int { file.byteCount + pending.count }

  /// Writes and hashes what is left, before `finish`.
  mutating func flush() throws(Errno) {
    try unsafe pending.withUnsafeBufferPointer { (bytes) throws(Errno) in
      try unsafe file.append(bytes.span)
      unsafe hash.update(bytes.span)
    }
    pending.removeAll(keepingCapacity: true)
  }

  consuming func finish() -> TemporaryRecording {
    precondition(pending.isEmpty, "a recording that is not written whole")
    return TemporaryRecording(file: file, sha256: hash.finalize())
  }
}

/// A complete recording in a nameless file.
package struct TemporaryRecording: ~Copyable {
  package let file: TemporaryFile
  package let sha256: SHA256Digest

  package var byteCount: Int { file.byteCount }
}
