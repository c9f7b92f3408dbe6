// Whose trace a request belongs to.

import Testing

@testable import Sessions

private let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
private let parent = "00f067aa0ba902b7"

@Suite struct `A traceparent` {
  @Test(arguments: [
    ("00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01"),
    ("00-\(trace)-\(parent)-fe", "00-\(trace)-\(parent)-fe"),
    ("01-\(trace)-\(parent)-03", "00-\(trace)-\(parent)-01"),
    ("cc-\(trace)-\(parent)-fe-what comes", "00-\(trace)-\(parent)-00"),
  ])
  func `is passed on`(value: String, text: String) throws {
    #expect(Traceparent([bytes(value)])?.text == text)
  }

  @Test(arguments: [
    "", "-", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-", "00-\(trace)-\(parent)-1",
    "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-011", "cc-\(trace)-\(parent)-01.",
    "ff-\(trace)-\(parent)-01", "0-\(trace)0-\(parent)-01",
    "00-\(trace.uppercased())-\(parent)-01", "00-\(trace)-\(parent)-0g",
    "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01",
    " 00-\(trace)-\(parent)-01", "00_\(trace)_\(parent)_01",
    "00-\(trace)-\(parent)-0\u{1}", "00-\(trace)-\(parent)\n01",
    String(repeating: "-", count: 55), String(repeating: "0", count: 8000),
  ])
  func `that is not well formed is none`(value: String) {
    #expect(Traceparent([bytes(value)]) == nil)
  }

  @Test func `that comes twice is none, even if both are the same`() {
    let value = bytes("00-\(trace)-\(parent)-01")
    #expect(Traceparent([]) == nil)
    #expect(Traceparent([value, value]) == nil)
  }
}
