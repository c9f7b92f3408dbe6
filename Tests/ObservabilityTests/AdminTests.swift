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

  /// What a server with something at /here answers to these bytes.
  private func exchange(_ request: String) throws -> String {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/admin.sock"
    let server = try AdminServer(
      listener: try Listener.open(.unix(path: path, mode: 0o600, group: nil))
    ) { $0 == "/here" ? AdminResponse(status: 200, contentType: "text/plain", body: [0x78]) : nil }
    var threads = try ThreadGroup()
    try server.start(in: &threads)
    let answer = Result { try talk(to: path, request) }
    server.end()
    threads.join()
    return try answer.get()
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

  @Test func stoppingIs503() {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let health = Health(checks: [.init("it") { _ in }], log: log)
    health.beginStopping()
    let answer = health.response()
    #expect(answer.status == 503)
    #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix(#"{"status":"stopping""#))
  }
}
