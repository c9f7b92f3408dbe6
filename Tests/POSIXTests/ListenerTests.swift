// Listening: where, with which rights, and who gets a connection.

import Glibc
import POSIX
import Synchronization
import SystemPackage
import TestSupport
import Testing

private let patience: Duration = .seconds(60)

private func open(
  _ path: String, mode: UInt32 = 0o660, group: String? = nil
) throws(ListenError) -> Listener {
  try Listener.open(.unix(path: path, mode: mode, group: group))
}

/// Accepts one connection and reads it to its end.
private func acceptAndRead(_ listener: consuming Listener) throws -> [UInt8]? {
  let connections = try ConnectionSet(listener: listener, timeout: patience)
  guard let connection = try connections.next() else { return nil }
  return try connection.readToEnd()
}

/// The process's umask as the kernel tells it, since umask(2) can only be read by changing it.
private func umaskLine() throws -> Substring? {
  let file = OwnedDescriptor(
    owning: try retrying { unsafe Glibc.open("/proc/self/status", O_RDONLY | O_CLOEXEC) })
  let text = String(decoding: try file.readToEnd(), as: UTF8.self)
  return text.split(separator: "\n").first { $0.hasPrefix("Umask:") }
}

/// Serialized, so that nothing else opens a listener while the umask is looked at.
@Suite(.serialized) struct `Unix listeners` {
  @Test(arguments: [0o600, 0o660, 0o666, 0o777, 0o000] as [UInt32])
  func `the socket's file has the mode that was asked for, whatever the umask`(
    mode: UInt32
  ) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let listener = try open(path, mode: mode)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFSOCK)
    #expect(status.st_mode & 0o7777 == mode)
    _ = consume listener
  }

  @Test func `the umask is as before`() throws {
    let directory = try TemporaryDirectory()
    let before = try umaskLine()
    _ = try open(directory.path(of: "socket"))
    #expect(throws: ListenError.unknownGroup("no-such-group-here")) {
      _ = try open(directory.path(of: "other"), group: "no-such-group-here")
    }
    #expect(try umaskLine() == before)
  }

  @Test func `the socket's file has the group that was asked for`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    // Root may give it to any group, others to one of theirs.
    let entry = geteuid() == 0 ? unsafe getgrnam("daemon") : unsafe getgrgid(getegid())
    let group = unsafe try #require(entry)
    let id = unsafe group.pointee.gr_gid
    let listener = try unsafe open(path, group: String(cString: group.pointee.gr_name))
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_gid == id)
    #expect(status.st_mode & 0o7777 == 0o660)
    _ = consume listener
  }

  @Test func `an unknown group is refused and leaves no socket behind`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: ListenError.unknownGroup("no-such-group-here")) {
      _ = try open(directory.path(of: "socket"), group: "no-such-group-here")
    }
    #expect(directory.names == ["socket.lock"])
  }

  @Test func `a path that another listener holds is in use, and that one goes on`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let listener = try open(path)
    #expect(throws: ListenError.inUse) { _ = try open(path) }
    #expect(throws: ListenError.inUse) { _ = try open(path, group: "no-such-group-here") }
    let client = try UnixSocket.connected(to: path)
    try client.descriptor.writeAll([5].span)
    try client.descriptor.closeWriting()
    #expect(try acceptAndRead(listener) == [5])
  }

  @Test func `a path that a program without our lock listens on is in use`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let other = try UnixSocket.listening(on: path)
    #expect(throws: ListenError.inUse) { _ = try open(path) }
    let client = try UnixSocket.connected(to: path)
    _ = consume client
    _ = consume other
  }

  @Test func `the file that a dead process left is replaced`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    do { _ = try UnixSocket.listening(on: path) }
    #expect(directory.names == ["socket"])
    let listener = try open(path)
    let client = try UnixSocket.connected(to: path)
    try client.descriptor.writeAll([6].span)
    try client.descriptor.closeWriting()
    #expect(try acceptAndRead(listener) == [6])
  }

  /// What `connect` says besides "refused": of another user's socket, of one behind a security
  /// module, of one that cannot be asked for want of something.
  @Test(arguments: [
    Errno.permissionDenied, .notPermitted, .noBufferSpace, .noMemory, .tooManyOpenFiles, .ioError,
  ])
  func `a socket that cannot be asked stays, and whoever listens goes on`(error: Errno) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let other = try UnixSocket.listening(on: path)
    for calls in 0..<4 {
      let injection = FaultInjection(error, afterCalls: calls)
      FaultInjection.$current.withValue(injection) {
        #expect(throws: ListenError.self) { _ = try open(path) }
      }
      #expect(injection.isSpent)
    }
    let injection = FaultInjection(error, afterCalls: 3)
    FaultInjection.$current.withValue(injection) {
      #expect(throws: ListenError.unknown(error)) { _ = try open(path) }
    }
    let client = try UnixSocket.connected(to: path)
    _ = consume client
    _ = consume other
  }

  @Test(arguments: [SOCK_DGRAM, SOCK_SEQPACKET])
  func `a socket of another type stays`(type: __socket_type) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let other = try UnixSocket.bound(to: path, type: type)
    #expect(throws: ListenError.inUse) { _ = try open(path) }
    #expect(directory.names == ["socket", "socket.lock"])
    _ = consume other
  }

  @Test func `a socket that has taken our file's place stays`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    do {
      let listener = try open(path)
      unsafe unlink(path)
      let other = try UnixSocket.listening(on: path)
      _ = consume listener
      _ = consume other
    }
    #expect(directory.names == ["socket", "socket.lock"])
  }

  @Test func `closing a listener removes the socket and frees the path`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    do { _ = try open(path) }
    #expect(directory.names == ["socket.lock"])
    _ = try open(path)
  }

  @Test(arguments: ["", "a\u{0}b", "/tmp/" + String(repeating: "a", count: 103)])
  func `a path that no socket can have is refused`(path: String) {
    #expect(throws: ListenError.badPath) { _ = try open(path) }
  }

  @Test func `a path of 107 bytes is taken`() throws {
    let directory = try TemporaryDirectory()
    let room = 107 - directory.path.utf8.count - 1
    do { _ = try open(directory.path(of: String(repeating: "a", count: room))) }
    #expect(throws: ListenError.badPath) {
      _ = try open(directory.path(of: String(repeating: "a", count: room + 1)))
    }
  }

  @Test func `a directory that is missing is named as such`() {
    #expect(throws: ListenError.failed(.noSuchFileOrDirectory)) {
      _ = try open("/tmp/no-such-directory-here/socket")
    }
  }
}

@Suite struct `TCP listeners` {
  @Test(arguments: [
    "0.0.0.0", "::", "8.8.8.8", "", "128.0.0.1", "126.255.255.255", "127.0.0.1.example", "127.1",
    "localhost.example", "LOCALHOST ", "::ffff:127.0.0.1", "[::1]", "fe80::1", "*",
  ])
  func `a host other than loopback is refused`(host: String) {
    #expect(throws: ListenError.notLoopback) {
      _ = try Listener.open(.tcp(host: host, port: 0, beyondLoopback: false))
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `a loopback port takes connections`(host: String) throws {
    let kept = try LoopbackSocket(listens: false)
    let listener = try Listener.open(.tcp(host: host, port: kept.port, beyondLoopback: false))
    let client = try connect(to: "127.0.0.1", port: kept.port, until: .after(patience))
    try client.writeAll([8].span)
    try client.closeWriting()
    #expect(try acceptAndRead(listener) == [8])
  }

  @Test(arguments: ["127.255.255.254", "::1"])
  func `other numbers of this machine are loopback too`(host: String) throws {
    _ = try Listener.open(.tcp(host: host, port: 0, beyondLoopback: false))
  }

  @Test(arguments: ["0.0.0.0", "::", "127.0.0.1", "::1"])
  func `any host is listened on where that is said`(host: String) throws {
    _ = try Listener.open(.tcp(host: host, port: 0, beyondLoopback: true))
  }

  @Test(arguments: ["localhost.example", "", "*", "[::1]", "127.1"])
  func `a host without numbers is none, whatever is said`(host: String) {
    #expect(throws: ListenError.notNumeric) {
      _ = try Listener.open(.tcp(host: host, port: 0, beyondLoopback: true))
    }
  }

  @Test func `a port that is taken says so`() throws {
    let taken = try LoopbackSocket(listens: true)
    #expect(throws: ListenError.failed(.addressInUse)) {
      _ = try Listener.open(.tcp(host: "127.0.0.1", port: taken.port, beyondLoopback: false))
    }
  }
}

@Suite struct `Inherited sockets` {
  @Test func `an inherited socket is listened on, non-blocking and not passed on`() throws {
    let socket = try LoopbackSocket(listens: true)
    let port = socket.port
    let number = socket.release()
    #expect(Listener.isListening(number))
    _ = fcntl(number, F_SETFD, 0)
    let listener = try Listener.inherited(number)
    #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    try client.writeAll([9].span)
    try client.closeWriting()
    #expect(try acceptAndRead(listener) == [9])
  }

  @Test func `what does not listen is told apart`() throws {
    let pair = try SocketPair()
    let bound = try LoopbackSocket(listens: false)
    #expect(!Listener.isListening(pair.near.number))
    #expect(!Listener.isListening(bound.descriptor.number))
    let file = try OwnedDescriptor.temporaryFile(in: "/tmp")
    #expect(!Listener.isListening(file.number))
    #expect(!Listener.isListening(-1))
  }

  @Test func `a number that is not open is refused`() {
    #expect(throws: Errno.badFileDescriptor) { _ = try Listener.inherited(19_999) }
  }
}
