// The log's lines: what they look like, and that nothing from outside can make one.

import Glibc
import Logging
import POSIX
import SystemPackage
import TestSupport
import Testing

@testable import Observability

@Suite struct LogTests {
  private static let time = timespec(tv_sec: 1_771_455_318, tv_nsec: 123_999_999)

  private static func line(
    _ format: LogFormat, _ message: Logger.Message = "request",
    _ metadata: Logger.Metadata? = nil, handlersOwn: Logger.Metadata = [:]
  ) -> String {
    var handler = LineLogHandler(format: format, level: .info, sink: LogSink())
    handler.metadata = handlersOwn
    let event = LogEvent(
      level: .info, message: message, metadata: metadata, source: nil, file: "", function: "",
      line: 0)
    return String(decoding: handler.line(at: time, event), as: UTF8.self)
  }

  private static var fields: LogFields {
    var fields = LogFields()
    fields.append("id", .text("abc-1"))
    fields.append("route", .word("list"))
    fields.append("status", .integer(200))
    fields.append("skew", .integer(-5))
    fields.append("ms", .duration(.microseconds(12_045)))
    fields.append("cut_off", .flag(true))
    return fields
  }

  @Test func textHasTimeLevelMessageAndFieldsInTheirOrder() {
    let line = LogTests.line(
      .text, "request", [LogFields.key: .stringConvertible(LogTests.fields)])
    #expect(
      line == "2026-02-18T22:55:18.123Z info request"
        + " id=abc-1 route=list status=200 skew=-5 ms=12.045 cut_off=true\n")
  }

  @Test func numbersStayNumbersInJSON() {
    let line = LogTests.line(
      .json, "request", [LogFields.key: .stringConvertible(LogTests.fields)])
    #expect(
      line == #"{"time":"2026-02-18T22:55:18.123Z","level":"info","message":"request","#
        + #""id":"abc-1","route":"list","status":200,"skew":-5,"ms":12.045,"cut_off":true}"#
        + "\n")
  }

  @Test func otherHandlersGetTheFieldsAsText() {
    #expect(LogTests.fields.description.hasPrefix("id=abc-1 route=list status=200 "))
  }

  @Test func otherMetadataIsSortedAndNumbersAreNumbers() {
    let line = LogTests.line(
      .json, "ready", ["workers": .stringConvertible(16), "b": "x", "a": .stringConvertible(true)],
      handlersOwn: ["b": "handler's", "z": "1"])
    #expect(line.hasSuffix(#""message":"ready","a":true,"b":"x","workers":16,"z":"1"}"# + "\n"))
  }

  @Test(
    "no value can begin a line, a field, or a terminal's order",
    arguments: [
      ("a\nb", #""a\u000ab""#), ("a\r\nb", #""a\u000d\u000ab""#), ("a=b", #""a=b""#),
      ("a b", #""a b""#), ("", #""""#), (#"say "hi""#, #""say \"hi\"""#), (#"a\"#, #"a\"#),
      (#"a \"#, #""a \\""#), ("\u{1B}[31m", #""\u001b[31m""#), ("\u{9B}31m", #""\u009b31m""#),
      ("a\u{2028}b", #""a\u2028b""#), ("a\u{202E}b", #""a\u202eb""#), ("\u{7F}", #""\u007f""#),
      ("a\u{0}b", #""a\u0000b""#), ("\u{E0001}", #""\udb40\udc01""#), ("Grüße", #""Grüße""#),
      ("\u{FEFF}", #""\ufeff""#),
    ])
  func textQuotesWhatIsNoWord(value: String, expected: String) {
    var fields = LogFields()
    fields.append("cause", .text(value))
    let line = LogTests.line(.text, "m", [LogFields.key: .stringConvertible(fields)])
    #expect(line.dropFirst("2026-02-18T22:55:18.123Z info m ".count) == "cause=\(expected)\n")
    #expect(LogTests.line(.text, "m", ["cause": .string(value)]) == line)
  }

  @Test(arguments: ["a\nb", "\"},{\"", "\u{1B}]0;x\u{7}", "\\", "\u{2029}", "𝄞", "\u{10FFFF}"])
  func jsonStaysOneLineAndOneObject(value: String) throws {
    let line = LogTests.line(.json, "\(value)", [value: .string(value)])
    #expect(line.utf8.filter { $0 < 0x20 || $0 == 0x7F }.elementsEqual([0x0A]))
    #expect(line.utf8.last == 0x0A)
    // Outside of strings, and those are closed, there is one object and nothing else.
    var isInside = false
    var isEscaped = false
    var depth = 0
    for byte in line.utf8.dropLast() {
      if isEscaped {
        isEscaped = false
      } else if isInside {
        isEscaped = byte == UInt8(ascii: "\\")
        if byte == UInt8(ascii: "\"") { isInside = false }
      } else {
        if byte == UInt8(ascii: "\"") { isInside = true }
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") { depth -= 1 }
        #expect(depth >= 0)
      }
    }
    #expect(!isInside && depth == 0)
  }

  @Test func aMessageCannotBreakOutOfText() {
    #expect(
      LogTests.line(.text, "a\nb") == "2026-02-18T22:55:18.123Z info \"a\\u000ab\"\n")
  }

  @Test func reopeningFollowsARename() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let sink = try LogSink(path: path)
    sink.write(Array("one\n".utf8).span)
    try move(path, to: path + ".1")
    sink.write(Array("two\n".utf8).span)
    try sink.reopen()
    sink.write(Array("three\n".utf8).span)
    #expect(try content(of: path + ".1") == "one\ntwo\n")
    #expect(try content(of: path) == "three\n")
  }

  @Test func failedReopeningKeepsTheOldFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/there/log"
    _ = try retrying { unsafe mkdir(directory.path + "/there", 0o700) }
    let sink = try LogSink(path: path)
    try move(directory.path + "/there", to: directory.path + "/gone")
    #expect(throws: Errno.noSuchFileOrDirectory) { try sink.reopen() }
    sink.write(Array("kept\n".utf8).span)
    #expect(try content(of: directory.path + "/gone/log") == "kept\n")
  }

  private func move(_ path: String, to new: String) throws {
    _ = try retrying { unsafe rename(path, new) }
  }

  private func content(of path: String) throws -> String {
    let number = try retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    let file = OwnedDescriptor(owning: number)
    return String(decoding: try file.readToEnd(), as: UTF8.self)
  }
}
