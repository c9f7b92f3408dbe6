// What real senders write, byte for byte.

import Multipart
import TestSupport
import Testing

@Suite struct SenderTests {
  @Test("A client's form arrives as meant, however it is cut", arguments: try ClientForm.all())
  func forms(_ form: ClientForm) throws {
    let boundary = try Boundary(contentType: Array(form.contentType.utf8).span)
    let text = String(decoding: boundary.bytes, as: UTF8.self)
    var expected: [Event] = []
    for part in form.parts {
      expected.append(
        .part(
          PartHeaders(
            nameBytes: Array(part.name.utf8),
            filenameBytes: part.filename.map { Array($0.utf8) },
            contentTypeBytes: part.type.map { Array($0.utf8) })))
      if !part.body.isEmpty { expected.append(.body(part.body)) }
      expected.append(.partEnded)
    }
    let outcome = Outcome(events: expected + [.messageEnded], error: nil)
    #expect(try parse(form.body, boundary: text) == outcome)
    #expect(try parse(form.body, boundary: text, cutAt: Array(0..<form.body.count)) == outcome)
    for position in 0...form.body.count {
      let pieces = try parse(form.body, boundary: text, cutAt: [position])
      #expect(pieces == outcome, "cut at \(position)")
    }
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
