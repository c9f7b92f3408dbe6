// The small parts of the client: R2's address, error bodies, waits.

import HTTPClient
import Testing

@testable import R2

@Suite struct `The endpoint` {
  @Test func `of an account is Cloudflare's`() {
    #expect(Endpoint(accountID: "0a1b")?.hostField == "0a1b.r2.cloudflarestorage.com")
    #expect(
      Endpoint(accountID: "0a1b", jurisdiction: .eu)?.hostField
        == "0a1b.eu.r2.cloudflarestorage.com")
    for bad in ["", "a.b", "a/b", "a:b"] { #expect(Endpoint(accountID: bad) == nil) }
  }
}

@Suite struct `A refusal's body` {
  @Test(arguments: [
    ("<?xml?><Error><Code>NoSuchKey</Code><Key>secret</Key></Error>", "NoSuchKey"),
    ("<Code>A</Code><Code>B</Code>", "A"),
    ("<Code>a b</Code>", nil), ("<Code></Code>", nil), ("<Code>NoEnd", nil), ("", nil),
    ("<html>502</html>", nil), ("<Code>\(String(repeating: "x", count: 65))</Code>", nil),
    ("<Code>a\n</Code>", nil),
  ])
  func `gives its code if that is fit for a log line`(text: String, code: String?) {
    var body = ErrorBody()
    let fits = body.append(Array(text.utf8).span)
    #expect(fits && body.code == code)
  }

  @Test func `is kept up to its limit`() {
    let piece = [UInt8](repeating: 0x20, count: ErrorBody.maxBytes)
    var body = ErrorBody()
    let fits = body.append(piece.span)
    let fitsToo = body.append(Array("<Code>Late</Code>".utf8).span)
    #expect(fits && !fitsToo && body.code == nil)
  }
}

@Suite struct `A wait before a repetition` {
  @Test func `doubles, less up to a half`() {
    let backoff = Backoff(base: .milliseconds(100))
    #expect(backoff.delay(after: 1, random: 0) == .milliseconds(100))
    #expect(backoff.delay(after: 1, random: 1) == .milliseconds(50))
    #expect(backoff.delay(after: 3, random: 0) == .milliseconds(400))
    #expect(backoff.delay(after: 1000, random: 0) == .milliseconds(102_400))
  }
}
