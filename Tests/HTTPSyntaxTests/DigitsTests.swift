// Numbers and percent escapes in bytes.

import HTTPSyntax
import Testing

@Suite struct `Digits` {
  @Test func `hexadecimal ones have either case`() {
    let values = "0123456789abcdefABCDEF".utf8.map(hexadecimalValue)
    #expect(values == Array(0...15) + Array(10...15))
  }

  @Test func `no other byte is a hexadecimal one`() {
    let digits = (UInt8.min...UInt8.max).filter { hexadecimalValue($0) != nil }
    #expect(digits == Array("0123456789ABCDEFabcdef".utf8))
  }

  @Test(arguments: [
    ("0", 0), ("007", 7), ("9007199254740991", 9_007_199_254_740_991), ("", nil), ("+1", nil),
    ("-1", nil), (" 1", nil), ("1a", nil), ("9007199254740992", nil), ("99999999999999999999", nil),
  ])
  func `decimal ones are a number below 2^53`(text: String, number: Int?) {
    #expect(DecimalDigits.parse(Array(text.utf8)[...]) == number)
  }
}

@Suite struct `Percent-encoding` {
  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("%41%62", "Ab"), ("%2f%2F", "//"), ("a+b", "a+b"),
    ("%2541", "%41"), ("%C3%A9", "é"),
  ])
  func `escapes are decoded once`(text: String, decoded: String) {
    #expect(percentDecoded(Array(text.utf8)[...]) == Array(decoded.utf8))
  }

  @Test func `any byte can be escaped`() {
    #expect(percentDecoded(Array("%00%ff%80".utf8)[...]) == [0x00, 0xFF, 0x80])
  }

  @Test(arguments: [
    "%", "%4", "a%", "%zz", "%4z", "%z4", "%%41", "% 1", "%+1", "%-1", "%0x41", "%é",
  ])
  func `a broken escape is no text`(text: String) {
    #expect(percentDecoded(Array(text.utf8)[...]) == nil)
  }
}
