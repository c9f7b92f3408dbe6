// The form's fields: the duration, the topic, the language.

import HTTPSyntax
import Testing

@testable import Sessions

@Suite struct `The duration` {
  @Test(arguments: [
    ("0", 0), ("00", 0), ("0.0", 0), ("0.4", 0), ("0.5", 1), (".5", 1), ("5.", 5), ("7", 7),
    ("007", 7), ("12.4999", 12), ("12.5", 13), ("12.50", 13), ("0.49999999999999999999", 0),
    ("86399.5", 86_400), ("86400", 86_400), ("86400.", 86_400), ("86400.0", 86_400),
    ("86400.0000000000000000000000", 86_400), ("00000086400", 86_400),
  ])
  func `a decimal number is rounded to whole seconds`(text: String, seconds: Int) {
    #expect(read([bytes(text)]) == seconds)
    #expect(read(bytes(text).map { [$0] }) == seconds)
    for position in 0...text.utf8.count {
      #expect(read([Array(bytes(text)[..<position]), Array(bytes(text)[position...])]) == seconds)
    }
  }

  @Test(arguments: [
    "", ".", "86400.4", "86400.0001", "86400.5", "86401", "864000", "-1", "-0.5", "+5", " 5",
    "5 ", "5\n", "\u{0}5", "5\u{0}", "1.2.3", "1,5", "nan", "NaN", "inf", "Infinity", "0x10",
    "1e3", "1e400", "1_000", "٣", "１２", "five", "9223372036854775808",
    "18446744073709551616", "18446744073709551617",
  ])
  func `anything else is refused`(text: String) {
    #expect(read([bytes(text)]) == nil)
    #expect(read(bytes(text).map { [$0] }) == nil)
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    #expect(read([[0x35, 0xFF]]) == nil)
    #expect(read([[0xFF, 0x35]]) == nil)
  }

  @Test func `a mebibyte of digits is judged without being kept`() {
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 1 << 20)
    let nines = [UInt8](repeating: UInt8(ascii: "9"), count: 1 << 20)
    #expect(read([zeros, bytes("12.5")]) == 13)
    #expect(read([bytes("12.4"), nines]) == 12)
    #expect(read([bytes("86400."), zeros]) == 86_400)
    #expect(read([bytes("86400."), zeros, bytes("1")]) == nil)
    #expect(read([nines]) == nil)
    #expect(read([nines, bytes(".0")]) == nil)
    // A handful of words, whatever came.
    #expect(MemoryLayout<DurationField>.size <= 32)
  }

  private func read(_ pieces: [[UInt8]]) -> Int? {
    var field = DurationField()
    for piece in pieces { field.append(piece.span) }
    return field.seconds
  }
}

@Suite struct `Text fields` {
  @Test func `no more is kept than judging needs`() {
    var field = TextField(maxBytes: 10)
    field.append(bytes("01234").span)
    field.append(bytes("56789").span)
    #expect(!field.isTooLong)
    #expect(field.bytes == bytes("0123456789"))
    for _ in 0..<1_000 { field.append(bytes("more").span) }
    #expect(field.isTooLong)
    #expect(field.bytes == bytes("0123456789"))
  }

  @Test func `what follows a piece that was too long does not count as a field of its own`() {
    var language = LanguageField()
    var topic = TopicField()
    for piece in [String(repeating: "x", count: 2001), "en"] {
      language.append(bytes(piece).span)
      topic.append(bytes(piece).span)
    }
    #expect(throws: Refusal.invalidField(.language)) { try language.parse() }
    #expect(throws: Refusal.invalidField(.topic)) { try topic.parse() }
  }

  @Test(arguments: [
    ("", ""), ("\u{FEFF}", ""), ("\u{FEFF}5", "5"), ("5\u{FEFF}", "5\u{FEFF}"),
    ("\u{FEFF}\u{FEFF}5", "\u{FEFF}5"), ("\u{FEFE}5", "\u{FEFE}5"), ("\u{F000}", "\u{F000}"),
  ])
  func `a mark at the beginning is dropped, however the field is cut`(
    text: String, expected: String
  ) {
    let text = bytes(text)
    for first in 0...text.count {
      for second in first...text.count {
        var mark = LeadingMark()
        var passed: [UInt8] = []
        for piece in [text[..<first], text[first..<second], text[second...]] {
          mark.strip(Array(piece).span) { passed += Array(copying: $0) }
        }
        mark.finish { passed += Array(copying: $0) }
        #expect(passed == bytes(expected), "cut at \(first) and \(second)")
      }
    }
  }

  @Test(
    arguments: [[0xEF], [0xEF, 0xBB], [0xEF, 0xBB, 0xBE], [0xEF, 0xEF, 0xBB, 0xBF]] as [[UInt8]])
  func `what only begins like a mark stays`(text: [UInt8]) {
    var mark = LeadingMark()
    var passed: [UInt8] = []
    mark.strip(text.span) { passed += Array(copying: $0) }
    mark.finish { passed += Array(copying: $0) }
    #expect(passed == text)
  }
}

@Suite struct `The topic` {
  @Test(arguments: [
    "a", " spaces stay ", "Søren's \"day\" 🎤", "\u{85}\u{80}\u{2028}", "e\u{301}",
    String(repeating: "a", count: 500), String(repeating: "é", count: 500),
    String(repeating: "🎤", count: 500), String(repeating: "e\u{301}", count: 250),
  ])
  func `text of up to 500 scalars is taken as it is`(text: String) throws {
    let topic = try #require(try parse(bytes(text)))
    #expect(topic.utf8.elementsEqual(text.utf8))
  }

  @Test func `an empty field counts as absent`() throws {
    #expect(try parse([]) == nil)
  }

  @Test(arguments: [
    String(repeating: "a", count: 501), String(repeating: "a", count: 2_001),
    String(repeating: "🎤", count: 501), String(repeating: "e\u{301}", count: 250) + "x",
    "a\u{0}", "a\u{B}b", "a\u{C}b", "\u{1B}[31m", "\u{1F}", "\u{7F}",
  ])
  func `longer text and control characters are refused`(text: String) {
    #expect(throws: Refusal.invalidField(.topic)) { try parse(bytes(text)) }
  }

  @Test(
    arguments: [
      [0xFF], [0x61, 0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ] as [[UInt8]])
  func `what is not UTF-8 is refused and not repaired`(text: [UInt8]) {
    #expect(throws: Refusal.invalidField(.topic)) { try parse(text) }
  }

  @Test(arguments: [
    ("a\nb", "a b"), ("a\r\nb", "a b"), ("a\tb", "a b"), ("a\t \n\r\n\tb", "a   b"),
    ("a\n\n\n", "a "), ("\n", " "), (" a\r", " a "),
    (String(repeating: "a\r\n", count: 250), String(repeating: "a ", count: 250)),
    ("a" + String(repeating: "\n", count: 5000), "a "),
  ])
  func `line ends and tabs become one space each run`(text: String, expected: String) throws {
    #expect(try parse(bytes(text)) == expected)
    var field = TopicField()
    for byte in bytes(text) { field.append([byte].span) }
    #expect(try field.parse() == expected)
  }

  private func parse(_ text: [UInt8]) throws(Refusal) -> String? {
    var field = TopicField()
    field.append(text.span)
    return try field.parse()
  }
}

@Suite struct `The language` {
  @Test(arguments: [
    "en", "EN", "abcdefgh", "pt-BR", "zh-Hant-TW", "de-1996", "en-a", "sl-rozaj-biske-1994",
    "en-abcdefgh-abcdefgh-abcdefgh-abcde",
  ])
  func `a tag is taken as it is`(text: String) throws {
    #expect(try parse(text) == text)
  }

  @Test(arguments: ["", " ", " \r\n\t"])
  func `an empty field counts as absent`(text: String) throws {
    #expect(try parse(text) == nil)
  }

  @Test(arguments: [
    ("en_US", "en-US"), ("zh_Hant_TW", "zh-Hant-TW"), ("pt_BR-x", "pt-BR-x"), (" en ", "en"),
    ("\ten_GB\r\n", "en-GB"), ("en" + String(repeating: " ", count: 1000), "en"),
  ])
  func `underscores are hyphens, and blanks around do not count`(
    text: String, expected: String
  ) throws {
    #expect(try parse(text) == expected)
  }

  @Test(arguments: [
    "e", "abcdefghi", "en-", "-en", "-", "en--US", "en__US", "1en", "e1", "en-abcdefghi", "en US",
    "en_", "_en", "e n", "en\u{B}", "en\u{A0}", "en\u{0}", "é", "ｅｎ", "en-ß", "*",
    "en-abcdefgh-abcdefgh-abcdefgh-abcdef",
  ])
  func `anything else is refused`(text: String) {
    #expect(throws: Refusal.invalidField(.language)) { try parse(text) }
  }

  private func parse(_ text: String) throws(Refusal) -> String? {
    var field = LanguageField()
    field.append(bytes(text).span)
    return try field.parse()
  }
}
