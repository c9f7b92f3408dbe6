// Names and files: what a part's Content-Disposition is taken to say.

import Multipart
import Testing

@Suite struct ContentDispositionTests {
  private func headers(_ value: String) throws -> Outcome {
    try parse("--b\r\nContent-Disposition: \(value)\r\n\r\n--b--\r\n")
  }

  @Test(
    "A name has the escapes of browsers and of quoted strings, and no others",
    arguments: [
      (#"name=audio"#, "audio"), (#"name="audio""#, "audio"), (#"name="""#, ""),
      (#"name="a\"b""#, #"a"b"#), (#"name="a\\b""#, #"a\b"#), (#"name="a\b""#, #"a\b"#),
      (#"name="a%22b""#, #"a"b"#), (#"name="a%0D%0Ab""#, "a\r\nb"), (#"name=a%22b"#, #"a"b"#),
      (#"name="%61udio""#, "%61udio"), (#"name="a%0d""#, "a%0d"), (#"name="a%2""#, "a%2"),
      (#"name="a;b=c, d""#, "a;b=c, d"), ("name=\"\u{E9}\t\"", "\u{E9}\t"),
      (#"name*=utf-8''x; name="y""#, "y"), (#"filename="; name=x"; name=y"#, "y"),
    ])
  func names(parameters: String, name: String) throws {
    let outcome = try headers("form-data; \(parameters)")
    #expect(outcome.error == nil)
    #expect(outcome.names.map { Array($0.utf8) } == [Array(name.utf8)])
  }

  @Test("A name that is not UTF-8 is given as its bytes")
  func nameBytes() throws {
    let message =
      Array("--b\r\nContent-Disposition: form-data; name=\"".utf8) + [0xE9]
      + Array("\"\r\n\r\n--b--".utf8)
    let parts = try parse(message).parts
    #expect(parts == [PartHeaders(nameBytes: [0xE9])])
    #expect(parts.first?.name == nil)
  }

  @Test(
    "Any filename parameter makes a part a file, and nothing else does",
    arguments: [
      ("", false), ("; filename=\"\"", true), ("; filename=x", true), ("; FileName=\"x y\"", true),
      (#"; filename="C:\fake\x.webm""#, true), (#"; filename="a;b\".txt""#, true),
      ("; filename*=utf-8''x", false), ("; filename*=UTF-8''x; filename=y", true),
      ("; filenames=x", false), ("; x=\"filename=y\"", false),
      ("; filename*=\"UTF-8''x\"", false), (#"; filename*0="a"; filename*1="b""#, false),
    ])
  func files(parameters: String, isFile: Bool) throws {
    let outcome = try headers("form-data; name=a\(parameters)")
    #expect(outcome.error == nil)
    #expect(outcome.parts.map(\.name) == ["a"])
    #expect(outcome.parts.map(\.isFile) == [isFile])
  }

  @Test(
    "A file name has the escapes of a name, and is no path",
    arguments: [
      ("", nil), (#"; filename="""#, ""), ("; filename=x", "x"), (#"; filename="a b""#, "a b"),
      (#"; filename="C:\fakepath\x.webm""#, #"C:\fakepath\x.webm"#),
      (#"; filename="../\\x""#, #"../\x"#), (#"; filename="a\"b%22%0D%0A""#, "a\"b\"\r\n"),
      (#"; filename="%2F%0a%2""#, "%2F%0a%2"), ("; filename=\"\u{E9}\"", "\u{E9}"),
      ("; filename*=utf-8''x", nil), ("; filename*=utf-8''x; filename=y", "y"),
      ("; filename=y; filename*=utf-8''x", "y"),
    ])
  func filenames(parameters: String, filename: String?) throws {
    let outcome = try headers("form-data\(parameters); name=a")
    #expect(outcome.error == nil)
    #expect(
      outcome.parts == [
        PartHeaders(
          nameBytes: Array("a".utf8), filenameBytes: filename.map { Array($0.utf8) })
      ])
  }

  @Test(
    "A name may end in a backslash at the end of the line, as browsers send it",
    arguments: [
      (#""end\""#, #"end\"#), (#""end\" \#t"#, #"end\"#), (#""\""#, #"\"#),
      (#""two\\""#, #"two\"#), (#""three\\\""#, #"three\\"#), (#""a\"b\""#, #"a"b\"#),
    ])
  func backslashAtTheEnd(value: String, filename: String) throws {
    let outcome = try headers("form-data; name=a; filename=\(value)")
    #expect(outcome.error == nil)
    #expect(outcome.parts.map(\.filenameBytes) == [Array(filename.utf8)])
    let named = try headers("form-data; filename=x; name=\(value)")
    #expect(named.names == [filename])
  }

  @Test("A file name that is not UTF-8 is given as its bytes")
  func filenameBytes() throws {
    let message =
      Array("--b\r\nContent-Disposition: form-data; name=a; filename=\"".utf8) + [0xE9]
      + Array("\"\r\n\r\n--b--".utf8)
    #expect(try parse(message).parts.map(\.filenameBytes) == [[0xE9]])
  }

  @Test("A file name does not outlive its part")
  func nextPart() throws {
    let file = "--b\r\nContent-Disposition: form-data; name=a; filename=x\r\n\r\n\r\n"
    let outcome = try parse(file + part("c", "v") + "--b--")
    #expect(outcome.parts.map(\.isFile) == [true, false])
  }

  @Test(
    "A Content-Disposition that breaks its grammar is refused",
    arguments: [
      ("form-data", .missingName), ("form-data; filename=x", .missingName),
      ("form-data; name*=utf-8''x", .missingName), ("", .notFormData),
      ("form-datax; name=a", .notFormData), ("inline; name=a", .notFormData),
      ("form-data; name=a; NAME=b", .duplicateParameter),
      ("form-data; name=a; filename=b; filename=c", .duplicateParameter),
      ("form-data; name=a; name=a", .duplicateParameter),
      (#"form-data; name=a; filename="a"b""#, .malformedContentDisposition),
      (#"form-data; name=a; filename=""a"""#, .malformedContentDisposition),
      ("form-data, name=a", .malformedContentDisposition),
      ("form-data name=a", .malformedContentDisposition),
      ("form-data; name=", .malformedContentDisposition),
      ("form-data; name", .malformedContentDisposition),
      ("form-data; name =a", .malformedContentDisposition),
      ("form-data; name= a", .malformedContentDisposition),
      ("form-data; name=\"a", .malformedContentDisposition),
      (#"form-data; name="a\"; x"#, .malformedContentDisposition),
      ("form-data; name=\"a\"b", .malformedContentDisposition),
      ("form-data; name=\"a\" filename=b", .malformedContentDisposition),
      ("form-data; name=a b", .malformedContentDisposition),
      ("form-data; =a", .malformedContentDisposition),
    ] as [(String, MultipartError)])
  func refused(value: String, error: MultipartError) throws {
    let outcome = try headers(value)
    #expect(outcome.error == error)
    #expect(outcome.events.isEmpty)
  }

  @Test(
    "A part's type is given without the white space around it",
    arguments: [
      ("audio/webm;codecs=opus", "audio/webm;codecs=opus"), (" \taudio/webm \t", "audio/webm"),
      ("", ""), ("no type at all", "no type at all"),
    ])
  func contentType(value: String, expected: String) throws {
    let outcome = try headers("form-data; name=a\r\nContent-Type:\(value)")
    #expect(
      outcome.parts
        == [PartHeaders(nameBytes: Array("a".utf8), contentTypeBytes: Array(expected.utf8))])
  }
}
