// Whether the store can be reached, is who it should be, and lets us in.

import HTTPClient
import OpenSSL
import POSIX
import R2
import R2Sign
import SystemPackage
import TestSupport
import Testing

@Suite struct `A store` {
  @Test(arguments: [
    (TLSPeer.Certificate.wrongName, VerificationCode.addressMismatch),
    (.expired, .expired), (.selfSigned, .selfSigned), (.unknownAuthority, .unknownAuthority),
  ])
  func `with a certificate that proves nothing gets no request`(
    certificate: TLSPeer.Certificate, code: VerificationCode
  ) throws {
    let peer = try TLSPeer(certificate, script: script([request, answer(200)]))
    let client = try makeClient(to: peer)
    #expect(
      refusal { _ = try client.getAll(key()) } == .http(.tls(.certificateRefused(code))))
  }

  @Test func `is found behind any of its addresses`() throws {
    // localhost may have ::1 first, where nobody listens.
    let peer = try TLSPeer(script: script([request, answer(200, "a")]))
    #expect(try makeClient(to: peer, host: "localhost").getAll(key()).body == Array("a".utf8))
    #expect(try peer.nextRequest().serverName == "localhost")
  }

  @Test func `that does not listen is unreachable`() throws {
    let client = try makeClient("https://127.0.0.1:1", authorities: nil)
    #expect(
      refusal { _ = try client.getAll(key()) } == .http(.unreachable(.refused(.connectionRefused))))
  }

  @Test func `that shakes no hands is unreachable`() throws {
    let peer = try TLSPeer(script: #"[[["raw"]]]"#)
    let client = try makeClient(to: peer) { $0.connections.connect = .milliseconds(300) }
    #expect(refusal { _ = try client.getAll(key()) } == .http(.unreachable(.timedOut)))
  }

  @Test func `that speaks no HTTP is garbled`() throws {
    let peer = try TLSPeer(script: script([request, send("220 smtp.example ESMTP\r\n")]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.getAll(key()) } == .http(.garbled(.badStatusLine)))
  }

  @Test func `gives presigned URLs away under its own address`() throws {
    let client = try makeClient("https://store.example:9000/base", authorities: nil)
    let url = try client.presignedURL(.get, key(), expiry: .seconds(60))
    #expect(
      url.hasPrefix(
        """
        https://store.example:9000/base/recordings/sessions/u/s/audio.svg%2Bxml?\
        X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260218%2Fauto%2Fs3%2F\
        aws4_request&X-Amz-Date=20260218T225518Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=
        """))
    #expect(try client.presignedURL(.head, key(), expiry: .seconds(60)) != url)
  }
}

@Suite struct `The check of a bucket` {
  @Test func `tells how far the clocks are apart`() throws {
    let peer = try TLSPeer(
      script: script([request, answer(200, fields: "Date: \(momentInHTTP)\r\n")]))
    let client = try makeClient(to: peer) { configuration in
      configuration.now = { Timestamp(secondsSinceEpoch: moment - 90) }
    }
    #expect(try client.checkBucket(deadline: .generous).clockSkewSeconds == 90)
    #expect(try peer.nextRequest().lines[0] == "HEAD /recordings HTTP/1.1")
  }

  @Test(arguments: [
    (403, "SignatureDoesNotMatch", "the secret access key is wrong"),
    (403, "InvalidAccessKeyId", "the access key id is unknown"),
    (400, "ExpiredToken", "the session token has expired"),
    (400, "InvalidToken", "the session token is wrong"),
    (404, "NoSuchBucket", "there is no such bucket"),
    (403, "RequestTimeTooSkewed", "this machine's clock is wrong"),
  ])
  func `tells why it failed, though HEAD cannot`(
    status: Int, code: String, words: String
  ) throws {
    let fields = "Date: \(momentInHTTP)\r\n"
    let peer = try TLSPeer(
      script: script([
        request, send("HTTP/1.1 \(status) X\r\nContent-Length: 10\r\n\r\n"),
        request, answer(status, "<Code>\(code)</Code>", fields: fields),
      ]))
    let client = try makeClient(to: peer) { configuration in
      configuration.now = { Timestamp(secondsSinceEpoch: moment + 1000) }
    }
    let error = refusal { _ = try client.checkBucket(deadline: .generous) }
    #expect(error == refused(status, code, skew: -1000))
    #expect(
      error?.description == """
        object storage refused: \(status) \(code) (\(words)), its clock is 1000 s behind ours
        """)
    _ = try peer.nextRequest()
    #expect(
      try peer.nextRequest().lines[0] == "GET /recordings?list-type=2&max-keys=1 HTTP/1.1")
  }

  @Test func `without a reason keeps the status`() throws {
    let peer = try TLSPeer(
      script: script([
        request, send("HTTP/1.1 403 X\r\n\r\n"), request, answer(200, "<ListBucketResult/>"),
      ]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.checkBucket(deadline: .generous) } == refused(403, nil))
  }
}
