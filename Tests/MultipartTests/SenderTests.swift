// What real senders write, byte for byte.

import Multipart
import Testing

/// A request as its sender wrote it, and the form that was meant.
struct Sent: Sendable, CustomTestStringConvertible {
  struct Field: Equatable, Sendable {
    let name: String
    var filename: String?
    var type: String?
    let body: String
  }

  let testDescription: String
  let contentType: String
  let body: String
  let fields: [Field]
}

private let sent: [Sent] = [
  // Captured from curl 7.88.1: -F audio=@x.webm;type=... -F duration=12 -F 'na"me\x=v;type=...'
  Sent(
    testDescription: "curl",
    contentType: "multipart/form-data; boundary=------------------------df8a50754fa210e0",
    body: [
      "--------------------------df8a50754fa210e0",
      #"Content-Disposition: form-data; name="audio"; filename="x.webm""#,
      "Content-Type: audio/webm;codecs=opus", "", "\u{1A}E\r\n--\r",
      "--------------------------df8a50754fa210e0",
      #"Content-Disposition: form-data; name="duration""#, "", "12",
      "--------------------------df8a50754fa210e0",
      #"Content-Disposition: form-data; name="na%22me\x""#, "Content-Type: text/plain", "", "v",
      "--------------------------df8a50754fa210e0--", "",
    ].joined(separator: "\r\n"),
    fields: [
      .init(
        name: "audio", filename: "x.webm", type: "audio/webm;codecs=opus",
        body: "\u{1A}E\r\n--\r"),
      .init(name: "duration", body: "12"),
      .init(name: #"na"me\x"#, type: "text/plain", body: "v"),
    ]),
  // Captured from Python's requests on urllib3: files and data.
  Sent(
    testDescription: "Python requests",
    contentType: "multipart/form-data; boundary=67a4bdf227a1634089a95db43943bfe0",
    body: [
      "--67a4bdf227a1634089a95db43943bfe0",
      #"Content-Disposition: form-data; name="na%22me""#, "", "x",
      "--67a4bdf227a1634089a95db43943bfe0",
      "Content-Disposition: form-data; name=\"audio\"; filename=\"\u{E9}.webm\"",
      "Content-Type: audio/webm", "", "", "--67a4bdf227a1634089a95db43943bfe0--", "",
    ].joined(separator: "\r\n"),
    fields: [
      .init(name: #"na"me"#, body: "x"),
      .init(name: "audio", filename: "\u{E9}.webm", type: "audio/webm", body: ""),
    ]),
  // As Chromium writes a FormData with a recorded Blob and a text of two lines.
  Sent(
    testDescription: "Chromium",
    contentType: "multipart/form-data; boundary=----WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z",
    body: [
      "------WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z",
      #"Content-Disposition: form-data; name="audio"; filename="a %22b%22%0D%0A.webm""#,
      "Content-Type: audio/webm;codecs=opus", "", "data",
      "------WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z",
      #"Content-Disposition: form-data; name="topic""#, "", "one\r\ntwo",
      "------WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z--", "",
    ].joined(separator: "\r\n"),
    fields: [
      .init(
        name: "audio", filename: "a \"b\"\r\n.webm", type: "audio/webm;codecs=opus",
        body: "data"),
      .init(name: "topic", body: "one\r\ntwo"),
    ]),
  // As Firefox writes a form whose file input was left empty.
  Sent(
    testDescription: "Firefox",
    contentType:
      "multipart/form-data; boundary=---------------------------302838481234567890123456789012",
    body: [
      "-----------------------------302838481234567890123456789012",
      #"Content-Disposition: form-data; name="audio"; filename="""#,
      "Content-Type: application/octet-stream", "", "",
      "-----------------------------302838481234567890123456789012",
      #"Content-Disposition: form-data; name="language""#, "", "de-CH",
      "-----------------------------302838481234567890123456789012--", "",
    ].joined(separator: "\r\n"),
    fields: [
      .init(name: "audio", filename: "", type: "application/octet-stream", body: ""),
      .init(name: "language", body: "de-CH"),
    ]),
]

@Suite struct SenderTests {
  @Test("A form arrives as its sender meant it", arguments: sent)
  func forms(_ item: Sent) throws {
    let boundary = try Boundary(contentType: Array(item.contentType.utf8).span)
    let text = String(decoding: boundary.bytes, as: UTF8.self)
    let bytes = Array(item.body.utf8)
    let outcome = try parse(bytes, boundary: text)
    #expect(outcome.error == nil)
    #expect(try parse(bytes, boundary: text, cutAt: Array(0..<bytes.count)) == outcome)

    var expected: [Event] = []
    for field in item.fields {
      expected.append(
        .part(
          PartHeaders(
            nameBytes: Array(field.name.utf8),
            filenameBytes: field.filename.map { Array($0.utf8) },
            contentTypeBytes: field.type.map { Array($0.utf8) })))
      if !field.body.isEmpty { expected.append(.body(Array(field.body.utf8))) }
      expected.append(.partEnded)
    }
    #expect(outcome.events == expected + [.messageEnded])
  }

  @Test(
    "Bodies are what Python's email parser reads",
    arguments: [
      // email.message_from_bytes(..., policy=email.policy.HTTP), Python 3.11.7.
      (
        "pre\r\n" + part("a", "v\r\n") + part("c", "--\r\nw--b") + "--b--\r\nepi\r\n--b\r\n",
        ["v\r\n", "--\r\nw--b"]
      ),
      (
        part("a", "x\r\n-\r\n--\r\n--B\r\n") + part("e", "") + "--b--",
        ["x\r\n-\r\n--\r\n--B\r\n"]
      ),
    ])
  func pythonsReading(message: String, bodies: [String]) throws {
    let outcome = try parse(message)
    #expect(outcome.error == nil)
    #expect(outcome.bodies == bodies)
  }
}
