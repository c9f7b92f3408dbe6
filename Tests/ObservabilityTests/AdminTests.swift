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
  /// The server would wait for them for longer than the test runs.
  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      "", "GET /here HTTP/1.1\r\n", "GET /here HTTP/1.1\r\n\r\n",
      "GET /much HTTP/1.1\r\n\r\n", "GET /slow-and-much HTTP/1.1\r\n\r\n",
    ], [1, 2, 7, 8, 12, 40])
  func peersThatHangDoNotKeepOthersWaiting(sent: String, count: Int) throws {
    try withServer(timeout: .seconds(600), patience: .zero) { path in
      var hanging: [UnixSocketOwner] = []
      for _ in 0..<count {
        let peer = try UnixSocket.connected(to: path)
        try peer.descriptor.writeAll(Array(sent.utf8).span)
        hanging.append(UnixSocketOwner(peer))
      }
      #expect(try talk(to: path, "GET /here HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
      _ = hanging
    }
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["", "GET /much HTTP/1.1\r\n\r\n"])
  func endIsNotKeptWaitingByPeersThatHang(sent: String) throws {
    var hanging: [UnixSocketOwner] = []
    try withServer(timeout: .seconds(600), patience: .zero) { path in
      for _ in 0..<3 {
        let peer = try UnixSocket.connected(to: path)
        try peer.descriptor.writeAll(Array(sent.utf8).span)
        hanging.append(UnixSocketOwner(peer))
      }
      _ = try talk(to: path, "GET /here HTTP/1.1\r\n\r\n")
    }
    _ = hanging
  }

  /// A thread may well be held up between its connection and its request, with all the others'
  /// connections there.
  @Test func requestsOnTheirWayAreNotCutOffForEachOther() throws {
    try withServer(timeout: .seconds(600), patience: .seconds(600)) { path in
      var peers: [UnixSocketOwner] = []
      for _ in 0..<8 { peers.append(UnixSocketOwner(try UnixSocket.connected(to: path))) }
      usleep(100_000)  // So that each has its thread.
      for peer in peers.reversed() {
        try peer.socket.descriptor.writeAll(Array("GET /here HTTP/1.1\r\n\r\n".utf8).span)
        try peer.socket.descriptor.closeWriting()
      }
      for peer in peers {
        let answer = String(decoding: try peer.socket.descriptor.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func thoseWhoHangAreCutOffWhenPatienceIsOver() throws {
    try withServer(timeout: .seconds(600), patience: .milliseconds(10)) { path in
      var hanging: [UnixSocketOwner] = []
      for _ in 0..<40 { hanging.append(UnixSocketOwner(try UnixSocket.connected(to: path))) }
      #expect(try talk(to: path, "GET /here HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
      _ = hanging
    }
  }

  /// Each byte comes well within the patience, and no head ever ends.
  @Test(.timeLimit(.minutes(5)))
  func thoseWhoDripAreCutOffToo() throws {
    try withServer(timeout: .seconds(600), patience: .milliseconds(200)) { path in
      let isAnswered = try SharedEvent()
      let dripping = Deadline.after(.seconds(30))
      var threads = try ThreadGroup()
      for _ in 0..<8 {
        try threads.start(name: "drips") {
          guard let peer = try? UnixSocket.connected(to: path) else { return }
          while !dripping.hasPassed, (try? peer.descriptor.writeAll([0x47].span)) != nil,
            (try? isAnswered.event.wait(until: .after(.milliseconds(20)))) == false
          {}
        }
      }
      usleep(100_000)  // So that each has its thread.
      let answer = try talk(to: path, "GET /here HTTP/1.1\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      #expect(!dripping.hasPassed)
      isAnswered.event.signal()
      threads.join()
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func responseThatIsBeingMadeIsNotCutOffForOthers() throws {
    let (isAsked, mayAnswer) = (try SharedEvent(), try SharedEvent())
    let respond: @Sendable (String) -> AdminResponse? = { path in
      if path == "/held" {
        isAsked.event.signal()
        _ = try? mayAnswer.event.wait(until: .after(.seconds(60)))
      }
      return AdminResponse(status: 200, contentType: "text/plain", body: [])
    }
    try withServer(timeout: .seconds(600), patience: .zero, respond: respond) { path in
      let held = try UnixSocket.connected(to: path)
      try held.descriptor.writeAll(Array("GET /held HTTP/1.1\r\n\r\n".utf8).span)
      #expect(try isAsked.event.wait(until: .after(.seconds(60))))
      var hanging: [UnixSocketOwner] = []
      for _ in 0..<40 { hanging.append(UnixSocketOwner(try UnixSocket.connected(to: path))) }
      #expect(try talk(to: path, "GET /here HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
      mayAnswer.event.signal()
      try held.descriptor.closeWriting()
      let answer = String(decoding: try held.descriptor.readToEnd(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      _ = hanging
    }
  }

  /// What a server answers to these bytes.
  private func exchange(_ request: String) throws -> String {
    try withServer { try talk(to: $0, request) }
  }

  /// Runs `body` beside a server.
  private func withServer<Value>(
    timeout: Duration = .seconds(60), patience: Duration = .seconds(1),
    respond: @escaping @Sendable (_ path: String) -> AdminResponse? = AdminTests.resource(at:),
    _ body: (_ path: String) throws -> Value
  ) throws -> Value {
    Signals.ignoreWriteSignals()
    let directory = try TemporaryDirectory()
    let path = directory.path + "/admin.sock"
    let server = try AdminServer(
      listener: try Listener.open(.unix(path: path, mode: 0o600, group: nil)), timeout: timeout,
      patience: patience, respond: respond)
    var threads = try ThreadGroup()
    try server.start(in: &threads)
    let result = Result { try body(path) }
    server.end()
    threads.join()
    return try result.get()
  }

  /// Something at /here, and more than a socket holds at /much and, where it takes its time, at
  /// /slow-and-much.
  @Sendable private static func resource(at path: String) -> AdminResponse? {
    if path == "/slow-and-much" { usleep(300_000) }
    let size: Int
    switch path {
    case "/here": size = 1
    case "/much", "/slow-and-much": size = 8 << 20
    default: return nil
    }
    return AdminResponse(
      status: 200, contentType: "text/plain", body: [UInt8](repeating: 0x78, count: size))
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
  let socket: UnixSocket
  init(_ socket: consuming UnixSocket) { self.socket = socket }
}

private final class SharedEvent: Sendable {
  let event: Event
  init() throws { event = try Event() }
}
