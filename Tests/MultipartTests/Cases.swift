// Messages, and what becomes of them: the table that several suites go through.

import Multipart
import Testing

/// A message with boundary `b` and what is expected of it.
struct Case: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let message: String
  let names: [String]
  let bodies: [String]
  let error: MultipartError?

  init(
    _ description: String, _ message: String, names: [String] = [], bodies: [String] = [],
    error: MultipartError? = nil
  ) {
    testDescription = description
    self.message = message
    self.names = names
    self.bodies = bodies
    self.error = error
  }
}

private let disposition = "Content-Disposition: form-data; name=a"
private let end = "--b--\r\n"

/// A part whose only header lines are `lines`.
private func headers(_ lines: String) -> String { "--b\r\n\(lines)\r\n\r\nv\r\n\(end)" }

let acceptedCases: [Case] = [
  Case("one part", part("a", "v") + end, names: ["a"], bodies: ["v"]),
  Case(
    "two parts", part("a", "v") + part("c", "w") + end, names: ["a", "c"], bodies: ["v", "w"]),
  Case("no part", end),
  Case("no part and no line end", "--b--"),
  Case("an empty body", part("a", "") + end, names: ["a"]),
  Case(
    "a body whose delimiter shares the headers' last line end",
    "--b\r\n\(disposition)\r\n\r\n--b--\r\n", names: ["a"]),
  Case("a body of CRLF", part("a", "\r\n") + end, names: ["a"], bodies: ["\r\n"]),
  Case("a body that ends in CR", part("a", "v\r") + end, names: ["a"], bodies: ["v\r"]),
  Case(
    "beginnings of the delimiter in a body", part("a", "\r\n-\r\r\n--\r\n--B\r\n\r\n--") + end,
    names: ["a"], bodies: ["\r\n-\r\r\n--\r\n--B\r\n\r\n--"]),
  Case(
    "the delimiter in the middle of a line", part("a", "x--b--\ry\n--b\n") + end, names: ["a"],
    bodies: ["x--b--\ry\n--b\n"]),
  Case(
    "a long body with the delimiter's parts in it",
    part("a", String(repeating: "0123456789\r\n--x\r", count: 40)) + end, names: ["a"],
    bodies: [String(repeating: "0123456789\r\n--x\r", count: 40)]),
  Case("a preamble", "hello\r\n" + part("a", "v") + end, names: ["a"], bodies: ["v"]),
  Case(
    "a preamble with lines that begin like a boundary line",
    "\r\n--bx\r\n--b x\r\n--b-\r\n--b\r\r\n" + part("a", "v") + end, names: ["a"],
    bodies: ["v"]),
  Case(
    "a preamble of nothing but a line end", "\r\n" + part("a", "v") + end, names: ["a"],
    bodies: ["v"]),
  Case(
    "LF alone after the final boundary", part("a", "v") + "--b--\n", names: ["a"], bodies: ["v"]),
  Case("text after the final boundary", part("a", "v") + "--b--x", names: ["a"], bodies: ["v"]),
  Case(
    "padding and text after the final boundary", part("a", "v") + "--b-- \t\rx\r\n",
    names: ["a"], bodies: ["v"]),
  Case(
    "half a line end after the final boundary", part("a", "v") + "--b--\r", names: ["a"],
    bodies: ["v"]),
  Case(
    "a preamble with an LF, and lines after LF that merely begin like a boundary line",
    "x\ny\n--bx\n--b-x\n--B\n-b\n\r\n" + part("a", "v") + end, names: ["a"], bodies: ["v"]),
  Case(
    "an epilogue that looks like a part", part("a", "v") + end + part("c", "w") + "\n\r\0",
    names: ["a"], bodies: ["v"]),
  Case(
    "transport padding", "--b \t \r\n\(disposition)\r\n\r\nv\r\n--b--\t ", names: ["a"],
    bodies: ["v"]),
  Case(
    "no space after the colon, and any case",
    headers("CONTENT-disposition:Form-Data;NAME=a\r\ncontent-TYPE:  text/plain \t"),
    names: ["a"], bodies: ["v"]),
  Case("other headers", headers("X-Other: y; z=\"\r\n\(disposition)"), names: ["a"], bodies: ["v"]),
  Case(
    "a harmless transfer encoding",
    headers("\(disposition)\r\nContent-Transfer-Encoding: Binary"), names: ["a"], bodies: ["v"]),
  Case(
    "an empty transfer encoding", headers("\(disposition)\r\nContent-Transfer-Encoding: "),
    names: ["a"], bodies: ["v"]),
  Case(
    "empty parameters", headers("Content-Disposition: form-data; ; name=a ;"), names: ["a"],
    bodies: ["v"]),
  Case("an empty name", part("", "v") + end, names: [""], bodies: ["v"]),
]

/// Messages that, cut off at the right place, are another complete message.
let completableCases: [Case] = [
  Case(
    "a preamble with lines that begin like the final one",
    "\r\n--b--x\r\n--b-- x\r\n--b--\r\r\n" + part("a", "v") + end, names: ["a"], bodies: ["v"])
]

let refusedCases: [Case] = [
  Case("nothing", "", error: .missingBoundary),
  Case("no boundary", "hello\r\n", error: .missingBoundary),
  Case(
    "another's boundary", part("a", "v", boundary: "c") + "--c--\r\n", error: .missingBoundary),
  Case(
    "a boundary line after LF alone", "\n" + part("a", "v") + part("c", "w") + end,
    error: .bareLineFeed),
  Case(
    "a boundary line after a line that ends in LF", "hello\n" + part("a", "v") + end,
    error: .bareLineFeed),
  Case(
    "a boundary line after LF with padding", "\n--b \r\n" + part("a", "v") + end,
    error: .bareLineFeed),
  Case("a boundary line between LFs", "\n--b\n" + part("a", "v") + end, error: .bareLineFeed),
  Case("a final line after LF", "x\n\n--b--\r\n" + part("a", "v") + end, error: .bareLineFeed),
  Case(
    "no final boundary", part("a", "v"), names: ["a"], bodies: ["v"],
    error: .missingFinalBoundary),
  Case(
    "another's boundary at the end", part("a", "v") + "--c--\r\n", names: ["a"],
    bodies: ["v\r\n--c--"], error: .missingFinalBoundary),
  Case(
    "half a line end at the end of a message without parts", "--b--\r",
    error: .missingFinalBoundary),
  Case(
    "a body line that goes on after the delimiter", part("a", "v\r\n--bx") + end, names: ["a"],
    bodies: ["v"], error: .malformedBoundaryLine),
  Case(
    "a body line that goes on after padding", part("a", "v\r\n--b x") + end, names: ["a"],
    bodies: ["v"], error: .malformedBoundaryLine),
  Case(
    "one dash after the delimiter", part("a", "v") + "--b-\r\n", names: ["a"], bodies: ["v"],
    error: .malformedBoundaryLine),
  Case("LF after the first boundary", "--b\n\(disposition)\n\nv\n--b--\n", error: .bareLineFeed),
  Case("LF after the final boundary of no parts", "--b--\n", error: .bareLineFeed),
  Case("LF after a header", "--b\r\n\(disposition)\n\r\nv\r\n\(end)", error: .bareLineFeed),
  Case("LF for the empty line", "--b\r\n\(disposition)\r\n\nv\r\n\(end)", error: .bareLineFeed),
  Case("CR in a header", headers("\(disposition)\rx"), error: .bareCarriageReturn),
  Case("NUL in a header", headers("\(disposition)\0"), error: .controlCharacter),
  Case("DEL in a header", headers("X: \u{7F}\r\n\(disposition)"), error: .controlCharacter),
  Case(
    "a folded header", headers("Content-Disposition: form-data;\r\n name=a"),
    error: .foldedHeader),
  Case("a folded line", headers("\(disposition)\r\n\tx"), error: .foldedHeader),
  Case("no colon", headers("\(disposition)\r\nhello"), error: .missingColon),
  Case("a boundary line among headers", headers("\(disposition)\r\n--b"), error: .missingColon),
  Case(
    "a space before the colon", headers("Content-Disposition : form-data; name=a"),
    error: .invalidHeaderName),
  Case("no header name", headers(": x"), error: .invalidHeaderName),
  Case("two dispositions", headers("\(disposition)\r\n\(disposition)"), error: .duplicateHeader),
  Case(
    "two types", headers("Content-Type: a/b\r\nContent-Type: a/b\r\n\(disposition)"),
    error: .duplicateHeader),
  Case("no headers", "--b\r\n\r\nv\r\n\(end)", error: .missingContentDisposition),
  Case("no disposition", headers("Content-Type: a/b"), error: .missingContentDisposition),
  Case("an attachment", headers("Content-Disposition: attachment; name=a"), error: .notFormData),
  Case(
    "an encoded body", headers("\(disposition)\r\nContent-Transfer-Encoding: base64"),
    error: .unsupportedTransferEncoding),
]

@Suite struct CaseTests {
  @Test("A message becomes its parts", arguments: acceptedCases + completableCases)
  func accepted(_ item: Case) throws {
    let outcome = try parse(item.message)
    #expect(outcome.error == nil)
    #expect(outcome.names == item.names)
    #expect(outcome.bodies == item.bodies)
    #expect(outcome.events.count { $0 == .partEnded } == item.names.count)
    #expect(outcome.events.last == .messageEnded)
  }

  @Test("A wrong message is refused by name", arguments: refusedCases)
  func refused(_ item: Case) throws {
    let outcome = try parse(item.message)
    #expect(outcome.error == item.error)
    #expect(outcome.names == item.names)
    #expect(outcome.bodies == item.bodies)
    #expect(!outcome.events.contains(.messageEnded))
  }
}
