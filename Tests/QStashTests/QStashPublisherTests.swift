// Publishing to a scripted peer.

import HTTPClient
import OpenSSL
import POSIX
import QStash
import TestSupport
import Testing

private let id = "c0123456789abcdefghijklmn"

private func makePublisher(
  to peer: TLSPeer, path: String = "", limits: ConnectionLimits = ConnectionLimits()
) throws -> QStashPublisher {
  let configuration = QStashConfiguration(
    endpoint: try #require(Endpoint("https://127.0.0.1:\(peer.port)\(path)")),
    token: try #require(QStashToken("secret-token")),
    destination: try #require(ProcessingURL(appURL: "https://app.example/")))
  return QStashPublisher(
    configuration, tls: try TLSContext(additionalAuthorities: peer.authorityFile), limits: limits)
}

extension QStashPublisher {
  fileprivate func refusal(
    _ sessionID: String = id, deadline: Deadline = .after(.seconds(60))
  ) -> QStashError? {
    do throws(QStashError) {
      try publish(sessionID: sessionID, deadline: deadline)
      return nil
    } catch {
      return error
    }
  }
}

@Suite struct `A publisher` {
  @Test(arguments: ["", "/base"])
  func `sends what QStash asks for`(path: String) throws {
    let peer = try TLSPeer(script: script([request, answer(201, #"{"messageId":"m"}"#)]))
    #expect(try makePublisher(to: peer, path: path).refusal() == nil)
    let seen = try peer.nextRequest()
    #expect(
      seen.lines == [
        "POST \(path)/v2/publish/https://app.example/api/internal/process HTTP/1.1",
        "host: 127.0.0.1:\(peer.port)", "content-type: application/json", "content-length: 41",
        "upstash-retries: 3", "upstash-deduplication-id: \(id)",
        "authorization: Bearer secret-token",
      ])
    let body = Array("{\"sessionId\":\"\(id)\"}".utf8)
    #expect(seen.bodyByteCount == body.count)
    #expect(seen.bodySHA256 == SHA256.hash(body.span).hex)
  }

  @Test(arguments: [200, 201, 202, 204])
  func `takes any success, that of a duplicate included`(status: Int) throws {
    let peer = try TLSPeer(script: script([request, answer(status)]))
    #expect(try makePublisher(to: peer).refusal() == nil)
  }

  @Test(arguments: [301, 400, 401, 404, 429, 500, 503])
  func `reports a refusal without repeating the request`(status: Int) throws {
    let peer = try TLSPeer(
      script: script([request, answer(status, "secret-token"), request, answer(200)]))
    let publisher = try makePublisher(to: peer)
    let error = publisher.refusal()
    #expect(error == .refused(status: status))
    #expect(error?.description.contains("secret") == false)
    // A repetition would have had the 200 already, and this be the third request.
    #expect(publisher.refusal() == nil)
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 0])
  }

  @Test(arguments: [#"["drop"]"#, #"["stall"]"#])
  func `takes the status for what it says, however the answer ends`(end: String) throws {
    let head = "HTTP/1.1 201 X\r\nContent-Length: 9\r\n\r\n"
    let peer = try TLSPeer(script: script([request, send(head), end]))
    let error = try makePublisher(to: peer).refusal(deadline: .after(.seconds(2)))
    #expect(error == nil)
  }

  @Test func `does not repeat what may have been taken`() throws {
    let peer = try TLSPeer(script: script([request, #"["drop"]"#], [request, answer(200)]))
    let publisher = try makePublisher(to: peer)
    #expect(publisher.refusal() == .http(.connectionLost(.closedUnexpectedly)))
    #expect(publisher.refusal() == nil)
    #expect(try [peer.nextRequest().connection, peer.nextRequest().connection] == [0, 1])
  }

  @Test func `ends at its deadline`() throws {
    let peer = try TLSPeer(script: script([request, #"["stall"]"#]))
    let error = try makePublisher(to: peer).refusal(deadline: .after(.seconds(2)))
    #expect(error == .http(.timedOut))
  }

  @Test func `gives its token to nobody with a wrong certificate`() throws {
    let peer = try TLSPeer(.wrongName, script: script([request, answer(200)]))
    let error = try makePublisher(to: peer).refusal()
    #expect(error == .http(.tls(.certificateRefused(.addressMismatch))))
  }

  @Test(arguments: ["", "a\"b", "a\r\nx: y", "é", "a/b", String(repeating: "a", count: 65)])
  func `sends no id that would need escapes`(id: String) throws {
    let peer = try TLSPeer(script: script([request, answer(200)]))
    #expect(try makePublisher(to: peer).refusal(id) == .invalidSessionID)
  }
}

@Suite struct `The app's URL` {
  @Test(arguments: [
    ("https://app.example", "https://app.example"),
    ("http://localhost:3000/", "http://localhost:3000"),
    ("https://app.example/base//", "https://app.example/base"),
    ("HTTPS://App.example:443", "HTTPS://App.example:443"),
  ])
  func `gets the path of processing`(appURL: String, base: String) {
    #expect(ProcessingURL(appURL: appURL)?.text == "\(base)/api/internal/process")
  }

  @Test(arguments: [
    "", "/", "https://", "app.example", "ftp://app.example", "https://app.example?a",
    "https://app.example/#a", "https://u:p@app.example", "https://app.example\r\nx: y",
    "https://app example", "https://é.example", "file:///etc",
  ])
  func `is refused if it is anything else`(appURL: String) {
    #expect(ProcessingURL(appURL: appURL) == nil)
  }
}

@Suite struct `A token` {
  @Test func `is shown by no way of printing`() throws {
    let token = try #require(QStashToken("secret-token"))
    var dumped = "\(token) \(String(reflecting: token))"
    dump(token, to: &dumped)
    #expect(!dumped.contains("secret"))
  }

  @Test(arguments: ["", "a b", "a\n", "é", String(repeating: "a", count: 4097)])
  func `is nothing that a header could not carry`(text: String) {
    #expect(QStashToken(text) == nil)
  }

  @Test func `may be as long as its limit`() throws {
    #expect(QStashToken(String(repeating: "a", count: 4096)) != nil)
  }
}
