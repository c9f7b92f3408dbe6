// Requests that another site made a browser send.

import Gateway
import Testing

@testable import Sessions

@Suite struct `Cross-site requests` {
  private static let allowed = origins("https://app.example:443", "chrome-extension://id")

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
    ["Host: example.org", "Origin: HTTPS://APP.example:443"],
    ["Sec-Fetch-Site: cross-site", "Host: a", "Origin: https://app.example"],
    ["Sec-Fetch-Site: same-site", "Host: a", "Origin: https://app.example"],
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
    ["Sec-Fetch-Site: cross-site", "Host: a", "Origin: null"],
    ["Sec-Fetch-Site: cross-site", "Host: a", "Origin: http://app.example"],
    ["Sec-Fetch-Site: cross-site", "Host: app.example", "Origin: http://app.example"],
    ["Sec-Fetch-Site: same-site", "Host: example.org", "Origin: https://www.example.org"],
    ["Host: example.org", "Origin: https://evil.example"],
    ["Host: a", "Origin: https://app.example", "Origin: https://app.example"],
    ["Host: a", "Origin: https://app.example", "Origin: https://evil.example"],
    ["Host: a", "Origin: https://evil.example", "Origin: https://app.example"],
    ["Host: a", "Origin: https://app.example, https://app.example"],
    ["Host: a", "Origin: chrome-extension://other"],
    ["Host: id", "Origin: chrome-extension://id2"], ["Host: id", "Origin: other://id"],
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
