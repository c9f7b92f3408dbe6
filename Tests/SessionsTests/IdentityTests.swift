// Meta-variables, and who is asking.

import Gateway
import Testing

@testable import Sessions

@Suite struct `Meta-variables` {
  @Test func `each variable is kept as it came, the rest passed over`() {
    let found = variables([
      ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a?b"), ("SCRIPT_NAME", "/s"),
      ("PATH_INFO", "/p"), ("QUERY_STRING", "q=1"), ("CONTENT_TYPE", "t/s"),
      ("CONTENT_LENGTH", "12"), ("REMOTE_USER", "u"), ("REMOTE_USER", "v"),
      ("REMOTE_EMAIL", "e"), ("REMOTE_NAME", "n"), ("REQUEST_ID", "id"), ("HTTP_HOST", "h"),
      ("HTTP_HOST", "i"), ("HTTP_ORIGIN", "o"), ("HTTP_SEC_FETCH_SITE", "none"),
      ("HTTP_RANGE", "bytes=0-"), ("REMOTE_NAME_ENCODING", "percent"), ("OTHER", "x"),
    ])
    #expect(found.requestMethod == bytes("GET"))
    #expect(found.requestURI == bytes("/a?b"))
    #expect(found.queryString == bytes("q=1"))
    #expect(found.contentType == bytes("t/s"))
    #expect(found.announcedLength == 12)
    #expect(found.remoteUser == [bytes("u"), bytes("v")])
    #expect(found.remoteEmail == [bytes("e")])
    #expect(found.remoteName == [bytes("n")])
    #expect(found.usableRequestID == "id")
    #expect(found.host == [bytes("h"), bytes("i")])
    #expect(found.origin == [bytes("o")])
    #expect(found.secFetchSite == [bytes("none")])
    #expect(found.range == [bytes("bytes=0-")])
    #expect(found.isRemoteNamePercentEncoded)
    #expect(variables([("SCRIPT_NAME", "/s"), ("PATH_INFO", "/p")]).path == bytes("/s/p"))
  }

  @Test(arguments: ["", "+1", "-1", "1 ", "x", "99999999999999999999"])
  func `a length that is no number is none`(text: String) {
    #expect(variables([("CONTENT_LENGTH", text)]).announcedLength == nil)
  }
}

@Suite struct `Who is asking` {
  @Test(arguments: [
    "demo", "d", "søren@example.org", " spaces ", "a/b", String(repeating: "x", count: 255),
    String(repeating: "é", count: 127), "\u{80}\u{85}",
  ])
  func `one name is an identity`(name: String) throws {
    let identity = try Identity(variables([("REMOTE_USER", name)]))
    #expect(identity.externalID.utf8.elementsEqual(name.utf8))
    #expect(identity.email == nil)
    #expect(identity.displayName == nil)
  }

  @Test(arguments: [
    [], [""], ["demo", "demo"], ["demo", ""], ["", "demo"], ["a\u{0}"], ["a\n"], ["\t"],
    ["\u{1F}"], ["a\u{7F}"], [String(repeating: "x", count: 256)],
    [String(repeating: "é", count: 128)],
  ])
  func `anything else is none`(names: [String]) {
    let variables = variables(names.map { ("REMOTE_USER", $0) })
    #expect(throws: Refusal.unauthorized) { try Identity(variables) }
  }

  @Test(arguments: [[0xFF], [0x61, 0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func `a name that is not UTF-8 is none`(name: [UInt8]) {
    var variables = MetaVariables()
    variables.set(bytes("REMOTE_USER").span, to: name.span)
    #expect(throws: Refusal.unauthorized) { try Identity(variables) }
  }

  @Test(arguments: [
    "HTTP_REMOTE_USER", "HTTP_X_REMOTE_USER", "HTTP_REMOTE-USER", "remote_user", "REMOTE_USER ",
    "REMOTE_USE", "REMOTE_USER2", "REMOTE_EMAIL", "REMOTE_IDENT", "AUTH_USER", "HTTP_AUTHORIZATION",
  ])
  func `no other variable carries identity`(name: String) {
    #expect(throws: Refusal.unauthorized) { try Identity(variables([(name, "victim")])) }
  }

  // Equal as Strings; as users of the app they are two.
  @Test func `names that only look the same stay apart as bytes`() throws {
    let composed = try Identity(variables([("REMOTE_USER", "\u{E9}")]))
    let decomposed = try Identity(variables([("REMOTE_USER", "e\u{301}")]))
    #expect(Array(composed.externalID.utf8) == [0xC3, 0xA9])
    #expect(Array(decomposed.externalID.utf8) == [0x65, 0xCC, 0x81])
  }

  @Test func `email and name come along`() throws {
    let identity = try Identity(
      variables([
        ("REMOTE_USER", "demo"), ("REMOTE_EMAIL", "d@example.org"), ("REMOTE_NAME", "Søren"),
      ]))
    #expect(identity.externalID == "demo")
    #expect(identity.email == "d@example.org")
    #expect(identity.displayName == "Søren")
  }

  @Test(arguments: [[""], ["a\nb"], ["a", "b"], ["\u{7F}"], ["a\u{0}"]])
  func `a bad email or name counts as absent`(values: [String]) throws {
    let identity = try Identity(
      variables(
        [("REMOTE_USER", "demo")] + values.map { ("REMOTE_EMAIL", $0) }
          + values.map { ("REMOTE_NAME", $0) }))
    #expect(identity.email == nil)
    #expect(identity.displayName == nil)
  }

  @Test(arguments: [
    ("Zo%C3%AB", "Zoë"), ("Zo%c3%ab", "Zoë"), ("Zoë", "Zoë"), ("%E6%9D%8E%20%F0%9F%8E%89", "李 🎉"),
    ("100%25", "100%"), ("%2541", "%41"), ("a+b", "a+b"), ("Alice", "Alice"),
    (String(repeating: "%41", count: 255), String(repeating: "A", count: 255)),
  ])
  func `a percent-encoded name is decoded once`(sent: String, name: String) throws {
    #expect(try displayName(sent, encoding: "percent") == name)
  }

  @Test(arguments: [
    "%", "%4", "%zz", "a%", "100% Anna", "%E9", "%C3", "%ED%A0%80", "%C0%AF", "%00", "a%0Ab", "%7F",
    "", String(repeating: "%41", count: 256),
  ])
  func `a percent-encoded name that is bad counts as absent`(sent: String) throws {
    #expect(try displayName(sent, encoding: "percent") == nil)
  }

  @Test(arguments: [nil, "", "Percent", "percent ", "utf-8"] as [String?])
  func `only where it is said to be encoded is a name decoded`(encoding: String?) throws {
    #expect(try displayName("Zo%C3%AB", encoding: encoding) == "Zo%C3%AB")
  }

  @Test func `user and email are never decoded`() throws {
    let identity = try Identity(
      variables([
        ("REMOTE_USER", "a%41"), ("REMOTE_EMAIL", "e%41"), ("REMOTE_NAME", "n%41"),
        ("REMOTE_NAME_ENCODING", "percent"),
      ]))
    #expect(identity.externalID == "a%41")
    #expect(identity.email == "e%41")
    #expect(identity.displayName == "nA")
  }

  @Test func `a client cannot say that a name is encoded`() throws {
    let identity = try Identity(
      variables([
        ("REMOTE_USER", "a"), ("REMOTE_NAME", "n%41"), ("HTTP_REMOTE_NAME_ENCODING", "percent"),
      ]))
    #expect(identity.displayName == "n%41")
  }

  private func displayName(_ name: String, encoding: String?) throws -> String? {
    var given = [("REMOTE_USER", "demo"), ("REMOTE_NAME", name)]
    if let encoding { given.append(("REMOTE_NAME_ENCODING", encoding)) }
    return try Identity(variables(given)).displayName
  }
}
