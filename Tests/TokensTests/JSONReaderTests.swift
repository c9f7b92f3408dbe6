// JSON as RFC 8259 has it, and nothing beside it.

import Testing

@testable import Tokens

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)),
      (" \t\r\n0 \t\r\n", .number(0)), ("-0", .number(0)), ("10", .number(10)),
      ("-1.50", .number(-1.5)), ("0.5", .number(0.5)), ("1e2", .number(100)),
      ("1E+2", .number(100)), ("12e-1", .number(1.2)), ("0e0", .number(0)),
      ("1764374400.123", .number(1_764_374_400.123)),
      ("9007199254740993", .number(9_007_199_254_740_992)), ("1e-400", .number(0)),
      (#""""#, .string("")), (#""a/b""#, .string("a/b")),
      (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
      (#""\u0041\u00e9\u00E9\u20AC""#, .string("Aéé€")), (#""\u0000""#, .string("\0")),
      (#""\uD83D\uDE00""#, .string("😀")), ("\"é€😀\u{7F}\"", .string("é€😀\u{7F}")),
      (#""\uFFFF\uFEFF""#, .string("\u{FFFF}\u{FEFF}")),
      ("[]", .array([])), ("[ ]", .array([])), ("{}", .object([:])), ("{ }", .object([:])),
      ("[1 , [ ], {}]", .array([.number(1), .array([]), .object([:])])),
      (
        #" { "a" : 1 , "b" : [ "c" ] , "" : null } "#,
        .object(["a": .number(1), "b": .array([.string("c")]), "": .null])
      ),
    ] as [(String, JSONValue)])
  func `what is JSON is read`(text: String, value: JSONValue) throws {
    #expect(try JSONReader.read(Array(text.utf8)) == value)
  }

  @Test(
    arguments: [
      "", " ", "nul", "nulll", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "'a'",
      "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e2", "1e", "1e+", "1e1.0", "0x10", "1_0",
      "1 2", "1,", "- 1", "1e400", "-1e400", "１",
      #"""#, #""a"#, #""\"#, #""\x41""#, #""\u004""#, #""\u004g""#, #""\u+041""#, #""\U0041""#,
      #""\'""#, #""a""b""#, "\"a\nb\"", "\"\t\"", "\"\0\"", "\"\u{1F}\"",
      "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1}", "[1:2]", "[]]", "[][]",
      "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1,,"b":2}"#,
      #"{"a":1 "b":2}"#, #"{"a" 1}"#, #"{a:1}"#, #"{'a':1}"#, #"{1:1}"#, #"{null:1}"#,
      #"{"a":1]"#, #"{"a":1}}"#, #"{"a":1}x"#, #"{"a":1}{"a":1}"#, #"{"a":1};"#,
      "/* */1", "1//", "#\n1", "\u{FEFF}1", "\u{A0}1", "\u{2028}1", "\u{B}1", "\u{C}1", "1\0",
    ])
  func `what is none is refused`(text: String) {
    #expect(throws: TokenError.malformed) { try JSONReader.read(Array(text.utf8)) }
  }

  @Test func `a part of a text is refused, wherever it ends`() throws {
    let text = Array(#"{"a":[1.5e3,"\u00e9\uD83D\uDE00é",true,null,{"b":false}]}"#.utf8)
    _ = try JSONReader.read(text)
    for end in text.indices {
      #expect(throws: TokenError.malformed) { try JSONReader.read(Array(text[..<end])) }
    }
  }

  /// JavaScript writes half a pair where it cut a text; the text around it is JSON all the same.
  @Test(
    arguments: [
      #"\uD83D"#, #"\uDE00"#, #"\uDE00\uD83D"#, #"\uD83Dx"#, #"\uD83D\n"#, #"\uD83D\uD83D"#,
      #"\uD83D\u0041"#,
    ])
  func `half a surrogate pair is no text, and no name`(half: String) throws {
    let value = try JSONReader.read(Array(#"["\#(half)","b"]"#.utf8))
    #expect(value == .array([.brokenString, .string("b")]))
    #expect(throws: TokenError.malformed) { try JSONReader.read(Array(#"{"\#(half)":1}"#.utf8)) }
  }

  /// Cut off, overlong, a surrogate, beyond Unicode, and bytes that never begin anything.
  @Test(
    arguments: [
      [0xC3], [0xE2, 0x82], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFF],
    ] as [[UInt8]])
  func `bytes that are no UTF-8 are no text, and no name`(bytes: [UInt8]) throws {
    let quoted = [0x22] + bytes + [0x22]
    #expect(try JSONReader.read(quoted) == .brokenString)
    #expect(throws: TokenError.malformed) {
      try JSONReader.read(Array("{".utf8) + quoted + Array(":1}".utf8))
    }
    #expect(throws: TokenError.malformed) { try JSONReader.read(bytes) }
  }

  @Test(
    arguments: [
      #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":null}"#, #"{"a":1,"\u0061":2}"#, #"{"":1,"":2}"#,
      #"[{"b":{"a":1,"a":2}}]"#, "{\"é\":1,\"e\u{301}\":2}",
    ])
  func `a name that comes twice is refused`(text: String) {
    #expect(throws: TokenError.malformed) { try JSONReader.read(Array(text.utf8)) }
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
  func `depth has a limit`(opening: String, closing: String) throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: opening, count: depth) + "1").utf8)
        + Array(String(repeating: closing, count: depth).utf8)
    }
    _ = try JSONReader.read(nested(63))
    #expect(throws: TokenError.malformed) { try JSONReader.read(nested(64)) }
    let open = Array(String(repeating: opening, count: 100_000).utf8)
    #expect(throws: TokenError.malformed) { try JSONReader.read(open) }
  }
}
