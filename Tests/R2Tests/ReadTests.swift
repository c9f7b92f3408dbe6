// GET, HEAD and DELETE, and all the ways in which an answer may end.

import HTTPClient
import OpenSSL
import POSIX
import R2
import TestSupport
import Testing

@Suite struct `GET` {
  @Test func `streams an object with its fields`() throws {
    let body = String(repeating: "0123456789", count: 20_000)
    let head =
      "HTTP/1.1 200 OK\r\nContent-Type: audio/webm\r\nETag: \"e\"\r\nContent-Length: 200000\r\n\r\n"
    let peer = try TLSPeer(
      script: script([request, send(head), #"["repeat", "0123456789", 20000]"#]))
    let result = try makeClient(to: peer).getAll(key())
    #expect(result.body == Array(body.utf8))
    #expect(result.head.contentLength == 200_000)
    #expect(result.head.contentType == "audio/webm")
    #expect(
      try peer.nextRequest().lines[0] == "GET /recordings/sessions/u/s/audio.svg%2Bxml HTTP/1.1")
  }

  @Test(arguments: [
    (ByteRange.closed(0, 9), "range: bytes=0-9"), (.from(5), "range: bytes=5-"),
    (.suffix(3), "range: bytes=-3"),
  ])
  func `asks for a part of it`(range: ByteRange, field: String) throws {
    let peer = try TLSPeer(
      script: script([request, answer(206, "abc", fields: "Content-Range: bytes 0-2/9\r\n")]))
    let result = try makeClient(to: peer).getAll(key(), range: range)
    #expect(result.head.status == 206 && result.body == Array("abc".utf8))
    #expect(result.head.contentRange == "bytes 0-2/9")
    let lines = try peer.nextRequest().lines
    #expect(lines.contains(field))
    #expect(lines.contains { $0.contains("SignedHeaders=host;range;") })
  }

  @Test func `reads chunks`() throws {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let peer = try TLSPeer(
      script: script(
        [request, send(chunked), send("3\r\nabc\r\n1"), send("0\r\n")],
        [
          request, send("\(chunked)3\r\nabc\r\n"), send("2\r\nde\r\n0\r\n\r\n"),
        ]))
    let client = try makeClient(to: peer)
    // A chunk of 16 bytes that never comes.
    #expect(
      refusal { _ = try client.getAll(key(), deadline: .after(.seconds(2))) }
        == .http(.timedOut))
    #expect(try client.getAll(key()).body == Array("abcde".utf8))
  }

  @Test func `keeps a connection for the next request`() throws {
    let peer = try TLSPeer(script: script([request, answer(200, "a"), request, answer(200, "b")]))
    let client = try makeClient(to: peer)
    #expect(try client.getAll(key()).body == Array("a".utf8))
    #expect(try client.getAll(key()).body == Array("b".utf8))
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 0])
  }

  @Test(arguments: [#"["close"]"#, #"["drop"]"#])
  func `survives a kept connection that the store has closed`(end: String) throws {
    let peer = try TLSPeer(
      script: script(
        [request, answer(200, "a"), end],
        [
          request, answer(200, "b"),
        ]))
    let client = try makeClient(to: peer)
    #expect(try client.getAll(key()).body == Array("a".utf8))
    #expect(try client.getAll(key()).body == Array("b".utf8))
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 1])
  }

  @Test func `is repeated when a kept connection dies with the request`() throws {
    let peer = try TLSPeer(
      script: script(
        [request, answer(200, "a"), head, #"["reset"]"#],
        [
          request, answer(200, "b"),
        ]))
    let client = try makeClient(to: peer)
    _ = try client.getAll(key())
    let result = try client.getAll(key())
    #expect(result.attempts == 2 && result.body == Array("b".utf8))
    let counters = client.counters
    #expect(counters.attempts == 3 && counters.retries == 1)
    #expect(counters.connections.opened == 2 && counters.connections.reused == 1)
  }

  @Test func `uses no connection that has idled for too long`() throws {
    let peer = try TLSPeer(script: script([request, answer(200), request, answer(200)]))
    let client = try makeClient(to: peer) { $0.connections.idle = .zero }
    _ = try client.getAll(key())
    _ = try client.getAll(key())
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 1])
  }

  @Test func `keeps no connection that it was asked to close, or that has more to say`() throws {
    let peer = try TLSPeer(
      script: script(
        [request, answer(200, "a", fields: "Connection: close\r\n")],
        [request, send("HTTP/1.1 204 X\r\n\r\nHTTP/1.1 204 X\r\n\r\n")],
        [request, answer(200, "c")]))
    let client = try makeClient(to: peer)
    _ = try client.getAll(key())
    _ = try client.getAll(key())
    #expect(try client.getAll(key()).body == Array("c".utf8))
  }

  @Test(arguments: ["Content-Length: 9\r\n", "Transfer-Encoding: chunked\r\n", ""])
  func `takes no answer without its end for a whole one`(framing: String) throws {
    let peer = try TLSPeer(
      script: script([request, send("HTTP/1.1 200 OK\r\n\(framing)\r\n1\r\na"), #"["drop"]"#]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key()) } == .http(.responseLost(.closedUnexpectedly)))
  }

  @Test(arguments: ["Content-Length: 9\r\n", "Transfer-Encoding: chunked\r\n"])
  func `takes no orderly end for the end of an answer`(framing: String) throws {
    let peer = try TLSPeer(
      script: script([request, send("HTTP/1.1 200 OK\r\n\(framing)\r\n1\r\na"), #"["close"]"#]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key()) } == .http(.garbled(.truncated)))
  }

  @Test func `reads up to an orderly end where that is the only one`() throws {
    let peer = try TLSPeer(
      script: script([request, send("HTTP/1.1 200 OK\r\n\r\nabc"), #"["close"]"#]))
    #expect(try makeClient(to: peer).getAll(key()).body == Array("abc".utf8))
  }

  @Test func `needs no farewell after a whole answer`() throws {
    let peer = try TLSPeer(script: script([request, answer(200, "abc"), #"["drop"]"#]))
    #expect(try makeClient(to: peer).getAll(key()).body == Array("abc".utf8))
  }

  @Test func `limits a body as a whole, and each silence in it`() throws {
    let head = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    let peer = try TLSPeer(
      script: script([request, head, #"["trickle", "a"]"#], [request, head, #"["stall"]"#]))
    let client = try makeClient(to: peer)
    var limits = BodyLimits(
      whole: .milliseconds(300), idleTimeout: .seconds(60), minBytesPerSecond: 1)
    #expect(refusal { _ = try client.getAll(key(), bodyLimits: limits) } == .http(.timedOut))
    limits = BodyLimits(
      whole: .seconds(60), idleTimeout: .milliseconds(300), minBytesPerSecond: 1)
    #expect(refusal { _ = try client.getAll(key(), bodyLimits: limits) } == .http(.timedOut))
  }

  @Test func `drips no longer than its bytes are worth`() throws {
    // The next byte always comes in time.
    let head = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    let peer = try TLSPeer(script: script([request, head, #"["trickle", "a"]"#]))
    let limits = BodyLimits(
      whole: .seconds(60), idleTimeout: .milliseconds(300), minBytesPerSecond: 1 << 20)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key(), bodyLimits: limits) } == .http(.timedOut))
  }

  @Test func `is given up when nobody wants it any more`() throws {
    let head = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    let peer = try TLSPeer(script: script([request, head, #"["stall"]"#]))
    let client = try makeClient(to: peer)
    var reader = try client.get(key(), deadline: .generous, bodyLimits: .generous)
    var questions = 0
    do throws(R2Error) {
      _ = try reader.receiveBody(unless: {
        questions += 1
        return questions == 2
      })
      Issue.record("there was no body")
    } catch {
      #expect(error == .http(.abandoned))
    }
    reader.end()
  }

  @Test func `may be ended before its body is read`() throws {
    let peer = try TLSPeer(
      script: script([request, answer(200, String(repeating: "x", count: 100_000))]))
    let client = try makeClient(to: peer)
    var reader = try client.get(key(), deadline: .generous, bodyLimits: .generous)
    #expect(try reader.receiveBody())
    reader.end()
    // What is left of that answer must not be taken for the next one.
    _ = try client.getAll(key())
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 1])
  }

  @Test func `gives no reader of a refusal`() throws {
    let peer = try TLSPeer(script: script([request, error(404, "NoSuchKey")]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key()) } == refused(404, "NoSuchKey"))
  }

  @Test func `reads no endless refusal`() throws {
    let peer = try TLSPeer(
      script: script([
        request,
        #"["trickle", "HTTP/1.1 403 X\r\n\r\n"#
          + String(repeating: " ", count: 20_000) + #""]"#,
      ]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key()) } == refused(403, nil))
  }

  @Test(arguments: [#"["stall"]"#, #"["trickle", "HTTP/1.1 200 OK\r\nX: "]"#])
  func `is given up at the deadline`(step: String) throws {
    let peer = try TLSPeer(script: script([request, step]))
    let client = try makeClient(to: peer)
    #expect(
      refusal { _ = try client.getAll(key(), deadline: .after(.seconds(2))) }
        == .http(.timedOut))
  }
}

@Suite struct `HEAD and DELETE` {
  @Test func `HEAD reads no body, whatever the answer says`() throws {
    let peer = try TLSPeer(
      script: script([
        request, send("HTTP/1.1 404 X\r\nContent-Length: 238\r\n\r\n"),
        request, send("HTTP/1.1 200 X\r\nContent-Length: 5\r\nContent-Type: a/b\r\n\r\n"),
      ]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.head(key(), deadline: .generous) } == refused(404, nil))
    let outcome = try client.head(key(), deadline: .generous)
    #expect(outcome.head.contentLength == 5 && outcome.head.contentType == "a/b")
    #expect(try peer.nextRequest().lines[0].hasPrefix("HEAD "))
    #expect(try peer.nextRequest().connection == 0)
  }

  @Test(arguments: [
    [send("HTTP/1.1 404 X\r\nContent-Length: 99\r\n\r\n<Error>"), #"["stall"]"#],
    [send("HTTP/1.1 404 X\r\nContent-Length: 99\r\n\r\n<Error>"), #"["drop"]"#],
    [answer(404, String(repeating: "x", count: 100_000))],
    [answer(404, "<Error><Code>NoSuchKey</Code></Error>")],
  ])
  func `DELETE of what is gone is a success, however the answer goes on`(steps: [String]) throws {
    let peer = try TLSPeer(script: script([request] + steps))
    let client = try makeClient(to: peer)
    #expect(try client.delete(key(), deadline: .after(.seconds(2))).head.status == 404)
  }

  @Test func `DELETE of what is gone is a success`() throws {
    let peer = try TLSPeer(
      script: script([
        request, send("HTTP/1.1 204 X\r\n\r\n"), request, answer(200),
        request, error(404, "NoSuchKey"), request, error(404, "NoSuchBucket"),
      ]))
    let client = try makeClient(to: peer)
    for status in [204, 200, 404] {
      #expect(try client.delete(key(), deadline: .generous).head.status == status)
    }
    #expect(
      refusal { _ = try client.delete(key(), deadline: .generous) } == refused(404, "NoSuchBucket"))
    #expect(try peer.nextRequest().lines[0].hasPrefix("DELETE "))
  }
}
