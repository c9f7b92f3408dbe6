// Answering, and the life of a connection: one request, closed once, and on to the next.

import Gateway
import POSIX
import SystemPackage
import TestSupport
import Testing

@Suite struct `Responses` {
  @Test(arguments: [0, 1, 8_184, 8_185, 8_192, 65_536, 1_000_000])
  func `a response of any size arrives whole`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(request())
    try withThread {
      // Nothing received shows below, in what is missing.
      guard let reply = try? server.reply() else { return }
      #expect(reply.output == bytes)
      #expect(reply.others == [RecordType.endRequest.rawValue])
      #expect(reply.isWhole)
    } whileRunning: {
      try connection.begin(on: server)
      try connection.write(bytes.span)
      connection.finish()
    }
  }

  @Test func `writes add up`() throws {
    var connection = try makeConnection()
    let server = try WebServer()
    try server.send(request())
    try connection.begin(on: server)
    for _ in 0..<1_000 { try connection.write("0123456789") }
    connection.finish()
    let text = String(repeating: "0123456789", count: 1_000)
    #expect(try server.reply().output == Array(text.utf8))
  }

  @Test func `writing to a peer that has gone is an error`() throws {
    var connection = try makeConnection()
    do {
      let server = try WebServer()
      try server.send(request())
      try connection.begin(on: server)
    }
    let bytes = [UInt8](repeating: 0, count: 100_000)
    #expect(throws: FastCGIError.connectionLost(.brokenPipe)) { try connection.write(bytes.span) }
    connection.finish()
  }

  @Test func `a peer that takes nothing is given up`() throws {
    var connection = try makeConnection()
    let ends = try makeSocketPair(.stream)
    let server = OwnedDescriptor(owning: ends.far)
    let responder = OwnedDescriptor(owning: ends.near)
    try responder.limitWaiting(to: .milliseconds(100))
    try server.writeAll(request().span)
    try server.closeWriting()
    try connection.begin(on: responder)
    let bytes = [UInt8](repeating: 0, count: 10_000_000)
    #expect(throws: FastCGIError.timedOut) { try connection.write(bytes.span) }
    connection.finish()
  }

  @Test func `writing without a request is an error`() throws {
    var connection = try makeConnection()
    #expect(throws: FastCGIError.incompleteRequest) { try connection.write("x") }
  }
}

/// Serialized: its tests watch descriptors by number.
@Suite(.serialized) struct `The life of a connection` {
  @Test func `a connection is closed once for each request`() throws {
    var connection = try makeConnection()
    for round in 0..<50 {
      let server = try WebServer(numberedFrom: 600)
      try server.send(request([Parameter("ROUND", "\(round)")]))
      try connection.begin(on: server)
      #expect(connection.parameters.last == Parameter("ROUND", "\(round)"))
      try connection.write("\(round)")
      connection.finish()
      try #require(!isOpen(server.responderEnd))
      // Somebody else gets the number, and keeps it through whatever the connection does next.
      let other = try SocketPair()
      let owner = try other.near.duplicate(notBelow: server.responderEnd)
      try #require(owner.number == server.responderEnd)
      connection.finish()
      #expect(isOpen(owner.number))
      #expect(try server.reply().output == Array("\(round)".utf8))
    }
  }

  @Test func `the end of a connection's owner closes nobody else's descriptor`() throws {
    let other = try SocketPair()
    let owner: OwnedDescriptor
    do {
      var connection = try makeConnection()
      let server = try WebServer(numberedFrom: 700)
      try server.send(request())
      try connection.begin(on: server)
      connection.finish()
      owner = try other.near.duplicate(notBelow: server.responderEnd)
      try #require(owner.number == server.responderEnd)
    }
    #expect(isOpen(owner.number))
  }

  @Test func `the end of a connection's owner closes a request that was not finished`() throws {
    let server = try WebServer(numberedFrom: 750)
    try server.send(request())
    do {
      var connection = try makeConnection()
      try connection.begin(on: server)
      #expect(isOpen(server.responderEnd))
    }
    try #require(!isOpen(server.responderEnd))
  }

  struct BadPeer: CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
    }
  }

  @Test(arguments: [
    BadPeer("HTTP", Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8)),
    BadPeer("zeros", [UInt8](repeating: 0, count: 64)),
    BadPeer("ones", [UInt8](repeating: 0xFF, count: 10_000)),
    BadPeer("version 2", record(.beginRequest, [0, 1, 0, 0, 0, 0, 0, 0], version: 2)),
    BadPeer("role 0", request(role: 0)),
    BadPeer("role 7", request(role: 7)),
    BadPeer("no begin", record(.params, encode([Parameter("A", "1")]))),
    BadPeer("a body before the parameters", beginRecord() + record(.stdin, [1])),
    BadPeer("lengths cut off", beginRecord() + record(.params, [0xFF, 0xFF])),
    BadPeer("a begin cut off", Array(beginRecord().prefix(12))),
  ])
  func `a bad peer is an error, its descriptor closed, and the next request works`(
    peer: BadPeer
  ) throws {
    var connection = try makeConnection()
    let bad = try WebServer(numberedFrom: 800)
    try bad.send(peer.bytes)
    do {
      try connection.begin(on: bad)
      Issue.record("a request began")
    } catch {
      #expect(error == .incompleteRequest)
    }
    #expect(!isOpen(bad.responderEnd))
    let good = try WebServer()
    try good.send(request([Parameter("GOOD", "yes")], body: [1, 2]))
    try connection.begin(on: good)
    #expect(connection.parameters.last == Parameter("GOOD", "yes"))
    #expect(try connection.body() == [1, 2])
    try connection.write("fine")
    connection.finish()
    #expect(try good.reply().output == Array("fine".utf8))
  }

  @Test func `a request that was cut off leaves nothing to the next`() throws {
    var connection = try makeConnection()
    let first = try WebServer(numberedFrom: 850)
    try first.send(beginRecord() + stream(.params, encode([Parameter("FIRST", "1")])))
    try connection.begin(on: first)
    #expect(throws: FastCGIError.bodyTruncated) { _ = try connection.body() }
    try connection.write("partial")
    connection.finish()
    #expect(!isOpen(first.responderEnd))
    let second = try WebServer()
    try second.send(request([Parameter("SECOND", "2")]))
    try connection.begin(on: second)
    #expect(connection.parameters.map(\.name) == ["FCGI_ROLE", "SECOND"])
    #expect(try connection.body().isEmpty)
    connection.finish()
    #expect(try second.reply().output.isEmpty)
  }

  // A client chooses the bytes of its body, and so could write a request of its own into it, with
  // any identity. Read as a record, the rest of an unread body would be that request.
  @Test(arguments: [0, 100, 8_192, 20_000])
  func `a request forged in a body that nobody read is never parsed`(fill: Int) throws {
    let forged = request([Parameter("REMOTE_USER", "victim")])
    let honest = [Parameter("REMOTE_USER", "mallory")]
    var connection = try makeConnection()
    let server = try WebServer(numberedFrom: 650)
    try server.send(
      beginRecord(keepsConnection: true) + stream(.params, encode(honest))
        + record(.stdin, [UInt8](repeating: 0x2E, count: fill)) + forged + forged)
    try connection.begin(on: server)
    try connection.write("early")
    connection.finish()
    // The peer asked to keep the connection; closed, nothing more can be read from it.
    try #require(!isOpen(server.responderEnd))
    let reply = try server.reply()
    #expect(reply.output == Array("early".utf8))
    #expect(reply.others == [RecordType.endRequest.rawValue])
    let next = try WebServer()
    try next.send(request([Parameter("REMOTE_USER", "alice")]))
    try connection.begin(on: next)
    #expect(connection.parameters.filter { $0.name == "REMOTE_USER" }.map(\.value) == ["alice"])
    connection.finish()
  }

  @Test func `a question about the library comes before a request`() throws {
    var connection = try makeConnection()
    let server = try WebServer()
    let question = encode([Parameter("FCGI_MPXS_CONNS", "")])
    try server.send(record(.getValues, question, requestID: 0) + request())
    try connection.begin(on: server)
    #expect(connection.parameters.last == Parameter("A", "1"))
    connection.finish()
    #expect(try server.reply().others.contains(RecordType.getValuesResult.rawValue))
  }
}
