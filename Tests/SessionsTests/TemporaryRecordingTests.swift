// A recording's way into its temporary file.

import OpenSSL
import POSIX
import SystemPackage
import Testing

@testable import Sessions

private let piece = TemporaryRecordingWriter.pieceBytes

@Suite struct `A temporary recording` {
  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  }

  private func content(of file: borrowing OwnedDescriptor) throws -> [UInt8] {
    let reader = try unsafe FileDescriptor.open("/proc/self/fd/\(file.number)", .readOnly)
    return try reader.closeAfter {
      var content = [UInt8](repeating: 0, count: 4 * piece)
      let count = try unsafe content.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
      return Array(content[..<count])
    }
  }

  @Test(
    arguments: [0, 1, piece - 1, piece, piece + 1, 2 * piece, 2 * piece + 12_345],
    [1_000, 6_538, 8_192, piece, 3 * piece])
  func `holds what came whatever the pieces`(count: Int, step: Int) throws {
    let bytes = bytes(count)
    var writer = try TemporaryRecordingWriter(in: TemporaryFiles(in: "/tmp"))
    var start = 0
    while start < count {
      let end = min(start + step, count)
      try writer.append(bytes.span.extracting(start..<end))
      start = end
    }
    try writer.flush()
    let recording = writer.finish()
    #expect(recording.byteCount == count)
    #expect(recording.sha256.hex == SHA256.hash(bytes.span).hex)
    #expect(try content(of: recording.file.descriptor) == bytes)
  }

  @Test(arguments: [1, 1_000, 10 * piece])
  func `fails where it cannot be written`(count: Int) throws {
    let bytes = bytes(count)
    var writer = try TemporaryRecordingWriter(in: TemporaryFiles(in: "/tmp"))
    let error = #expect(throws: Errno.self) {
      try FaultInjection.$current.withValue(FaultInjection(.noSpace)) {
        try writer.append(bytes.span)
        try writer.flush()
      }
    }
    #expect(error == .noSpace)
  }
}
