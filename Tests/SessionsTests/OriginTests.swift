// Origins, by which the pages of other sites are told from our own.

import Testing

@testable import Sessions

@Suite struct `Origins` {
  @Test(arguments: [
    ("https://a.example", "https://a.example:443"), ("http://a.example", "http://a.example:80"),
    ("HTTPS://A.Example", "https://a.example"), ("http://a:08080", "http://a:8080"),
    ("http://[::1]:80", "http://[::1]"), ("http://[FE80::1]:8080", "http://[fe80::1]:8080"),
    ("capacitor://localhost", "Capacitor://LOCALHOST"),
    ("https://a_b.example", "https://A_B.example"),
  ])
  func `letters have no case and a default port counts as none`(left: String, right: String) throws
  {
    let left = try #require(Origin(left.utf8))
    #expect(left == Origin(right.utf8))
  }

  @Test(arguments: [
    ("https://a.example", "http://a.example"), ("https://a.example", "https://a.example:80"),
    ("http://a.example", "http://a.example:443"), ("https://a.example", "https://a.example:8443"),
    ("https://a.example", "https://a.example."), ("https://a.example", "https://www.a.example"),
    ("https://a.example", "https://b.example"), ("capacitor://a:80", "capacitor://a"),
    ("capacitor://a", "ionic://a"), ("http://[::1]", "http://[::2]"),
    ("http://[::1]:1", "http://[::1]:2"),
  ])
  func `another scheme, host or port is another origin`(left: String, right: String) throws {
    let left = try #require(Origin(left.utf8))
    let right = try #require(Origin(right.utf8))
    #expect(left != right)
  }

  @Test(arguments: [
    "", "null", "NULL", "*", "a.example", "a.example:443", "//a.example", "://a.example",
    "https:", "https:/", "https://", "https:///", "https:a.example", "https:/a.example",
    "https://a.example/", "https://a.example/app", "https://a.example?x", "https://a.example#x",
    "https://user@a.example", "https://user:word@a.example", "https://*", "https://*.example",
    "https://a.example:", "https://a.example:x", "https://a.example:-1", "https://a.example:+1",
    "https://a.example:65536", "https://a.example:443:443", "https://:443", " https://a.example",
    "https://a.example ", "https://a example", "https://a.example,https://b.example",
    "https://a.example\u{0}", "https://a.example\r\n", "https://é.example", "https://a%2Eexample",
    "https://[]", "https://[::1", "https://::1]", "https://[::1]x", "https://[::1]:",
    "1https://a.example", "ht_tps://a.example", "https\u{212A}://a",
  ])
  func `anything else is none`(text: String) {
    #expect(Origin(text.utf8) == nil)
  }

  @Test(arguments: [
    ("http://a.example", "a.example"), ("http://a.example", "A.example:80"),
    ("https://a.example", "a.example:443"), ("https://a.example:443", "a.example"),
    ("http://[::1]:8080", "[::1]:8080"), ("https://a.example:80", "a.example:80"),
  ])
  func `a host is an origin's own whatever its scheme`(origin: String, host: String) throws {
    #expect(try #require(Origin(origin.utf8)).isHost(bytes(host)))
  }

  @Test(arguments: [
    ("http://a.example", ""), ("http://a.example", "a.example:8080"),
    ("http://a.example", "a.example:443"), ("https://a.example", "a.example:80"),
    ("http://a.example", "b.example"), ("http://a.example", "a.example, a.example"),
    ("http://a.example", "a.example/"), ("capacitor://a.example", "a.example"),
  ])
  func `another host is not`(origin: String, host: String) throws {
    #expect(try #require(Origin(origin.utf8)).isHost(bytes(host)) == false)
  }
}
