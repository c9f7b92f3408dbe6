// Listing a bucket of a scripted peer.

import HTTPClient
import POSIX
import R2
import TestSupport
import Testing

private func page(_ keys: [String], next: String? = nil) -> String {
  let objects = keys.map {
    "<Contents><Key>\($0)</Key><LastModified>2026-02-18T22:55:18.000Z</LastModified>"
      + "<Size>1</Size></Contents>"
  }
  let token = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
  return "<ListBucketResult>\(objects.joined())\(token)<IsTruncated>\(next != nil)</IsTruncated>"
    + "<EncodingType>url</EncodingType></ListBucketResult>"
}

extension R2Client {
  /// The keys of all pages, as they were handed over.
  fileprivate func keys(
    after continuation: String? = nil, pages maxPages: Int = 100,
    deadline: Deadline = .generous
  ) throws(R2Error) -> [[String]] {
    var pages: [[String]] = []
    var listing = list(
      prefix: "sessions/", after: continuation, pageSize: 2, deadline: deadline)
    while pages.count < maxPages, let page = try listing.nextPage() {
      pages.append(page.objects.map(\.key.text))
    }
    return pages
  }
}

@Suite struct `The list of a bucket` {
  @Test func `comes page by page`() throws {
    let peer = try TLSPeer(
      script: script([
        request, answer(200, page(["sessions/a", "sessions/b"], next: "t+/=")),
        request, answer(200, page(["sessions/c"])),
      ]))
    #expect(
      try makeClient(to: peer).keys() == [["sessions/a", "sessions/b"], ["sessions/c"]])
    let query = "encoding-type=url&list-type=2&max-keys=2&prefix=sessions%2F"
    #expect(try peer.nextRequest().lines[0] == "GET /recordings?\(query) HTTP/1.1")
    #expect(
      try peer.nextRequest().lines[0]
        == "GET /recordings?continuation-token=t%2B%2F%3D&\(query) HTTP/1.1")
  }

  @Test func `goes on where it was left`() throws {
    let peer = try TLSPeer(script: script([request, answer(200, page(["sessions/c"]))]))
    #expect(try makeClient(to: peer).keys(after: "t") == [["sessions/c"]])
    #expect(try peer.nextRequest().lines[0].contains("?continuation-token=t&"))
  }

  @Test func `ends when its receiver has had enough`() throws {
    let peer = try TLSPeer(
      script: script([request, answer(200, page(["sessions/a"], next: "t")), request]))
    #expect(try makeClient(to: peer).keys(pages: 1) == [["sessions/a"]])
  }

  @Test func `is asked for again without handing a page over twice`() throws {
    let peer = try TLSPeer(
      script: script(
        [request, answer(200, page(["sessions/a"], next: "t")), request, error(503, "SlowDown")],
        [request, answer(200, page(["sessions/b"]))]))
    #expect(try makeClient(to: peer).keys() == [["sessions/a"], ["sessions/b"]])
  }

  @Test func `hands over no page that is cut short`() throws {
    let whole = page(["sessions/a"])
    let head = "HTTP/1.1 200 OK\r\nContent-Length: \(whole.utf8.count + 1)\r\n\r\n"
    let peer = try TLSPeer(script: script([request, send(head + whole), #"["close"]"#]))
    var listing = try makeClient(to: peer).list(prefix: "sessions/", deadline: .generous)
    let error = refusal { _ = try listing.nextPage() }
    #expect(error == .http(.garbled(.truncated)))
  }

  @Test func `is not believed when it goes round in circles`() throws {
    let peer = try TLSPeer(
      script: script([
        request, answer(200, page(["sessions/a"], next: "t")),
        request, answer(200, page(["sessions/a"], next: "t")),
      ]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.keys() } == .badListing(.noProgress))
  }

  @Test(arguments: [
    ("<html>busy</html>", ListingError.malformed), ("", .malformed),
    ("<!DOCTYPE html>", .forbiddenMarkup), (page(["other/a"]), .foreignKey),
    (page(["sessions/a", "sessions/b", "sessions/c"]), .tooLong),
  ])
  func `that is none ends in a typed error`(body: String, failure: ListingError) throws {
    let peer = try TLSPeer(script: script([request, answer(200, body)]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.keys() } == .badListing(failure))
  }

  @Test func `that never ends is given up at the deadline`() throws {
    let peer = try TLSPeer(
      script: script([request, #"["trickle", "HTTP/1.1 200 OK\r\n\r\n<ListBucketResult a="]"#]))
    let client = try makeClient(to: peer)
    let error = refusal { _ = try client.keys(deadline: .after(.seconds(2))) }
    #expect(error == .http(.timedOut))
  }

  @Test func `is refused with the store's code`() throws {
    let peer = try TLSPeer(script: script([request, error(403, "AccessDenied")]))
    let client = try makeClient(to: peer)
    #expect(refusal { _ = try client.keys() } == refused(403, "AccessDenied"))
  }
}
