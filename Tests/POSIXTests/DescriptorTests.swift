// Descriptors, files without a name, and what is retried.

import Glibc
import POSIX
import SystemPackage
import TestSupport
import Testing

@Suite struct `Owned descriptors` {
  @Test func `a descriptor is closed when its owner's life ends, and only then`() throws {
    let pair = try SocketPair()
    let number: CInt
    do {
      let owner = try pair.near.duplicate(notBelow: 900)
      number = owner.number
      #expect(isOpen(number))
    }
    #expect(!isOpen(number))
  }

  @Test func `a released descriptor stays open`() throws {
    let pair = try SocketPair()
    let number = try pair.near.duplicate(notBelow: 930).release()
    #expect(isOpen(number))
    close(number)
  }

  @Test func `writing all writes more than the socket takes at once`() throws {
    let pair = try SocketPair()
    let bytes = [UInt8](repeating: 1, count: 1_000_000) + [UInt8](repeating: 2, count: 2_000_000)
    try withThread {
      // The reader sees what is missing.
      try? pair.near.writeAll(bytes.span)
      try? pair.near.closeWriting()
    } whileRunning: {
      let received = try pair.far.readToEnd()
      #expect(received == bytes)
    }
  }

  @Test func `writing to a full disk is an error`() throws {
    let file = OwnedDescriptor(
      owning: try retrying { unsafe open("/dev/full", O_WRONLY | O_CLOEXEC) })
    #expect(throws: Errno.noSpace) { try file.writeAll([1, 2, 3].span) }
  }

  @Test func `reading at an offset does not move the position`() throws {
    let file = try OwnedDescriptor.temporaryFile(in: "/tmp")
    try file.writeAll(Array("0123456789".utf8).span)
    #expect(try read(file, at: 8) == Array("89".utf8))
    try file.writeAll(Array("x".utf8).span)
    #expect(try read(file, at: 7) == Array("789x".utf8))
    #expect(try read(file, at: 11).isEmpty)
  }

  private func read(_ file: borrowing OwnedDescriptor, at offset: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4)
    var room = buffer.mutableSpan
    let count = try unsafe room.withUnsafeMutableBytes { (room) throws(Errno) in
      try unsafe file.read(at: offset, into: room)
    }
    return Array(buffer[..<count])
  }

  @Test func `interrupted calls are repeated, others are not`() {
    var calls = 0
    #expect(throws: Errno.brokenPipe) {
      try retrying { () -> CInt in
        calls += 1
        errno = calls < 4 ? EINTR : EPIPE
        return -1
      }
    }
    #expect(calls == 4)
  }

  @Test func `other negative results are results`() throws {
    #expect(try retrying { CInt(-2) } == -2)
  }
}

@Suite struct `Temporary files` {
  @Test func `a temporary file has no name and keeps what is written`() throws {
    let directory = try TemporaryDirectory()
    let file = try OwnedDescriptor.temporaryFile(in: directory.path)
    try file.writeAll([1, 2, 3].span)
    #expect(directory.names.isEmpty)
    var status = stat()
    #expect(unsafe fstat(file.number, &status) == 0)
    #expect(status.st_nlink == 0)
    #expect(status.st_size == 3)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test func `a missing directory is named as such`() {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try OwnedDescriptor.temporaryFile(in: "/tmp/no-such-directory-here")
    }
  }

  @Test func `a file is no directory`() {
    #expect(throws: Errno.notDirectory) {
      _ = try OwnedDescriptor.temporaryFile(in: "/etc/passwd")
    }
  }

  @Test func `memory-backed directories are told apart`() throws {
    #expect(try isMemoryBacked("/dev/shm"))
    #expect(try !isMemoryBacked("/proc"))
    #expect(throws: Errno.noSuchFileOrDirectory) {
      try isMemoryBacked("/tmp/no-such-directory-here")
    }
  }
}
