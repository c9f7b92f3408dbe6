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

  @Test(
    arguments: [
      ("chunked", nil), ("Chunked", ""), (" gzip , chunked", "-1"), ("chunked", "3"),
      ("gzip", nil), ("", nil), ("xchunked", nil),
    ] as [(String, String?)])
  func `a body in chunks goes on to the end of the input unless it has a length`(
    coding: String, length: String?
  ) throws {
    let pair = try SocketPair()
    try pair.far.writeAll([1, 2, 3, 4].span)
    try pair.far.closeWriting()
    var exchange = exchange(pair, contentLength: length, transferEncoding: coding)
    let isChunked = coding.lowercased().hasSuffix(" chunked") || coding.lowercased() == "chunked"
    let received = try body(of: &exchange)
    #expect(received == Array([1, 2, 3, 4].prefix(length == "3" ? 3 : isChunked ? 4 : 0)))
    let isMore = try exchange.receiveBody()
    #expect(!isMore)
  }

  @Test func `the body's rest is dropped, so that the response is not taken back`() throws {
    let pair = try SocketPair()
    let rest = [UInt8](repeating: 1, count: 1_000_000)
    try withThread {
      try? pair.far.writeAll(rest.span)
    } whileRunning: {
      var exchange = exchange(pair, contentLength: "\(rest.count)")
      try exchange.write([7, 8].span)
      exchange.finish()
      let isMore = try exchange.receiveBody()
      #expect(!isMore)
    }
    #expect(try pair.far.readToEnd() == [7, 8])
  }

  @Test(arguments: [("10", 2), ("2", 2), (nil, 0)] as [(String?, Int)])
  func `a body that ended early or is not there does not keep the end from coming`(
    length: String?, count: Int
  ) throws {
    let pair = try SocketPair()
    try pair.far.writeAll([UInt8](repeating: 1, count: count).span)
    if count > 0 { try pair.far.closeWriting() }
    var exchange = exchange(pair, contentLength: length)
    exchange.finish()
  }

  @Test func `the body's rest is not waited for beyond the body's deadline`() throws {
    let pair = try SocketPair()
    var exchange = exchange(pair, contentLength: "10")
    exchange.limitBody(to: .milliseconds(10))
    exchange.finish()
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

  private func exchange(
    _ pair: borrowing SocketPair, contentLength: String?, transferEncoding: String? = nil
  ) -> CGIExchange {
    var variables = MetaVariables()
    for (name, value) in [
      ("CONTENT_LENGTH", contentLength), ("HTTP_TRANSFER_ENCODING", transferEncoding),
    ] {
      if let value { variables.set(Array(name.utf8).span, to: Array(value.utf8).span) }
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
