// HTTP answers, whole and hostile.

import HTTPClient
import Testing

/// What a parser made of an answer.
private struct Parsed: Equatable {
  var head: ResponseHead?
  var body: [UInt8] = []
  var isComplete = false
  var keepsConnection = false
}

/// Parses `pieces` one after the other; then, if it says so, the connection's orderly end.
private func parse(
  _ pieces: [[UInt8]], isHead: Bool = false, closes: Bool = true, maxHeadBytes: Int = 16 * 1024
) throws(ResponseError) -> Parsed {
  var parser = ResponseParser(isHead: isHead, maxHeadBytes: maxHeadBytes)
  var parsed = Parsed()
  for piece in pieces {
    var position = 0
    reading: while true {
      switch try parser.next(in: piece.span, at: &position) {
      case .head(let head): parsed.head = head
      case .body(let range): parsed.body += piece[range]
      case .needsInput: break reading
      case .end:
        parsed.isComplete = true
        parsed.keepsConnection = parser.keepsConnection && position == piece.count
        return parsed
      }
    }
  }
  if closes { try parser.finish() }
  return parsed
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

struct Answer: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let text: String
  let status: Int
  let body: String
  var isHead = false
  /// Ends with the connection, not by itself.
  var endsWithConnection = false
  var keepsConnection = true
}

private let answers = [
  Answer(
    testDescription: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    status: 200, body: "hello"),
  Answer(
    testDescription: "a length of nothing", text: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
    status: 200, body: ""),
  Answer(
    testDescription: "no reason", text: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status: 200,
    body: ""),
  Answer(
    testDescription: "chunks",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5\r\nhello\r\n1\r\n \r\n05;x=\"y\"\r\nworld\r\n0\r\n\r\n",
    status: 200, body: "hello world"),
  Answer(
    testDescription: "chunks with trailers",
    text: "HTTP/1.1 403 No\r\ntransfer-encoding:\tChunked \r\n\r\n"
      + "A\r\n0123456789\r\n000\r\nx-checksum: 1\r\nExpires: 0\r\n\r\n",
    status: 403, body: "0123456789"),
  Answer(
    testDescription: "a body up to the end", text: "HTTP/1.1 200 OK\r\n\r\nall of it", status: 200,
    body: "all of it", endsWithConnection: true, keepsConnection: false),
  Answer(
    testDescription: "no content, without a length", text: "HTTP/1.1 204 No Content\r\n\r\n",
    status: 204, body: ""),
  Answer(
    testDescription: "no content, with a length",
    text: "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", status: 204, body: ""),
  Answer(
    testDescription: "not modified, whose length is another's",
    text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", status: 304, body: ""),
  Answer(
    testDescription: "HEAD, whose length is another's",
    text: "HTTP/1.1 404 Not Found\r\nContent-Length: 238\r\n\r\n", status: 404, body: "",
    isHead: true),
  Answer(
    testDescription: "HEAD with a coding",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", status: 200, body: "",
    isHead: true),
  Answer(
    testDescription: "interim answers",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\nContent-Length: 9\r\n\r\n"
      + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", status: 200, body: "x"),
  Answer(
    testDescription: "a connection that is not kept",
    text: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\nx", status: 200,
    body: "x", keepsConnection: false),
  Answer(
    testDescription: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    status: 200, body: "x", keepsConnection: false),
  Answer(
    testDescription: "bytes that nobody asked for",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n", status: 200,
    body: "x", keepsConnection: false),
]

@Suite struct `The parser of answers` {
  @Test(arguments: answers)
  func `gives the same, however the bytes come`(answer: Answer) throws {
    let whole = bytes(answer.text)
    let expected = try parse([whole], isHead: answer.isHead)
    #expect(expected.head?.status == answer.status)
    #expect(expected.body == bytes(answer.body))
    #expect(expected.isComplete != answer.endsWithConnection)
    #expect(expected.keepsConnection == (answer.keepsConnection && !answer.endsWithConnection))
    for split in 0...whole.count {
      let parsed = try parse(
        [Array(whole[..<split]), Array(whole[split...])], isHead: answer.isHead)
      #expect(parsed.head == expected.head && parsed.body == expected.body)
    }
    let single = try parse(whole.map { [$0] }, isHead: answer.isHead)
    #expect(single.head == expected.head && single.body == expected.body)
  }

  @Test(arguments: answers.filter { !$0.endsWithConnection && $0.testDescription.first != "b" })
  func `takes no answer that is cut short for a whole one`(answer: Answer) throws {
    let whole = bytes(answer.text)
    for end in 0..<whole.count {
      #expect(throws: ResponseError.truncated) {
        try parse([Array(whole[..<end])], isHead: answer.isHead)
      }
    }
  }

  @Test(arguments: [
    ("HTTP/2 200 OK\r\n\r\n", ResponseError.badStatusLine),
    ("HTTP/1.1 20 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.1 2000 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.1 099 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.1 600 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.1  200 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.2 200 OK\r\n\r\n", .badStatusLine),
    ("ICY 200 OK\r\n\r\n", .badStatusLine),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", .badStatusLine),
    ("HTTP/1.1 101 Switching\r\n\r\n", .switchedProtocols),
    ("HTTP/1.1 200 OK\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA: b\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nA: \u{0}\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nETag: a\r\nEtag: b\r\n\r\n", .badHeader),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", .badLength),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .badLength
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unknownCoding),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", .unknownCoding),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      .unknownCoding
    ),
  ])
  func `refuses heads that are not HTTP`(text: String, error: ResponseError) {
    #expect(throws: error) { try parse([bytes(text)]) }
    #expect(throws: error) { try parse(bytes(text).map { [$0] }) }
  }

  @Test(arguments: [
    "\r\n", "g\r\n", "-1\r\n", "0x1\r\n", ";a\r\n", "1\n", "1\r\nab", "1\r\na\n", "1\r\na0\r\n",
    "1000000000000000\r\n", "5\r\nhello\r\n\r\n",
  ])
  func `refuses chunks that are malformed`(chunks: String) {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)\r\n"
    #expect(throws: ResponseError.badChunk) { try parse([bytes(text)]) }
  }

  @Test func `limits heads, interim ones and trailers to the byte`() throws {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n"
    let rest = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: \r\n\r\n"
    let fill = 1000 - interim.utf8.count - rest.utf8.count
    for (extra, fits) in [(0, true), (1, false)] {
      let value = String(repeating: "x", count: fill + extra)
      let text = interim + rest.replacing("X: ", with: "X: \(value)")
      if fits {
        #expect(try parse([bytes(text)], maxHeadBytes: 1000).isComplete)
      } else {
        #expect(throws: ResponseError.headTooLong) {
          try parse([bytes(text)], maxHeadBytes: 1000)
        }
      }
    }
    let trailers = String(repeating: "a: b\r\n", count: 200)
    #expect(throws: ResponseError.badChunk) {
      try parse(
        [bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(trailers)")],
        maxHeadBytes: 1000)
    }
  }

  @Test func `does not count chunks towards the limit of heads`() throws {
    let chunks = String(repeating: "1\r\nx\r\n", count: 1000)
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
    #expect(try parse([bytes(text)], maxHeadBytes: 100).body.count == 1000)
  }

  @Test func `keeps the fields a client of S3 needs`() throws {
    let text =
      "HTTP/1.1 206 Partial\r\nETag: \"a\"\r\nDate: d\r\nCONTENT-TYPE: audio/webm;codecs=opus\r\n"
      + "Content-Range: bytes 0-0/9\r\nLast-Modified: l\r\nContent-Length: 1\r\nVia: v\r\n\r\nx"
    let head = try #require(try parse([bytes(text)]).head)
    var expected = ResponseHead(status: 206)
    expected.etag = "\"a\""
    expected.date = "d"
    expected.contentType = "audio/webm;codecs=opus"
    expected.contentRange = "bytes 0-0/9"
    expected.lastModified = "l"
    expected.contentLength = 1
    #expect(head == expected)
  }
}
