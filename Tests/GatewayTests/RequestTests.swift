// Reading a request: its parameters and its body, however they are cut.

import Gateway
import POSIX
import TestSupport
import Testing

/// What the library adds in front of the parameters.
private let role = Parameter("FCGI_ROLE", "RESPONDER")

private func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}

@Suite struct `Reading parameters` {
  @Test(arguments: [
    [Parameter("A", "1"), Parameter("B", "2")],
    [Parameter("REMOTE_USER", "alice"), Parameter("REMOTE_USER", "victim")],
    [Parameter("EMPTY", ""), Parameter("AFTER", "x")],
    [Parameter("EQUALS", "a=b=c")],
    [Parameter("UTF8", "søren 🎤")],
    [],
  ])
  func `parameters come in their order, repeated names and all`(parameters: [Parameter]) throws {
    #expect(try read(parameters) == [role] + parameters)
  }

  @Test(arguments: [126, 127, 128, 255, 256, 8_191, 8_192, 8_193, 60_000])
  func `long values and long names are whole`(count: Int) throws {
    let long = String(repeating: "x", count: count - 1) + "y"
    let parameters = [Parameter("VALUE", long), Parameter(long, "value"), Parameter("Z", "z")]
    #expect(try read(parameters) == [role] + parameters)
  }

  @Test(arguments: [1, 2, 7, 8, 9, 127], [0, 1, 255])
  func `records may cut parameters anywhere`(size: Int, padding: Int) throws {
    let parameters = [
      Parameter("HTTP_HOST", String(repeating: "h", count: 200)), Parameter("B", ""),
    ]
    let records = stream(.params, encode(parameters), size: size, padding: padding)
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(beginRecord() + records + stream(.stdin, []))
    try connection.begin(on: server)
    #expect(connection.parameters == [role] + parameters)
    connection.finish()
  }

  private func read(_ parameters: [Parameter]) throws -> [Parameter] {
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(
      beginRecord() + stream(.params, encode(parameters)) + stream(.stdin, []))
    try connection.begin(on: server)
    defer { connection.finish() }
    return connection.parameters
  }
}

@Suite struct `Reading a body` {
  @Test(arguments: [0, 1, 8_191, 8_192, 8_193, 65_535, 65_536, 300_000])
  func `a body comes whole`(count: Int) throws {
    let bytes = pattern(count)
    #expect(try read(stream(.stdin, bytes)) == bytes)
  }

  @Test(arguments: [1, 7, 8, 9, 100, 8_184, 8_192, 32_768], [0, 1, 7, 255])
  func `ragged records with padding carry the same body`(size: Int, padding: Int) throws {
    let bytes = pattern(size * 3 + 5)
    #expect(try read(stream(.stdin, bytes, size: size, padding: padding)) == bytes)
  }

  @Test func `every split of a request reads the same`() throws {
    let bytes = pattern(40)
    let whole =
      beginRecord() + stream(.params, encode([Parameter("A", "1")]), padding: 3)
      + stream(.stdin, bytes, size: 16, padding: 5)
    for position in 1..<whole.count {
      let pieces = [Array(whole[..<position]), Array(whole[position...])]
      #expect(try readPackets(pieces) == bytes, "split at \(position)")
    }
    #expect(try readPackets(whole.map { [$0] }) == bytes)
  }

  @Test func `nothing is lent after the end`() throws {
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(request(body: [1, 2, 3]))
    try connection.begin(on: server)
    #expect(try connection.body() == [1, 2, 3])
    #expect(try connection.receiveBody() == false)
    connection.finish()
  }

  /// Sends the head and then `body`, on a thread, since it may be more than the socket holds.
  private func read(_ body: [UInt8]) throws -> [UInt8] {
    var connection = try makeConnection()
    let server = try WebServer()
    let head = beginRecord() + stream(.params, encode([Parameter("A", "1")]))
    var received: [UInt8] = []
    try withThread {
      // What is not sent is missing in what is received.
      try? server.send([head, body])
      server.drain()
    } whileRunning: {
      try connection.begin(on: server)
      received = try connection.body()
      connection.finish()
    }
    return received
  }

  private func readPackets(_ pieces: [[UInt8]]) throws -> [UInt8] {
    var connection = try makeConnection()
    let server = try WebServer(.packets)
    try server.send(pieces)
    try connection.begin(on: server)
    defer { connection.finish() }
    return try connection.body()
  }
}

@Suite struct `Requests that end early` {
  private static let head = beginRecord() + stream(.params, encode([Parameter("A", "1")]))

  @Test func `a body that is cut off is no end`() throws {
    let whole = stream(.stdin, [1, 2, 3], padding: 2)
    for count in 0..<whole.count { try expectTruncation(Self.head + whole[..<count]) }
  }

  @Test func `an aborted request's body is no end`() throws {
    try expectTruncation(
      Self.head + record(.stdin, [1, 2, 3]) + record(.abortRequest) + stream(.stdin, [4]))
  }

  @Test func `a request that is cut off before its body never begins`() throws {
    let whole = beginRecord() + record(.params, encode([Parameter("A", "1"), Parameter("B", "2")]))
    for count in 0...whole.count {
      var connection = try makeConnection()
      let server = try WebServer()
      try server.send(Array(whole[..<count]))
      expectNoRequest(on: server, &connection, "cut at \(count)")
    }
  }

  @Test func `a peer that sends nothing is given up`() throws {
    var connection = try makeConnection()
    let server = try WebServer()
    try limitWaiting(of: server)
    try withThread {
      server.drain()
    } whileRunning: {
      expectNoRequest(on: server, &connection, "silent")
    }
  }

  @Test func `a peer that stops in mid-body is given up`() throws {
    var connection = try makeConnection()
    let server = try WebServer()
    try limitWaiting(of: server)
    try server.send(Self.head + record(.stdin, [1, 2, 3]), thenCloses: false)
    try withThread {
      server.drain()
    } whileRunning: {
      try connection.begin(on: server)
      #expect(throws: FastCGIError.timedOut) { _ = try connection.body() }
      connection.finish()
    }
  }

  /// The limit that the listener sets on what it accepts, only shorter.
  private func limitWaiting(of server: borrowing WebServer) throws {
    let borrowed = OwnedDescriptor(owning: server.responderEnd)
    let result = Result { try borrowed.limitWaiting(to: .milliseconds(100)) }
    _ = borrowed.release()
    try result.get()
  }

  private func expectTruncation(_ bytes: [UInt8]) throws {
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(bytes)
    try connection.begin(on: server)
    #expect(throws: FastCGIError.bodyTruncated) { _ = try connection.body() }
    connection.finish()
  }

  private func expectNoRequest(
    on server: borrowing WebServer, _ connection: inout FastCGIConnection, _ comment: Comment
  ) {
    do {
      try connection.begin(on: server)
      Issue.record("a request began: \(comment)")
    } catch {
      #expect(error == .incompleteRequest, comment)
    }
  }
}
