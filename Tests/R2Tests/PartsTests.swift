// The small parts of the client: R2's address, dates, error bodies, waits.

import HTTPClient
import Testing

@testable import R2

@Suite struct `The endpoint` {
  @Test func `of an account is Cloudflare's`() {
    #expect(Endpoint(accountID: "0a1b")?.hostField == "0a1b.r2.cloudflarestorage.com")
    for bad in ["", "a.b", "a/b", "a:b"] { #expect(Endpoint(accountID: bad) == nil) }
  }
}

@Suite struct `A Date field` {
  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
    ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
  ])
  func `is read in its one form`(text: String, seconds: Int) {
    #expect(secondsSinceEpoch(ofHTTPDate: text) == seconds)
  }

  @Test(arguments: [
    "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Xxx 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
  ])
  func `in another form is none`(text: String) {
    #expect(secondsSinceEpoch(ofHTTPDate: text) == nil)
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
