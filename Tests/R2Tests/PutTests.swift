// Uploads, and what stores do in the middle of them.

import HTTPClient
import OpenSSL
import POSIX
import R2
import R2Sign
import TestSupport
import Testing

@Suite struct `PUT` {
  @Test(arguments: [0, 1, 60_000, 65_536, 200_000])
  func `sends the file as it is, signed`(byteCount: Int) throws {
    let peer = try TLSPeer(script: script([request, answer(200)]))
    let upload = try Upload(byteCount: byteCount)
    let outcome = try makeClient(to: peer).put(upload)
    #expect(outcome.head.status == 200 && outcome.attempts == 1)
    let seen = try peer.nextRequest()
    #expect(seen.bodyByteCount == byteCount && seen.bodySHA256 == upload.sha256.hex)
    #expect(seen.lines[0] == "PUT /recordings/sessions/u/s/audio.svg%2Bxml HTTP/1.1")
    let authorization = seen.lines.last { $0.hasPrefix("authorization: ") } ?? ""
    #expect(
      Set(seen.lines.dropFirst()) == [
        "host: 127.0.0.1:\(peer.port)", "content-type: audio/webm;codecs=opus",
        "content-length: \(byteCount)", "x-amz-date: 20260218T225518Z",
        "x-amz-content-sha256: \(upload.sha256.hex)", authorization,
      ])
    #expect(
      authorization.hasPrefix(
        """
        authorization: AWS4-HMAC-SHA256 Credential=AKID/20260218/auto/s3/aws4_request, \
        SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=
        """))
  }

  @Test(arguments: [#"["drop"]"#, #"["reset"]"#, #"["stall"]"#, #"["close"]"#])
  func `reports an early refusal, whatever the store does next`(next: String) throws {
    let peer = try TLSPeer(
      script: script([head, error(403, "SignatureDoesNotMatch"), next]))
    let upload = try Upload(byteCount: 8 << 20)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == refused(403, "SignatureDoesNotMatch"))
  }

  @Test func `sends no more once it is refused`() throws {
    // This store would read on for ever; the next request needs a new connection all the same.
    let peer = try TLSPeer(
      script: script([head, error(400, "BadDigest")], [request, answer(200)]))
    let upload = try Upload(byteCount: 8 << 20)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == refused(400, "BadDigest"))
    #expect(try client.put(upload).attempts == 1)
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 1])
  }

  @Test func `does not believe a success before the whole body`() throws {
    let peer = try TLSPeer(script: script([head, answer(200), #"["stall"]"#]))
    let upload = try Upload(byteCount: 8 << 20)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == .http(.answeredEarly))
  }

  @Test func `is repeated from the file's start`() throws {
    let peer = try TLSPeer(
      script: script(
        [head, #"["reset"]"#], [request, error(500, "InternalError")],
        [
          request, answer(200),
        ]))
    let upload = try Upload(byteCount: 300_000)
    #expect(try makeClient(to: peer).put(upload).attempts == 3)
    _ = try peer.nextRequest()
    for _ in 0..<2 { #expect(try peer.nextRequest().bodySHA256 == upload.sha256.hex) }
  }

  @Test(arguments: [408, 429, 500, 502, 503, 520])
  func `is given up with the store's code after the last attempt`(status: Int) throws {
    let peer = try TLSPeer(script: script([request, error(status, "SlowDown")]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == refused(status, "SlowDown"))
    let connections = try (0..<4).map { _ in try peer.nextRequest().connection }
    #expect(connections == [0, 1, 2, 3])
  }

  @Test(arguments: [400, 403, 404, 411, 501])
  func `is not repeated when that would not help`(status: Int) throws {
    let peer = try TLSPeer(script: script([request, error(status, "X")], [request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == refused(status, "X"))
  }

  @Test(arguments: [
    answer(200, fields: ""), answer(201), answer(202), answer(204), answer(206),
    answer(200, "<CopyObjectResult/>", fields: ""),
  ])
  func `counts as done only with 200 and an ETag`(response: String) throws {
    let peer = try TLSPeer(script: script([request, response], [request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    guard case .unconfirmed = refusal({ _ = try client.put(upload) }) else {
      Issue.record("a success that says nothing of what was stored")
      return
    }
  }

  @Test func `is not done if the body of a success is an error`() throws {
    let denied = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"
    let peer = try TLSPeer(script: script([request, answer(200, denied)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.put(upload) } == refused(200, "AccessDenied"))
  }

  @Test(arguments: [
    (200, "InternalError"), (200, "SlowDown"), (400, "IncompleteBody"), (400, "RequestTimeout"),
    (409, "OperationAborted"), (403, "SlowDown"),
  ])
  func `is repeated where the code says that it passes, whatever the status`(
    status: Int, code: String
  ) throws {
    let peer = try TLSPeer(
      script: script([request, error(status, code)], [request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    #expect(try makeClient(to: peer).put(upload).attempts == 2)
  }

  @Test(arguments: ["600", "86400", "99999999999999999999"])
  func `is not repeated before the store wants it, nor past the deadline`(
    retryAfter: String
  ) throws {
    let busy = answer(503, fields: "Retry-After: \(retryAfter)\r\n")
    let peer = try TLSPeer(script: script([request, busy], [request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    let error = refusal { _ = try client.put(upload) }
    // A number that is none is no advice.
    #expect((error == nil) == (retryAfter.count > 10))
    if case .refused(let refusal)? = error { #expect(refusal.status == 503) }
  }

  @Test(arguments: [(429, "X"), (503, "SlowDown")])
  func `waits longer once the store has too much to do`(status: Int, code: String) throws {
    let peer = try TLSPeer(script: script([request, error(status, code)], [request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer) { $0.rateLimitBackoffBase = .seconds(600) }
    #expect(refusal { _ = try client.put(upload) } == refused(status, code))
  }

  @Test func `through connections cut at any byte ends in success or a typed error`() throws {
    var cuts = ["[[\"cut\", 0]]"]
    for power in 0..<13 {
      cuts.append("[[\"cut\", \(1 << power)], [\"request\"], \(answer(200))]")
    }
    let peer = try TLSPeer(
      script: "[\(cuts.joined(separator: ",")), [[\"request\"], \(answer(200))]]")
    let upload = try Upload(byteCount: 100_000)
    var succeeded = false
    for _ in cuts where !succeeded {
      do throws(R2Error) {
        // Every attempt finds the next cut.
        _ = try makeClientTyped(to: peer).put(upload)
        succeeded = true
      } catch {
        switch error {
        case .http(.responseLost), .http(.connectionLost), .http(.tls),
          .http(.unreachable(.refused)):
          break
        default: Issue.record(error)
        }
      }
    }
    #expect(succeeded)
  }

  @Test func `fails when the file is shorter than it was`() throws {
    let peer = try TLSPeer(script: script([request, answer(200)]))
    let upload = try Upload(byteCount: 10)
    let client = try makeClient(to: peer)
    let error = refusal {
      _ = try client.put(
        file: upload.file, byteCount: 11, sha256: upload.sha256, key: try key(),
        contentType: "audio/webm", deadline: .generous)
    }
    #expect(error == .http(.fileTooShort))
  }

  @Test(arguments: ["audio/webm\r\nx-evil: 1", "audio/é"])
  func `lets no content type bring in a header`(contentType: String) throws {
    let client = try makeClient("https://127.0.0.1:1", authorities: nil)
    let upload = try Upload(byteCount: 1)
    let error = refusal {
      _ = try client.put(
        file: upload.file, byteCount: 1, sha256: upload.sha256, key: try key(),
        contentType: contentType, deadline: .generous)
    }
    #expect(error == .unsignable(.invalidHeader))
  }
}

func refused(_ status: Int, _ code: String?, skew: Int? = nil) -> R2Error {
  .refused(R2Refusal(status: status, code: code, clockSkewSeconds: skew))
}

/// For `do throws(R2Error)`: a client that cannot be made is a failed test.
private func makeClientTyped(to peer: TLSPeer) throws(R2Error) -> R2Client {
  do {
    return try makeClient(to: peer)
  } catch {
    Issue.record(error)
    throw .http(.fileTooShort)
  }
}
