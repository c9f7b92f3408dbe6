// A web server for one connection, and our side of it.

import Gateway
import POSIX
import TestSupport
import Testing

/// libfcgi wants to be made ready once in a process.
enum Library {
  static let isReady: Bool = {
    FastCGIConnection.initializeLibrary()
    return true
  }()
}

/// Our side of the connections, ready for use.
func makeConnection() throws -> FastCGIConnection {
  try #require(Library.isReady)
  return FastCGIConnection()
}

/// The web server's end of a connection whose other end is still to be begun on.
struct WebServer: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor
  /// The end to begin on; whoever takes it owns it.
  let responderEnd: CInt

  /// - Parameter numberedFrom: the least number for the responder's end, for tests that watch it.
  init(_ kind: SocketKind = .stream, numberedFrom least: CInt = 0) throws {
    let ends = try makeSocketPair(kind)
    let far = OwnedDescriptor(owning: ends.far)
    let near = OwnedDescriptor(owning: ends.near)
    // A broken responder must fail the test and not hang it.
    try far.limitWaiting(to: .seconds(60))
    responderEnd = try near.duplicate(notBelow: least).release()
    descriptor = far
  }

  /// Sends `pieces`, each with one write, and then, unless told otherwise, the end.
  func send(_ pieces: [[UInt8]], thenCloses: Bool = true) throws {
    for piece in pieces { try descriptor.writeAll(piece.span) }
    if thenCloses { try descriptor.closeWriting() }
  }

  func send(_ bytes: [UInt8], thenCloses: Bool = true) throws {
    try send([bytes], thenCloses: thenCloses)
  }

  /// Reads what comes until the responder closes the connection.
  func reply() throws -> Reply { Reply(try descriptor.readToEnd()) }

  /// Reads to the end and ignores it.
  func drain() { _ = try? descriptor.readToEnd() }
}

extension FastCGIConnection {
  mutating func begin(on server: borrowing WebServer) throws(FastCGIError) {
    try begin(on: OwnedDescriptor(owning: server.responderEnd))
  }

  var parameters: [Parameter] {
    var parameters: [Parameter] = []
    forEachParameter { name, value in
      parameters.append(Parameter(text(name), text(value)))
    }
    return parameters
  }

  /// The whole body, by way of the pieces in which it is lent.
  mutating func body() throws(FastCGIError) -> [UInt8] {
    var bytes: [UInt8] = []
    while try receiveBody() {
      withBody { piece in for index in piece.indices { bytes.append(piece[index]) } }
    }
    return bytes
  }

  mutating func write(_ text: String) throws(FastCGIError) {
    let bytes = Array(text.utf8)
    try write(bytes.span)
  }
}

private func text(_ bytes: Span<UInt8>) -> String {
  String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
}
