// Plain CGI: a body that comes by a descriptor, and a response that leaves by one.

import POSIX
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite struct `A CGI exchange` {
  @Test(arguments: [0, 1, 1000, 65_536, 65_537, 300_000])
  func `the body is as long as announced, whatever follows`(count: Int) throws {
    let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let pair = try SocketPair()
    try withThread {
      // The reader sees what is missing.
      try? pair.far.writeAll((sent + [1, 2, 3]).span)
    } whileRunning: {
      var exchange = exchange(pair, contentLength: "\(count)")
      let received = try body(of: &exchange)
      #expect(received == sent)
    }
  }

  @Test(arguments: [nil, "", "x", "-1", "+1"])
  func `without a length there is no body, and nothing is waited for`(length: String?) throws {
    let pair = try SocketPair()
    var exchange = exchange(pair, contentLength: length)
    let isThere = try exchange.receiveBody()
    #expect(!isThere)
  }

  @Test func `a body that ends early is cut off`() throws {
    let pair = try SocketPair()
    try pair.far.writeAll([1, 2].span)
    try pair.far.closeWriting()
    var exchange = exchange(pair, contentLength: "3")
    #expect(throws: ExchangeError.bodyTruncated) { try body(of: &exchange) }
  }

  @Test func `a body that does not come by its deadline is late`() throws {
    let pair = try SocketPair()
    var exchange = exchange(pair, contentLength: "3")
    exchange.limitBody(to: .milliseconds(1))
    #expect(throws: ExchangeError.timedOut) { try exchange.receiveBody() }
  }

  @Test func `the response goes out whole, however little is taken at once`() throws {
    let bytes = [UInt8](repeating: 7, count: 3_000_000)
    let pair = try SocketPair()
    let input = try SocketPair()
    try withThread {
      var exchange = CGIExchange(
        MetaVariables(), input: input.near.number, output: pair.near.number)
      try? exchange.write(bytes.span)
      try? pair.near.closeWriting()
    } whileRunning: {
      let received = try pair.far.readToEnd()
      #expect(received == bytes)
    }
  }

  @Test func `interrupted calls are made again, and failures are told`() throws {
    for (error, calls) in [(Errno.interrupted, 0), (.interrupted, 1)] {
      let pair = try SocketPair()
      try pair.far.writeAll([1, 2, 3].span)
      var exchange = exchange(pair, contentLength: "3")
      try FaultInjection.$current.withValue(FaultInjection(error, afterCalls: calls)) {
        let received = try body(of: &exchange)
        #expect(received == [1, 2, 3])
      }
      try FaultInjection.$current.withValue(FaultInjection(error)) {
        try exchange.write([4].span)
      }
    }
    for calls in 0...1 {
      let pair = try SocketPair()
      try pair.far.writeAll([1, 2, 3].span)
      var exchange = exchange(pair, contentLength: "3")
      FaultInjection.$current.withValue(FaultInjection(.ioError, afterCalls: calls)) {
        #expect(throws: ExchangeError.connectionLost) { try body(of: &exchange) }
      }
      FaultInjection.$current.withValue(FaultInjection(.ioError)) {
        #expect(throws: ExchangeError.connectionLost) { try exchange.write([4].span) }
      }
    }
  }

  private func exchange(_ pair: borrowing SocketPair, contentLength: String?) -> CGIExchange {
    var variables = MetaVariables()
    if let contentLength {
      let (name, value) = (Array("CONTENT_LENGTH".utf8), Array(contentLength.utf8))
      variables.set(name.span, to: value.span)
    }
    return CGIExchange(variables, input: pair.near.number, output: pair.near.number)
  }

  private func body(of exchange: inout CGIExchange) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while try exchange.receiveBody() {
      exchange.withBody { piece in for index in piece.indices { bytes.append(piece[index]) } }
    }
    return bytes
  }
}
