// The Idempotency-Key header: what is a key, and which two are the same.

import Testing

@testable import Sessions

@Suite struct `Idempotency keys` {
  @Test(arguments: [
    ("k", "k"), ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
    ("\"k\"", "k"), (#""a\"b\\c""#, #"a"b\c"#), ("a\"b", "a\"b"), ("!~", "!~"),
    (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
  ])
  func `a key is the same bare and in quotes`(field: String, key: String) throws {
    #expect(try IdempotencyKey.read([Array(field.utf8)])?.text == key)
  }

  @Test(arguments: [
    "", "\"\"", "a b", "\"a b\"", "é", "\"a", "\"a\"b\"", #""a\b""#, #""a\"#, "\"", "a\u{7F}",
    "\t", String(repeating: "k", count: 256),
  ])
  func `anything else is refused`(field: String) {
    #expect(throws: Refusal.invalidIdempotencyKey) {
      _ = try IdempotencyKey.read([Array(field.utf8)])
    }
  }

  @Test func `without a header there is none, and two are too many`() throws {
    #expect(try IdempotencyKey.read([]) == nil)
    #expect(throws: Refusal.invalidIdempotencyKey) {
      _ = try IdempotencyKey.read([Array("a".utf8), Array("a".utf8)])
    }
  }
}
