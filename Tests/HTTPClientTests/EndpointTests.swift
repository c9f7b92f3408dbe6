// Addresses, good and bad.

import HTTPClient
import Testing

@Suite struct `An endpoint` {
  @Test(arguments: [
    ("https://a.example", "a.example", 443, "", "a.example"),
    ("HTTPS://a.example:443/", "a.example", 443, "", "a.example"),
    ("https://127.0.0.1:9000", "127.0.0.1", 9000, "", "127.0.0.1:9000"),
    ("https://[::1]:9000/base/path/", "::1", 9000, "/base/path", "[::1]:9000"),
    ("https://[::1]", "::1", 443, "", "[::1]"),
  ])
  func `is a host, a port and a path`(
    url: String, host: String, port: UInt16, path: String, field: String
  ) throws {
    let endpoint = try #require(Endpoint(url))
    #expect(endpoint.host == host && endpoint.port == port && endpoint.basePath == path)
    #expect(endpoint.hostField == field)
  }

  @Test(arguments: [
    "", "https://", "http://a.example", "a.example", "https://a.example:0", "https://:443",
    "https://a.example:65536", "https://a.example:", "https://u:p@a.example",
    "https://a.example?x", "https://a.example/#x", "https://a b", "https://a.example/\r\n",
    "https://[::1", "https://::1", "https://é.example", "https://[]",
  ])
  func `is refused if it is anything else`(url: String) { #expect(Endpoint(url) == nil) }
}
