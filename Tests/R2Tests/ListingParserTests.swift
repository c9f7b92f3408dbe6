// Listings, whole and hostile.

import Testing

@testable import R2

private func object(_ key: String, _ size: String = "7") -> String {
  """
  <Contents><Key>\(key)</Key><LastModified>2026-02-18T22:55:18.123Z</LastModified>\
  <ETag>&quot;e&quot;</ETag><Size>\(size)</Size><Owner><ID>o</ID></Owner></Contents>
  """
}

private func listing(_ inner: String) -> String {
  """
  <?xml version="1.0" encoding="UTF-8"?>
  <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(inner)</ListBucketResult>

  """
}

private let last = "<IsTruncated>false</IsTruncated>"

private func parse(
  _ text: some Collection<UInt8>, pieces: [Int] = [], prefix: String = "", maxObjects: Int = 1000
) throws(ListingError) -> ListedPage {
  let bytes = Array(text)
  var parser = ListingParser(prefix: prefix, maxObjects: maxObjects)
  var start = 0
  for end in pieces + [bytes.count] {
    try parser.append(bytes.span.extracting(start..<end))
    start = end
  }
  return try parser.finish()
}

private func parse(
  _ text: String, prefix: String = "", maxObjects: Int = 1000
) throws(ListingError) -> ListedPage {
  try parse(text.utf8, prefix: prefix, maxObjects: maxObjects)
}

extension ListedPage {
  /// All of it as text, to compare.
  fileprivate var summary: [String] {
    objects.map { "\($0.key.text) \($0.lastModifiedSeconds) \($0.byteCount)" }
      + [continuation ?? "-"]
  }
}

@Suite struct `The parser of listings` {
  @Test func `gives the same, however the bytes come`() throws {
    let text = listing(
      """
      <Name>b</Name><Prefix/><KeyCount>2</KeyCount>
      \(object("sessions/a%2Bb+c/%C3%A9.webm"))
      <Contents ><Size>0</Size ><LastModified>1970-01-01T00:00:00Z</LastModified>
      <Key>sessions/&amp;&#x21;</Key></Contents>
      <NextContinuationToken>a&amp;b=</NextContinuationToken><IsTruncated>true</IsTruncated>
      <EncodingType>url</EncodingType>
      """)
    let bytes = Array(text.utf8)
    let expected = ["sessions/a+b c/é.webm 1771455318 7", "sessions/&! 0 0", "a&b="]
    #expect(try parse(bytes).summary == expected)
    for split in 0...bytes.count {
      #expect(try parse(bytes, pieces: [split]).summary == expected)
    }
    #expect(try parse(bytes, pieces: Array(1..<bytes.count)).summary == expected)
  }

  @Test func `takes no listing that is cut short for a whole one`() throws {
    let bytes = Array(listing(object("a") + last).utf8)
    // The line end after the root may be missing.
    for end in 0..<(bytes.count - 1) {
      #expect(throws: ListingError.self) { try parse(bytes[..<end]) }
    }
    #expect(try parse(bytes.dropLast()).objects.count == 1)
  }

  @Test func `leaves keys alone that are not said to be encoded`() throws {
    #expect(try parse(listing(object("a+b%20") + last)).objects.first?.key.text == "a+b%20")
  }

  @Test func `goes on nowhere from the last page`() throws {
    let text = listing("<NextContinuationToken>t</NextContinuationToken>\(last)")
    #expect(try parse(text).continuation == nil)
  }

  @Test func `takes as many objects as were asked for, and no more`() throws {
    let text = listing(object("a") + object("b") + last)
    #expect(try parse(text, maxObjects: 2).objects.count == 2)
    #expect(throws: ListingError.tooLong) { try parse(text, maxObjects: 1) }
  }

  @Test(arguments: ["other/a", "session", "Sessions/a", ""])
  func `refuses a key without the prefix`(key: String) {
    #expect(throws: ListingError.foreignKey) {
      try parse(listing(object(key) + last), prefix: "sessions/")
    }
  }

  @Test func `compares the prefix with the decoded key`() throws {
    let encoded = listing(object("sessions%2Fa") + last + "<EncodingType>url</EncodingType>")
    #expect(try parse(encoded, prefix: "sessions/").objects.count == 1)
    let hidden = listing(object("sessions%2Fa") + last)
    #expect(throws: ListingError.foreignKey) { try parse(hidden, prefix: "sessions/") }
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", "<ListBucketResult><!-- a -->",
    "<ListBucketResult><![CDATA[a]]>", "<ListBucketResult><?a?>", "<ListBucketResult/><?a?>",
  ])
  func `refuses markup that no listing needs`(text: String) {
    #expect(throws: ListingError.forbiddenMarkup) { try parse(text) }
  }

  @Test(arguments: [
    "", " ", "<", "<html></html>", "<Error><Code>a</Code></Error>", "{}", "\u{feff}<a/>",
    "a<ListBucketResult/>", "<ListBucketResult/>a", "<ListBucketResult/><ListBucketResult/>",
    "<ListBucketResult></listBucketResult>", "<ListBucketResult></ListBucketResult x>", "</a>",
    "</>", "<>", "< ListBucketResult/>", "<ListBucketResult/ >", "<ListBucketResult<>",
    "<ListBucketResult a=\"<\"/>", "<ListBucketResult>\u{0}", "<ListBucketResult>a<b/>",
    "<ListBucketResult><b/>a", "<é/>", "<ListBucketResult><a></b></a>",
    "<ListBucketResult><Contents><Key>a<b/></Key>",
  ])
  func `refuses what is not well-formed`(text: String) {
    #expect(throws: ListingError.malformed) { try parse(text) }
    #expect(throws: ListingError.malformed) {
      try parse(text.utf8, pieces: Array(0..<text.utf8.count))
    }
  }

  @Test(arguments: [
    "&", "&;", "&a", "&b;", "&AMP;", "&#;", "&#x;", "&#0;", "&#x1F;", "&#xD800;", "&#x110000;",
    "&#a;", "&#xg;", "&#-1;", "&#x000000041;", "&amp", "&lol9;",
  ])
  func `refuses entities that nobody has declared`(entity: String) {
    #expect(throws: ListingError.malformed) { try parse(listing(object(entity) + last)) }
  }

  @Test func `decodes entities once`() throws {
    let text = listing(object("&amp;lt;&lt;&gt;&quot;&apos;&#233;&#x1F600;") + last)
    #expect(try parse(text).objects.first?.key.text == "&lt;<>\"'é😀")
  }

  @Test(arguments: [
    "", "<IsTruncated>maybe</IsTruncated>", "<IsTruncated>true</IsTruncated>", last + last,
    "<IsTruncated>true</IsTruncated><NextContinuationToken></NextContinuationToken>",
    "<NextContinuationToken>a</NextContinuationToken>"
      + "<NextContinuationToken>a</NextContinuationToken>" + last,
    last + "<EncodingType>gzip</EncodingType>", last + "<Contents/>",
    last + "<Contents><Key>a</Key><Size>1</Size></Contents>", last + object("a</Key><Key>b"),
    last + object("a", "-1"), last + object("a", ""), last + object("a", "9999999999999999999"),
    last + object(""), last + object(String(repeating: "k", count: 1025)),
    last + object("a").replacing("2026", with: "26"), last + object("a").replacing("Z", with: ""),
    last + object("a").replacing("02-18", with: "13-18"),
    last + object("a").replacing(".123", with: ".x"),
    last + object("%zz") + "<EncodingType>url</EncodingType>",
    last + object("a%2") + "<EncodingType>url</EncodingType>",
    last + object("%ff") + "<EncodingType>url</EncodingType>",
  ])
  func `refuses elements that are missing, repeated or meaningless`(inner: String) {
    #expect(throws: ListingError.badElement) { try parse(listing(inner)) }
  }

  @Test func `limits names, texts and depth to the byte`() throws {
    func name(_ count: Int) -> String { "<\(String(repeating: "n", count: count))/>" }
    func text(_ count: Int) -> String { "<a>\(String(repeating: "t", count: count))</a>" }
    func depth(_ count: Int) -> String {
      String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count)
    }
    for (make, most) in [
      (name, XMLReader.maxNameBytes), (text, XMLReader.maxTextBytes),
      (depth, XMLReader.maxDepth - 1),
    ] {
      #expect(try parse(listing(make(most) + last)).objects.isEmpty)
      #expect(throws: ListingError.tooLong) { try parse(listing(make(most + 1) + last)) }
    }
  }
}
