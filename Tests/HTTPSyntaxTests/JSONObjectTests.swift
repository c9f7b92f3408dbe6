// JSON of our own making, read by a parser that is not.

import FoundationEssentials
import HTTPSyntax
import Testing

@Suite struct `A JSON object` {
  @Test func `has its members in their order`() {
    let object: JSONObject = ["b": "x", "a": 1, "c": true, "d": false, "e": -5]
    #expect(
      String(decoding: object.bytes, as: UTF8.self) == #"{"b":"x","a":1,"c":true,"d":false,"e":-5}"#
    )
    let empty: JSONObject = [:]
    #expect(empty.bytes == Array("{}".utf8))
  }

  @Test(arguments: [
    "", "plain", "\"quoted\"", "back\\slash", "a/b", "\u{0}\u{1}\u{8}\t\n\u{C}\r\u{1F}\u{7F}",
    "é\u{2028}🎤", "</script>", "\u{FEFF}",
  ])
  func `says what was meant`(text: String) throws {
    let object: JSONObject = ["text": .string(text)]
    let read = try JSONDecoder().decode([String: String].self, from: Data(object.bytes))
    #expect(read == ["text": text])
  }
}
