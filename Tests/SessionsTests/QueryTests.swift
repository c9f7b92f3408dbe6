// The query: its parameters, its numbers, and which page it asks for.

import HTTPSyntax
import Testing

@testable import Sessions

@Suite struct `Decimal digits` {
  @Test(arguments: [
    ("0", 0), ("7", 7), ("007", 7), ("9007199254740991", 9_007_199_254_740_991),
    ("000000000000000000000000000001", 1),
  ])
  func `digits are a number`(text: String, number: Int) {
    #expect(DecimalDigits.parse(bytes(text)[...]) == number)
  }

  @Test(arguments: [
    "", "+1", "-1", "-0", " 1", "1 ", "1.0", "1e3", "0x10", "1_0", "１", "٣", "9007199254740992",
    "9223372036854775808", "18446744073709551617", String(repeating: "9", count: 1_000),
  ])
  func `anything else and numbers beyond 2^53 are none`(text: String) {
    #expect(DecimalDigits.parse(bytes(text)[...]) == nil)
  }
}

@Suite struct `The query` {
  @Test(arguments: [
    ("x=1", "1"), ("a=0&x=1", "1"), ("x=1&x=2", "1"), ("&&x=1&", "1"), ("x=", ""), ("x", ""),
    ("x&x=2", ""), ("%78=1", "1"), ("x=a+b", "a b"), ("x=a%2Bb", "a+b"), ("x=a%20b", "a b"),
    ("x=1=2", "1=2"), ("x=%zz", "%zz"), ("x=%26y%3D", "&y="), ("x=1;y=2", "1;y=2"),
    ("xx=0&X=0&x=1", "1"),
  ])
  func `the first parameter of a name is found and decoded`(text: String, value: String) {
    #expect(Query(bytes(text))["x"] == bytes(value))
  }

  @Test(arguments: ["", "&", "=1", "y=x", "x%00=1", "a;x=1", "X=1", "%2578=1", "?x=1"])
  func `another name is another parameter`(text: String) {
    #expect(Query(bytes(text))["x"] == nil)
  }
}

@Suite struct `Pages` {
  @Test(arguments: [
    ("", 1, 10, 0), ("page=1&limit=10", 1, 10, 0), ("page=3", 3, 10, 20),
    ("limit=100&page=2", 2, 100, 100), ("limit=1", 1, 1, 0), ("page=&limit=", 1, 10, 0),
    ("page", 1, 10, 0), ("page=2&page=x", 2, 10, 10), ("page=&page=7", 1, 10, 0),
    ("page=007", 7, 10, 60), ("p%61ge=%32", 2, 10, 10), ("other=x&page=2", 2, 10, 10),
    (
      "page=9007199254740991&limit=100", 9_007_199_254_740_991, 100, 900_719_925_474_099_000
    ),
  ])
  func `page and limit say what to pass over`(
    query: String, number: Int, limit: Int, offset: Int
  ) throws {
    let page = try Page(Query(bytes(query)))
    #expect(page.number == number)
    #expect(page.limit == limit)
    #expect(page.offset == offset)
    #expect(page.cursor == nil)
  }

  @Test(arguments: [
    "page=0", "page=00", "page=-1", "page=+1", "page=%2B1", "page=1.0", "page=1e1", "page= 1",
    "page=1%20", "page=x", "page=%zz", "page=%00", "page=9007199254740992", "page=１",
    "page=99999999999999999999", "limit=0", "limit=101", "limit=-5", "limit=ten",
    "limit=1000000000000000000000", "page=1&limit=0", "page=x&page=1", "page=1;limit=5",
  ])
  func `what is no whole number in range is refused`(query: String) {
    #expect(throws: Refusal.invalidPagination) { try Page(Query(bytes(query))) }
  }

  @Test func `an empty cursor starts a walk`() throws {
    #expect(try Page(Query(bytes("cursor="))).cursor == .start)
    #expect(try Page(Query(bytes("cursor"))).cursor == .start)
    #expect(try Page(Query(bytes("cursor=&page=3"))).offset == 0)
  }

  // The list's statement makes `<milliseconds>-<the id's bytes in hexadecimal>`.
  @Test(
    arguments: [
      0, 1_771_455_318_123, 253_402_300_800_000, -1, -210_866_803_200_001, 9_224_318_016_000_000,
    ],
    ["c0123456789abcdefghijklmn", "with-dash", "søren 🎤", "%2B+&=", "e\u{301}"])
  func `a cursor of ours says where to go on`(createdAt: Int, id: String) throws {
    let cursor = "\(createdAt)-\(hexadecimal(id))"
    let page = try Page(Query(bytes("cursor=\(cursor)&limit=5")))
    guard case .after(let foundTime, let foundID) = page.cursor else {
      Issue.record("no cursor")
      return
    }
    #expect(foundTime == createdAt)
    #expect(foundID.utf8.elementsEqual(id.utf8))
    #expect(page.limit == 5)
    #expect(page.offset == 0)
  }

  @Test(arguments: [
    "x", "-", "1", "1-", "-63", "1-6", "1-zz", "1-63-63", "1--63", "+1-63", "--1-63", " 1-63",
    "1-63 ", "1.5-63", "1_63", "9224318016000001-63", "-210866803200002-63",
    "99999999999999999999-63",
    "-99999999999999999999-63", "1-00", "1-0a",
    "1-7f", "1-ff", "1-c3", "%00", "%zz", "1-%36", "null",
  ])
  func `a cursor that is none of ours is refused`(cursor: String) {
    #expect(throws: Refusal.invalidPagination) { try Page(Query(bytes("cursor=\(cursor)"))) }
  }

  private func hexadecimal(_ text: String) -> String {
    text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

@Suite struct `Filters of a list` {
  @Test(
    arguments: [
      ("q=coffee", "coffee", nil, nil), ("q=50%25_a", "50%_a", nil, nil),
      ("q=+a+", " a ", nil, nil),
      ("q=%D0%BA", "к", nil, nil), ("status=UPLOADED", nil, "UPLOADED", nil),
      ("status=never%20seen", nil, "never seen", nil), ("language=pt-BR", nil, nil, "pt-BR"),
      ("language=pt_BR%20", nil, nil, "pt-BR"), ("q=a&status=&language=", "a", nil, nil),
      ("q=a&q=b&status=s&language=en", "a", "s", "en"), ("q=&language=en", nil, nil, "en"),
    ] as [(String, String?, String?, String?)])
  func `are read beside the page`(
    query: String, search: String?, status: String?, language: String?
  ) throws {
    let page = try Page(Query(bytes("page=2&" + query)))
    #expect(page.filter == ListFilter(search: search, status: status, language: language))
    #expect(page.number == 2)
  }

  @Test(arguments: ["", "q=", "status&language", "Q=a", "search=a", "lang=en", "qq=1", "q%00=1"])
  func `without one the list is whole`(query: String) throws {
    #expect(try Page(Query(bytes(query))).filter == nil)
  }

  @Test func `a search has up to 100 characters, whatever their bytes`() throws {
    for character in ["a", "é", "語", "🎤"] {
      let text = String(repeating: character, count: 100)
      #expect(try Page(Query(bytes("q=\(text)"))).filter?.search == text)
      #expect(throws: Refusal.invalidField(.search)) {
        try Page(Query(bytes("q=\(text)\(character)")))
      }
    }
  }

  @Test(arguments: ["%00", "a%0Ab", "%ff", "%c3", "%7F", "%ED%A0%80", "%09"])
  func `what is no text on one line is refused`(value: String) {
    #expect(throws: Refusal.invalidField(.search)) { try Page(Query(bytes("q=\(value)"))) }
    #expect(throws: Refusal.invalidField(.status)) { try Page(Query(bytes("status=\(value)"))) }
  }

  @Test(arguments: [
    "e", "englishes", "en-", "-en", "en--US", "e1", "%00", "en%25", "123",
    "en-US-en-US-en-US-en-US-en-US-en-US-",
  ])
  func `what is no language tag is refused`(value: String) {
    #expect(throws: Refusal.invalidField(.language)) {
      try Page(Query(bytes("language=\(value)")))
    }
  }

  @Test func `a cursor holds for its own filter alone`() throws {
    let filters = [
      "q=a", "q=b", "q=A", "status=a", "q=a&status=a", "language=en", "language=de",
      "q=a&language=en", "q=en", "status=en",
    ]
    for made in filters {
      let mark = try #require(try Page(Query(bytes(made))).filter).mark
      for other in filters + [""] where other != made {
        #expect(throws: Refusal.invalidPagination) {
          try Page(Query(bytes("cursor=1-63-\(mark)&\(other)")))
        }
      }
      #expect(try Page(Query(bytes("cursor=1-63-\(mark)&\(made)"))).cursor != nil)
      #expect(throws: Refusal.invalidPagination) { try Page(Query(bytes("cursor=1-63&\(made)"))) }
    }
    let mark = ListFilter(language: "en").mark
    #expect(try Page(Query(bytes("cursor=1-63-\(mark)&language=EN"))).cursor != nil)
  }
}
