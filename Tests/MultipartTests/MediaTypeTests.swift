// Media types, and the boundary in the request's Content-Type.

import Multipart
import Testing

@Suite struct MediaTypeTests {
  @Test(
    "A media type is read in lower case, its parameters checked",
    arguments: [
      ("audio/webm", "audio", "webm"), ("Audio/WebM;codecs=opus", "audio", "webm"),
      (" audio/ogg ; codecs=\"opus, x\" ", "audio", "ogg"), ("audio/*", "audio", "*"),
      ("audio/x;;a=b;", "audio", "x"), (#"audio/x;a="\"\\""#, "audio", "x"),
      ("application/vnd.api+json", "application", "vnd.api+json"),
    ])
  func accepted(value: String, type: String, subtype: String) throws {
    let mediaType = try MediaType(Array(value.utf8).span)
    #expect(mediaType.type == type)
    #expect(mediaType.subtype == subtype)
    #expect(!mediaType.hasNonASCIIParameter)
  }

  @Test(
    "What breaks RFC 9110's grammar is refused",
    arguments: [
      "", " ", "audio", "audio/", "/webm", "audio /webm", "audio/ webm", "audio/webm, audio/ogg",
      "audio/webm,", "audio/webm;a=b, audio/ogg", "audio/webm;codecs", "audio/webm;codecs=",
      "audio/webm;codecs =opus", "audio/webm;codecs=\"opus", "audio/webm codecs=opus",
      "audio/we bm", "audio/webm;a=\"b\"c", "audio/w\u{E9}bm", "audio/webm;a=\u{E9}",
      "audio/webm;a=\"\0\"", "audio/webm\n", "audio/webm/x", "\u{212A}/x",
    ])
  func refused(value: String) {
    #expect(throws: MultipartError.malformedMediaType) {
      try MediaType(Array(value.utf8).span)
    }
  }

  @Test("Bytes above ASCII in a quoted parameter are reported")
  func nonASCII() throws {
    #expect(try MediaType(Array("audio/x;a=\"\u{E9}\"".utf8).span).hasNonASCIIParameter)
  }

  @Test(
    "The boundary is read from a token or a quoted string",
    arguments: [
      ("multipart/form-data; boundary=abc", "abc"),
      ("Multipart/Form-Data ; Charset=utf-8;BOUNDARY=\"a b:c\"", "a b:c"),
      (#"multipart/form-data;boundary="a\bc""#, "abc"),
      // As old Java and Android senders have them, and others, without the quotes they need.
      ("multipart/form-data; boundary====1700000000000===", "===1700000000000==="),
      ("multipart/form-data; boundary=*****", "*****"),
      ("multipart/form-data;boundary={a}[b]<c>", "{a}[b]<c>"),
      ("multipart/form-data; boundary=a:b/c?d@e,f; charset=utf-8", "a:b/c?d@e,f"),
      (#"multipart/form-data; boundary=a\b"#, #"a\b"#),
      ("multipart/form-data; boundary=\"a b;c\"", "a b;c"),
      (
        "multipart/form-data; charset=utf-8; boundary=" + String(repeating: "7", count: 77),
        String(repeating: "7", count: 77)
      ),
      (
        "multipart/form-data;boundary=" + String(repeating: "x", count: 200),
        String(repeating: "x", count: 200)
      ),
      ("multipart/form-data;boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"),
    ])
  func boundaries(value: String, expected: String) throws {
    #expect(try Boundary(contentType: Array(value.utf8).span).bytes == Array(expected.utf8))
  }

  @Test(
    "What is not multipart/form-data is told apart",
    arguments: [
      "", "text/plain", "multipart/mixed; boundary=a", "multipart/form-datax; boundary=a",
      "multipart", "xmultipart/form-data; boundary=a", "boundary=a",
    ])
  func otherTypes(value: String) {
    #expect(throws: MultipartError.notMultipartFormData) {
      try Boundary(contentType: Array(value.utf8).span)
    }
  }

  @Test(
    "A multipart/form-data without exactly one usable boundary is refused",
    arguments: [
      "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary=",
      "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"a \"",
      "multipart/form-data; boundary=a; boundary=a", "multipart/form-data; boundary=a; Boundary=b",
      "multipart/form-data; boundary=a, text/plain", "multipart/form-data; boundary=é",
      "multipart/form-data boundary=a",
      "multipart/form-data; boundary=a b", "multipart/form-data; boundary=a\"b",
      "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"\u{E9}\"",
      "multipart/form-data; boundary*=a", "multipart/form-data; boundary=a; x",
      "multipart/form-data;boundary=" + String(repeating: "x", count: 201),
    ])
  func unusable(value: String) {
    #expect(throws: MultipartError.unusableBoundary) {
      try Boundary(contentType: Array(value.utf8).span)
    }
  }
}
