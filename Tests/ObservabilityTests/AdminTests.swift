// The administration's socket and the checks behind /healthz.

import Glibc
import Logging
import POSIX
import Synchronization
import TestSupport
import Testing

@testable import Observability

@Suite struct AdminTests {
  @Test(
    arguments: [
      ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/healthz"),
      ("HEAD /metrics?x=/y HTTP/1.0\r\n\r\n", "HEAD", "/metrics"),
    ])
  func requestLineIsRead(head: String, method: String, path: String) throws {
    let request = try #require(AdminRequest(head: Array(head.utf8)[...]))
    #expect(request.method == method)
    #expect(request.path == path)
  }

  @Test(
    arguments: [
      "\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n", " / HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
      "GET /\u{1} HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 x\r\n\r\n",
    ])
  func whatIsNoRequestLineIsRefused(head: String) {
    #expect(AdminRequest(head: Array(head.utf8)[...]) == nil)
  }

  @Test func endOfTheHeadIsFoundWhereverItIsCut() {
    let head = Array("GET / HTTP/1.1\r\nA: b\r\n\r\n".utf8)
    for cut in 0..<head.count {
      #expect(AdminRequest.end(of: Array(head[..<cut]), from: 0) == nil)
      #expect(AdminRequest.end(of: head, from: cut) == head.count)
    }
  }

  @Test(
    arguments: [
      ("GET /here HTTP/1.1\r\n\r\n", 200), ("HEAD /here HTTP/1.1\r\n\r\n", 200),
      ("GET /nowhere HTTP/1.1\r\n\r\n", 404), ("POST /here HTTP/1.1\r\n\r\nbody", 405),
      ("nonsense\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 9000))", 431),
    ])
  func answers(request: String, status: Int) throws {
    let answer = try exchange(request)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.contains("\r\nConnection: close\r\n"))
    if status == 405 { #expect(answer.contains("\r\nAllow: GET, HEAD\r\n")) }
    #expect(answer.hasSuffix("\r\n\r\n") == request.hasPrefix("HEAD"))
  }

  /// Peers that hold a thread each, by what they have sent; none of them takes what it is sent.
  @Test(
    arguments: [
      "", "GET /here HTTP/1.1\r\n", "GET /here HTTP/1.1\r\n\r\n",
      "GET /much HTTP/1.1\r\n\r\n",
    ], [1, 2, 7, 8, 12, 40])
  func peersThatHangDoNotKeepOthersWaiting(sent: String, count: Int) throws {
    try withServer { path in
      var hanging: [UnixSocketOwner] = []
      for _ in 0..<count {
        let peer = try UnixSocket.connected(to: path)
        try peer.descriptor.writeAll(Array(sent.utf8).span)
        hanging.append(UnixSocketOwner(peer))
      }
      let start = ContinuousClock.now
      #expect(try talk(to: path, "GET /here HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
      #expect(start.duration(to: .now) < .seconds(3))
      _ = hanging
    }
  }

  @Test(arguments: ["", "GET /much HTTP/1.1\r\n\r\n"])
  func endIsNotKeptWaitingByPeersThatHang(sent: String) throws {
    var hanging: [UnixSocketOwner] = []
    var start = ContinuousClock.now
    try withServer { path in
      for _ in 0..<3 {
        let peer = try UnixSocket.connected(to: path)
        try peer.descriptor.writeAll(Array(sent.utf8).span)
        hanging.append(UnixSocketOwner(peer))
      }
      _ = try talk(to: path, "GET /here HTTP/1.1\r\n\r\n")
      start = .now
    }
    #expect(start.duration(to: .now) < .seconds(3))
    _ = hanging
  }

  @Test func responseThatIsBeingMadeIsNotCutOffForOthers() throws {
    try withServer { path in
      let slow = try UnixSocket.connected(to: path)
      try slow.descriptor.writeAll(Array("GET /slow HTTP/1.1\r\n\r\n".utf8).span)
      var hanging: [UnixSocketOwner] = []
      for _ in 0..<40 { hanging.append(UnixSocketOwner(try UnixSocket.connected(to: path))) }
      #expect(try talk(to: path, "GET /here HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
      try slow.descriptor.closeWriting()
      let answer = String(decoding: try slow.descriptor.readToEnd(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      _ = hanging
    }
  }

  /// What a server answers to these bytes.
  private func exchange(_ request: String) throws -> String {
    try withServer { try talk(to: $0, request) }
  }

  /// Runs `body` beside a server with something at /here, more than a socket holds at /much, and
  /// something that takes its time at /slow.
  private func withServer<Value>(_ body: (_ path: String) throws -> Value) throws -> Value {
    Signals.ignoreWriteSignals()
    let directory = try TemporaryDirectory()
    let path = directory.path + "/admin.sock"
    let server = try AdminServer(
      listener: try Listener.open(.unix(path: path, mode: 0o600, group: nil))
    ) { path in
      if path == "/slow" { usleep(300_000) }
      return switch path {
      case "/here", "/slow": AdminResponse(status: 200, contentType: "text/plain", body: [0x78])
      case "/much":
        AdminResponse(
          status: 200, contentType: "text/plain", body: [UInt8](repeating: 0x78, count: 8 << 20))
      default: nil
      }
    }
    var threads = try ThreadGroup()
    try server.start(in: &threads)
    let result = Result { try body(path) }
    server.end()
    threads.join()
    return try result.get()
  }

  private func talk(to path: String, _ request: String) throws -> String {
    let peer = try UnixSocket.connected(to: path)
    try peer.descriptor.writeAll(Array(request.utf8).span)
    try peer.descriptor.closeWriting()
    return String(decoding: try peer.descriptor.readToEnd(), as: UTF8.self)
  }

  private struct Down: Error, CustomStringConvertible {
    let description: String
  }

  private struct Tried: Sendable {
    let count = Counter()
    let isFailing = Counter()
  }

  @Test func failureIs503WithoutItsCause() {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let health = Health(
      checks: [
        .init("database") { _ in },
        .init("storage") { (_) throws(Down) in throw Down(description: "password=secret") },
      ], log: log)
    let answer = health.response()
    #expect(answer.status == 503)
    #expect(
      String(decoding: answer.body, as: UTF8.self)
        == #"{"status":"failing","checks":{"database":"ok","storage":"failing"}}"#)
  }

  @Test func resultIsUsedForASecondAndNoLonger() {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let tried = Tried()
    let start = ContinuousClock.now
    let milliseconds = Counter()
    let health = Health(
      checks: [
        .init("it") { (_) throws(Down) in
          tried.count.add()
          if tried.isFailing.value > 0 { throw Down(description: "down") }
        }
      ], log: log, now: { start.advanced(by: .milliseconds(milliseconds.value)) })
    #expect(health.response().status == 200)
    tried.isFailing.add()
    milliseconds.add(999)
    #expect(health.response().status == 200)
    #expect(tried.count.value == 1)
    milliseconds.add(1)
    #expect(health.response().status == 503)
    #expect(tried.count.value == 2)
  }

  @Test func resultIsKeptForAsLongAsItsCheckSays() {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (often, seldom) = (Counter(), Counter())
    let start = ContinuousClock.now
    let seconds = Counter()
    let health = Health(
      checks: [
        .init("often") { _ in often.add() },
        .init("seldom", freshness: .seconds(10)) { _ in seldom.add() },
      ], log: log, now: { start.advanced(by: .seconds(seconds.value)) })
    for _ in 0..<25 {
      #expect(health.response().status == 200)
      seconds.add(1)
    }
    #expect(often.value == 25)
    #expect(seldom.value == 3)
  }

  @Test func thoseWhoAskMeanwhileGetTheSameResult() throws {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let tried = Tried()
    let health = Health(
      checks: [
        .init("it", freshness: .seconds(60)) { (_) throws(Down) in
          tried.count.add()
          usleep(100_000)
          throw Down(description: "down")
        }
      ], log: log)
    var threads = try ThreadGroup()
    for _ in 0..<8 {
      try threads.start(name: "asks") {
        if health.response().status == 503 { tried.isFailing.add() }
      }
    }
    threads.join()
    #expect(tried.count.value == 1)
    #expect(tried.isFailing.value == 8)
  }

  @Test func stoppingIs503() {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let health = Health(checks: [.init("it") { _ in }], log: log)
    health.beginStopping()
    let answer = health.response()
    #expect(answer.status == 503)
    #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix(#"{"status":"stopping""#))
  }
}

private final class UnixSocketOwner {
  private let socket: UnixSocket
  init(_ socket: consuming UnixSocket) { self.socket = socket }
}
