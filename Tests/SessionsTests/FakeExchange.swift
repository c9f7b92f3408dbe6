// One request and its response without a web server.

import Gateway

@testable import Sessions

/// A request whose body comes in `pieces`, and what was answered.
struct FakeExchange: Exchange {
  var variables: MetaVariables
  var pieces: [[UInt8]] = []
  /// What the body ends in instead of its end.
  var bodyError: ExchangeError?
  var writeError: ExchangeError?
  /// How many writes succeed before `writeError`.
  var writesBeforeError = 0
  var isPeerGone = false
  private(set) var readCount = 0
  private(set) var writeCount = 0
  private(set) var written: [UInt8] = []

  init(
    _ method: String, _ uri: String, user: String? = "demo", _ others: [(String, String)] = [],
    pieces: [[UInt8]] = []
  ) {
    let query = uri.firstIndex(of: "?").map { String(uri[$0...].dropFirst()) } ?? ""
    variables = SessionsTests.variables(
      [("REQUEST_METHOD", method), ("REQUEST_URI", uri), ("QUERY_STRING", query)]
        + (user.map { [("REMOTE_USER", $0)] } ?? []) + others)
    self.pieces = pieces
  }

  mutating func receiveBody() throws(ExchangeError) -> Bool {
    guard readCount < pieces.count else {
      if let bodyError { throw bodyError }
      return false
    }
    readCount += 1
    return true
  }

  func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let piece = pieces[readCount - 1]
    return try body(piece.span)
  }

  mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError) {
    writeCount += 1
    if let writeError, writeCount > writesBeforeError { throw writeError }
    for index in bytes.indices { written.append(bytes[index]) }
  }
}

/// An answer taken apart.
struct Answer {
  let head: [String]
  let body: String

  init(_ exchange: FakeExchange) {
    let text = String(decoding: exchange.written, as: UTF8.self)
    let end = text.firstRange(of: "\r\n\r\n")
    head = text[..<(end?.lowerBound ?? text.endIndex)].split(separator: "\r\n").map(String.init)
    body = String(text[(end?.upperBound ?? text.endIndex)...])
  }

  subscript(name: String) -> String? {
    head.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
  }

  /// The three digits, without the words beside them.
  var status: String? { self["Status"].map { String($0.prefix(3)) } }

  /// The code of a failure's body.
  var code: String? {
    let parts = body.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count == 9, parts[1] == "error", parts[5] == "code" else { return nil }
    return String(parts[7])
  }
}
