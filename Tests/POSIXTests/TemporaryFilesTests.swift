// Nameless files that are lent to one user after the other.

import Glibc
import POSIX
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct `Lent temporary files` {
  private func content(of file: borrowing TemporaryFile) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = try unsafe buffer.withUnsafeMutableBytes {
      try unsafe file.descriptor.read(at: 0, into: $0)
    }
    return Array(buffer[..<count])
  }

  private func status(of number: CInt) throws -> stat {
    var status = stat()
    _ = try retrying { unsafe fstat(number, &status) }
    return status
  }

  @Test func `hold what is appended, and say how much that is`() throws {
    var file = try TemporaryFiles(in: "/tmp").lend()
    for bytes: [UInt8] in [[1, 2, 3], [], [4]] { try file.append(bytes.span) }
    #expect(file.byteCount == 4)
    #expect(try content(of: file) == [1, 2, 3, 4])
  }

  @Test func `are lent again, and nothing is left of what was in them`() throws {
    let files = TemporaryFiles(in: "/tmp")
    var inodes: Set<ino_t> = []
    for length in [70_000, 3, 0, 5] {
      var file = try files.lend()
      #expect(file.byteCount == 0)
      #expect(try status(of: file.descriptor.number).st_blocks == 0)
      #expect(try content(of: file).isEmpty)
      try file.append([UInt8](repeating: 7, count: length).span)
      // A user may have moved its position.
      try file.descriptor.writeAll([8].span)
      inodes.insert(try status(of: file.descriptor.number).st_ino)
    }
    #expect(inodes.count == 1)
  }

  @Test func `give their room back while nobody has them`() throws {
    let files = TemporaryFiles(in: "/tmp")
    let number: CInt
    do {
      var file = try files.lend()
      try file.append([UInt8](repeating: 7, count: 1 << 20).span)
      number = file.descriptor.number
    }
    #expect(try status(of: number).st_size == 0)
    #expect(try status(of: number).st_blocks == 0)
  }

  @Test func `are as many as are lent at once, and nobody shares one`() throws {
    let files = TemporaryFiles(in: "/tmp")
    let mixed = Atomic(0)
    var threads = try ThreadGroup()
    for number in 0..<8 {
      try threads.start(name: "writes") {
        let mine = [UInt8](repeating: UInt8(number), count: 50)
        for _ in 0..<200 {
          guard var file = try? files.lend(), (try? file.append(mine.span)) != nil,
            let found = try? content(of: file), found == mine
          else {
            mixed.wrappingAdd(1, ordering: .relaxed)
            continue
          }
        }
      }
    }
    threads.join()
    #expect(mixed.load(ordering: .relaxed) == 0)
  }

  // The tests below keep a descriptor of the file, so that no other file can have its inode.

  @Test func `are not lent again where they could not be written`() throws {
    let files = TemporaryFiles(in: "/tmp")
    let lent = try files.lend()
    let kept = try lent.descriptor.duplicate()
    var file: TemporaryFile? = consume lent
    let error = #expect(throws: Errno.self) {
      try FaultInjection.$current.withValue(FaultInjection(.ioError)) {
        try file?.append([1].span)
      }
    }
    #expect(error == .ioError)
    file = nil
    let next = try files.lend()
    #expect(
      try status(of: next.descriptor.number).st_ino != status(of: kept.number).st_ino)
  }

  @Test func `are closed where they cannot be emptied`() throws {
    let files = TemporaryFiles(in: "/tmp")
    var lent = try files.lend()
    try lent.append([1].span)
    let kept = try lent.descriptor.duplicate()
    var file: TemporaryFile? = consume lent
    FaultInjection.$current.withValue(FaultInjection(.ioError)) { _ = file.take() }
    let next = try files.lend()
    #expect(try content(of: next).isEmpty)
    #expect(
      try status(of: next.descriptor.number).st_ino != status(of: kept.number).st_ino)
  }

  @Test func `are closed with those who lend them`() throws {
    var files: TemporaryFiles? = TemporaryFiles(in: "/tmp")
    let lent = try #require(files).lend()
    let number = lent.descriptor.number
    let kept = try lent.descriptor.duplicate()
    let inode = try status(of: kept.number).st_ino
    _ = consume lent
    #expect(try status(of: number).st_ino == inode)
    files = nil
    #expect((try? status(of: number).st_ino) != inode)
  }

  @Test func `are told missing with their directory`() {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try TemporaryFiles(in: "/tmp/no-such-directory-here").lend()
    }
  }
}
