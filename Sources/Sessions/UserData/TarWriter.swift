// A tar archive that is written as it comes.

internal import POSIX
internal import SystemPackage

/// Writes an archive to a file or a pipe, never going back.
struct TarWriter: ~Copyable {
  private let output: OwnedDescriptor
  /// Of every file in it, in seconds since 1970.
  private let modifiedAt: Int
  /// What is still to come of the file that was begun, and the bytes that fill its last block.
  private var left = 0
  private var padding = 0

  init(to output: consuming OwnedDescriptor, modifiedAt: Int) {
    self.output = output
    self.modifiedAt = modifiedAt
  }

  /// Adds a file that is there as a whole.
  mutating func add(_ path: String, _ content: Span<UInt8>) throws(Errno) {
    try begin(path, byteCount: content.count)
    try append(content)
  }

  /// Begins a file, of which so many bytes follow.
  mutating func begin(_ path: String, byteCount: Int) throws(Errno) {
    precondition(left == 0, "a file that is not written whole")
    let header = TarHeader.file(path, byteCount: byteCount, modifiedAt: modifiedAt)
    try output.writeAll(header.span)
    left = byteCount
    padding = TarHeader.paddingBytes(after: byteCount)
  }

  mutating func append(_ bytes: Span<UInt8>) throws(Errno) {
    precondition(bytes.count <= left, "more than was announced")
    if bytes.isEmpty { return }
    try output.writeAll(bytes)
    left -= bytes.count
    if left == 0 { try fill(padding) }
  }

  /// Ends the archive; one that was cut off lacks this end.
  consuming func finish() throws(Errno) {
    precondition(left == 0, "a file that is not written whole")
    try fill(2 * TarHeader.blockBytes)
  }

  private func fill(_ count: Int) throws(Errno) {
    try output.writeAll([UInt8](repeating: 0, count: count).span)
  }
}
