// Requests that another site made a browser send.

import Gateway
import Testing

@testable import Sessions

@Suite struct `Authorities` {
  @Test(arguments: [
    ("example.org", "example.org:80", 80), ("EXAMPLE.org", "example.ORG", 80),
    ("example.org:443", "example.org", 443), ("[::1]:80", "[::1]", 80),
    ("[::1]:8080", "[::1]:8080", 80), ("127.0.0.1:08080", "127.0.0.1:8080", 80),
  ])
  func `a default port counts as none and letters have no case`(
    left: String, right: String, port: Int
  ) throws {
    let left = try #require(Authority(bytes(left), defaultPort: port))
    #expect(left == Authority(bytes(right), defaultPort: port))
  }

  @Test(arguments: [
    ("example.org", "example.org:8080"), ("example.org:443", "example.org"),
    ("example.org", "example.org."), ("example.org", "www.example.org"), ("[::1]", "[::2]"),
    ("[::1]:1", "[::1]:2"), ("example.org:80", "example.org:8"),
  ])
  func `another host or port is another authority`(left: String, right: String) throws {
    let left = try #require(Authority(bytes(left), defaultPort: 80))
    #expect(left != Authority(bytes(right), defaultPort: 80))
  }

  @Test(arguments: [
    "", ":", ":80", "a:", "a:x", "a:-1", "a:+1", "a:65536", "a:80 ", "a b", "a/", "a/b", "a?b",
    "a#b", "user@a", "a,b", "a\u{0}", "é", "a\u{7F}",
  ])
  func `anything else is no authority`(text: String) {
    #expect(Authority(bytes(text), defaultPort: 80) == nil)
  }
}

@Suite struct `Cross-site requests` {
  private static let allowed: Set<String> = [
    "https://app.example", "null", "chrome-extension://id",
  ]

  @Test(arguments: [
    // Neither header: no browser.
    [], ["Host: example.org"],
    ["Host: example.org", "Origin: http://example.org"],
    ["Host: example.org", "Origin: https://example.org"],
    ["Host: example.org:443", "Origin: https://example.org"],
    ["Host: example.org", "Origin: http://example.org:80"],
    ["Host: EXAMPLE.org:8080", "Origin: HTTP://example.ORG:8080"],
    ["Host: 127.0.0.1:8080", "Origin: http://127.0.0.1:8080"],
    ["Host: [::1]:8080", "Origin: http://[::1]:8080"],
    ["Host: [::1]", "Origin: https://[::1]:443"],
    ["Host: example.org", "Origin: https://app.example"],
    ["Host: example.org", "Origin: chrome-extension://id"],
    ["Origin: https://app.example"],
    ["Host: a", "Origin: http://a", "Origin: http://a"],
    ["Sec-Fetch-Site: same-origin"], ["Sec-Fetch-Site: none"], ["Sec-Fetch-Site: same-site"],
    ["Sec-Fetch-Site: same-origin", "Host: a", "Origin: http://a"],
  ])
  func `our own pages, allowed ones and programs pass`(headers: [String]) throws {
    try CSRFCheck.check(variables(headers), allowedOrigins: Self.allowed)
  }

  @Test(arguments: [
    ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: Cross-Site"],
    ["Sec-Fetch-Site:  cross-site\t"],
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"],
    ["Sec-Fetch-Site: same-origin, cross-site"],
    ["Sec-Fetch-Site: cross-site", "Host: a", "Origin: http://a"],
    ["Sec-Fetch-Site: cross-site", "Host: a", "Origin: https://app.example"],
    ["Host: example.org", "Origin: https://evil.example"],
    ["Host: example.org", "Origin: null"], ["Origin: null"], ["Host: null", "Origin: null"],
    ["Host: example.org", "Origin: "],
    ["Host: example.org", "Origin: http://example.org:8080"],
    ["Host: example.org:8080", "Origin: http://example.org"],
    ["Host: example.org:443", "Origin: http://example.org"],
    ["Host: example.org", "Origin: http://example.org:443"],
    ["Host: example.org", "Origin: http://example.org.evil.example"],
    ["Host: example.org", "Origin: http://evil@example.org"],
    ["Host: example.org", "Origin: http://example.org/"],
    ["Host: example.org", "Origin: http://example.org, http://evil.example"],
    ["Host: example.org", "Origin: ftp://example.org"],
    ["Host: example.org", "Origin: example.org"],
    ["Host: example.org", "Origin: http://"],
    ["Host: example.org", "Origin: http://example.org", "Origin: http://evil.example"],
    ["Host: example.org", "Origin: http://evil.example", "Origin: http://example.org"],
    ["Host: example.org", "Host: evil.example", "Origin: http://evil.example"],
    ["Origin: http://example.org"],
    ["Host: example.org", "X-Forwarded-Host: evil.example", "Origin: http://evil.example"],
    ["Host: example.org", "Origin: https://app.example:8443"],
    ["Host: example.org", "Origin: http://app.example"],
    ["Host: example.org", "Origin: https://app.example.evil.example"],
  ])
  func `other sites are refused`(headers: [String]) {
    #expect(throws: Refusal.crossSite) {
      try CSRFCheck.check(variables(headers), allowedOrigins: Self.allowed)
    }
  }

  @Test func `no other origin is allowed unless it is named`() {
    let found = variables(["Host: example.org", "Origin: https://app.example"])
    #expect(throws: Refusal.crossSite) { try CSRFCheck.check(found, allowedOrigins: []) }
  }

  private func variables(_ headers: [String]) -> MetaVariables {
    var variables = MetaVariables()
    for header in headers {
      let colon = header.firstIndex(of: ":") ?? header.endIndex
      let name = "HTTP_" + header[..<colon].uppercased().replacing("-", with: "_")
      let value = Array(header[colon...].dropFirst(2).utf8)
      variables.set(bytes(name).span, to: value.span)
    }
    return variables
  }
}
