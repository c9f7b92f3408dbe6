// A connection that the web server asks to keep: for the next request, or closed.

import Gateway
import POSIX
import TestSupport
import Testing

/// Serialized: its tests watch descriptors by number.
@Suite(.serialized) struct `Kept connections` {
  @Test(arguments: [0, 1, 8_184, 8_192, 100_000])
  func `read to the clean end of its body, one takes request after request`(count: Int) throws {
    var exchange = try makeExchange()
    let server = try WebServer()
    var socket = server.responderEnd
    for round in 0..<5 {
      let body = [UInt8](repeating: UInt8(round), count: count)
      let sent = request(announcing(count), body: body, keepsConnection: true)
      var received: [UInt8] = []
      try withThread {
        // What is not sent is missing in what is received.
        try? server.send(sent, thenCloses: false)
      } whileRunning: {
        try exchange.begin(on: OwnedDescriptor(owning: socket))
        while try exchange.receiveBody() {
          exchange.withBody { piece in for index in piece.indices { received.append(piece[index]) }
          }
        }
        try exchange.write([1].span)
      }
      #expect(received == body)
      guard let kept = exchange.finish() else {
        Issue.record("closed")
        return
      }
      socket = kept.release()
    }
  }

  @Test(arguments: [0, 1, 8_192, 1_000_000])
  func `what is left of a body of ordinary size is read`(count: Int) throws {
    var exchange = try makeExchange()
    let server = try WebServer()
    let body = [UInt8](repeating: 1, count: count)
    let sent = request(announcing(count), body: body, keepsConnection: true)
    var isKept = false
    try withThread {
      try? server.send(sent, thenCloses: false)
    } whileRunning: {
      try exchange.begin(on: OwnedDescriptor(owning: server.responderEnd))
      try exchange.write([1].span)
      isKept = exchange.finish() != nil
    }
    #expect(isKept)
  }

  struct Case: CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
    }
  }

  @Test(arguments: [
    Case("nobody asked", request(announcing(3), body: [1, 2, 3])),
    Case("more is left than is read", head(announcing(50_000_000)) + record(.stdin, [1])),
    Case("the rest never comes", head(announcing(100)) + record(.stdin, [1])),
    Case(
      "how much is left is unknown",
      head([Parameter("HTTP_TRANSFER_ENCODING", "chunked")]) + record(.stdin, [1])),
    Case("the end does not come", head(announcing(1)) + record(.stdin, [1])),
    Case(
      "the next request was not waited with",
      request(announcing(1), body: [1], keepsConnection: true) + request(keepsConnection: true)),
    Case(
      "a byte of the next request is there",
      request(announcing(1), body: [1], keepsConnection: true) + [1]),
  ])
  func `otherwise it is closed`(given: Case) throws {
    var exchange = try makeExchange()
    let server = try WebServer(numberedFrom: 900)
    try server.send(given.bytes, thenCloses: false)
    try exchange.begin(on: OwnedDescriptor(owning: server.responderEnd))
    try exchange.write([1].span)
    try withThread {
      server.drain()
    } whileRunning: {
      let isKept = exchange.finish() != nil
      #expect(!isKept)
    }
    #expect(!isOpen(server.responderEnd))
  }

  @Test func `a peer that has gone is not kept`() throws {
    var exchange = try makeExchange()
    do {
      let server = try WebServer(numberedFrom: 950)
      try server.send(request(keepsConnection: true))
      try exchange.begin(on: OwnedDescriptor(owning: server.responderEnd))
    }
    let bytes = [UInt8](repeating: 0, count: 100_000)
    #expect(throws: ExchangeError.connectionLost) { try exchange.write(bytes.span) }
    let isKept = exchange.finish() != nil
    #expect(!isKept)
  }

  private func makeExchange() throws -> FastCGIExchange {
    try #require(Library.isReady)
    return FastCGIExchange()
  }
}

private func announcing(_ count: Int) -> [Parameter] {
  [Parameter("CONTENT_LENGTH", "\(count)")]
}

private func head(_ parameters: [Parameter]) -> [UInt8] {
  beginRecord(keepsConnection: true) + stream(.params, encode(parameters))
}
