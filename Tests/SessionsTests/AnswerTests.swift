// Answers: refusals, responses as they go out, and the names that we make.

import Gateway
import HTTPSyntax
import Testing

@testable import Sessions

@Suite struct `Refusals` {
  @Test(arguments: [
    (Refusal.unauthorized, 401, "UNAUTHORIZED"), (.crossSite, 403, "CSRF_REJECTED"),
    (.missingAudio, 400, "MISSING_AUDIO"), (.invalidDuration, 400, "INVALID_DURATION"),
    (.fileTooLarge, 413, "INVALID_FILE"), (.emptyFile, 400, "INVALID_FILE"),
    (.notAudio, 400, "INVALID_FILE"), (.invalidField(.topic), 400, "INVALID_FIELD"),
    (.invalidField(.language), 400, "INVALID_FIELD"),
    (.unsupportedMediaType, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (.invalidMultipart("a reason"), 400, "INVALID_MULTIPART"),
    (.truncatedBody, 400, "INVALID_MULTIPART"), (.invalidPagination, 400, "INVALID_PAGINATION"),
    (.userNotFound, 404, "USER_NOT_FOUND"), (.sessionNotFound, 404, "SESSION_NOT_FOUND"),
    (.rangeNotSatisfiable(byteCount: 7), 416, "RANGE_NOT_SATISFIABLE"),
    (.notFound, 404, "NOT_FOUND"), (.methodNotAllowed(allow: "GET"), 405, "METHOD_NOT_ALLOWED"),
    (.requestTimeout, 408, "REQUEST_TIMEOUT"), (.overloaded, 503, "OVERLOADED"),
    (.storageUnavailable, 503, "STORAGE_UNAVAILABLE"),
    (.databaseUnavailable, 503, "DATABASE_UNAVAILABLE"),
    (.insufficientStorage, 507, "INSUFFICIENT_STORAGE"), (.internalError, 500, "INTERNAL_ERROR"),
  ])
  func `a refusal has its status, its code, and a body of exactly two members`(
    refusal: Refusal, status: Int, code: String
  ) {
    let response = refusal.response
    #expect(response.status == status)
    #expect(refusal.code == code)
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == #"{"error":"\#(refusal.message)","code":"\#(code)"}"#)
    #expect(response.contentLength == response.body.count)
    #expect(value(of: "Content-Type", in: response) == "application/json")
  }

  @Test(arguments: [
    Refusal.overloaded, .storageUnavailable, .databaseUnavailable, .insufficientStorage,
  ])
  func `what passes says when to try again`(refusal: Refusal) throws {
    let text = try #require(value(of: "Retry-After", in: refusal.response))
    #expect((1...60).contains(try #require(Int(text))))
  }

  @Test func `what is wrong with the request does not`() {
    for refusal in [Refusal.unauthorized, .invalidDuration, .fileTooLarge, .internalError] {
      #expect(value(of: "Retry-After", in: refusal.response) == nil)
    }
  }

  @Test func `a method that is not allowed names those that are`() {
    let response = Refusal.methodNotAllowed(allow: "GET, HEAD").response
    #expect(value(of: "Allow", in: response) == "GET, HEAD")
    #expect(value(of: "Allow", in: Refusal.notFound.response) == nil)
  }

  @Test func `a range that cannot be satisfied names the size`() {
    let response = Refusal.rangeNotSatisfiable(byteCount: 7).response
    #expect(value(of: "Content-Range", in: response) == "bytes */7")
  }

  private func value(of name: String, in response: Response) -> String? {
    response.headers.first { $0.name == name }?.value
  }
}

@Suite struct `Responses as they go out` {
  @Test func `the status comes first, the length always, and the three headers of every answer`() {
    var response = Response(status: 201, jsonText: bytes(#"{"a":1}"#))
    response.headers.append(("Location", "/x"))
    #expect(
      text(response) == """
        Status: 201 Created\r
        Content-Type: application/json\r
        Location: /x\r
        Content-Length: 7\r
        Cache-Control: private, no-store\r
        X-Content-Type-Options: nosniff\r
        X-Request-Id: id-1\r
        \r
        {"a":1}
        """)
  }

  @Test func `no content has neither a body nor a length`() {
    #expect(
      text(Response(status: 204)) == """
        Status: 204 No Content\r
        Cache-Control: private, no-store\r
        X-Content-Type-Options: nosniff\r
        X-Request-Id: id-1\r
        \r

        """)
  }

  @Test func `an empty body has a length of zero`() {
    #expect(text(Response(status: 200)).contains("\r\nContent-Length: 0\r\n"))
  }

  @Test func `a body that is written elsewhere is announced`() {
    let answer = text(Response(status: 200, streamedByteCount: 5_000))
    #expect(answer.contains("\r\nContent-Length: 5000\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test func `a line break in a header ends the program instead of splitting the head`() async {
    await #expect(processExitsWith: .failure) {
      var response = Response(status: 200)
      response.headers = [("Location", "/a\r\nX-Evil: 1")]
      _ = response.head(requestID: "id")
    }
    await #expect(processExitsWith: .failure) {
      _ = Response(status: 200).head(requestID: "a\nb")
    }
  }

  @Test func `JSON escapes what it must and leaves slashes alone`() {
    let response = Response(status: 200, json: ["a": "/\"\u{1}\n\\é"])
    #expect(
      String(decoding: response.body, as: UTF8.self) == #"{"a":"/\"\u0001\n\\é"}"#)
  }

  private func text(_ response: Response) -> String {
    String(decoding: response.head(requestID: "id-1") + response.body, as: UTF8.self)
  }
}

@Suite struct `Object keys` {
  @Test(arguments: [
    ("webm", "webm"), ("WebM", "webm"), ("svg+xml", "svg+xml"), ("vnd.wave", "vnd.wave"),
    ("x-wav", "x-wav"), ("mp4", "mp4"), ("a_b!c", "abc"), ("*", "webm"), ("", "webm"),
    ("_", "webm"), ("é/../..", "...."), (String(repeating: "a", count: 33), "webm"),
    (String(repeating: "a", count: 32), String(repeating: "a", count: 32)),
  ])
  func `the extension is the subtype as far as it is safe`(subtype: String, ext: String) {
    #expect(AudioKey.fileExtension(subtype) == ext)
  }
}

@Suite struct `Session ids` {
  @Test func `an id looks like the app's own, and none comes twice`() throws {
    var ids: Set<String> = []
    var digits: Set<UInt8> = []
    for _ in 0..<2_000 {
      let id = try SessionID.make()
      let tail = id.utf8.dropFirst()
      #expect(id.utf8.first == UInt8(ascii: "c"))
      #expect(tail.count == 24)
      digits.formUnion(tail)
      ids.insert(id)
    }
    #expect(ids.count == 2_000)
    #expect(digits == Set("0123456789abcdefghijklmnopqrstuvwxyz".utf8))
  }
}
