// The administration's socket: plain HTTP/1.1 for a load balancer and for Prometheus.

internal import Glibc
package import POSIX
internal import Synchronization
package import SystemPackage

/// Answers GET and HEAD, one request a connection, on threads of its own, so that it also answers
/// while every worker is busy. Requests change nothing.
///
/// A peer that says nothing, or does not take its response, holds a thread. When the last one is
/// taken, whoever has been waited for longest is cut off, so that the next is always heard. Nobody
/// is cut off for a request that is only on its way: each peer has `patience` to send it.
package final class AdminServer: Sendable {
  private static let threadCount = 8

  private let timeout: Duration
  private let patience: Duration
  private let connections: ConnectionSet
  private let held = Mutex(HeldConnections(limit: AdminServer.threadCount - 1))
  private let respondAt: @Sendable (_ path: String) -> AdminResponse?

  /// - Parameters:
  ///   - timeout: for the whole head of a request, and then for each piece of the response.
  ///   - patience: how long a request may be on its way before its peer may be cut off for another.
  ///   - respond: what stands at a path; nil where there is nothing.
  package init(
    listener: consuming Listener, timeout: Duration = .seconds(5),
    patience: Duration = .milliseconds(200),
    respond: @escaping @Sendable (_ path: String) -> AdminResponse?
  ) throws(Errno) {
    connections = try ConnectionSet(listener: listener, timeout: timeout)
    self.timeout = timeout
    self.patience = min(patience, timeout)
    respondAt = respond
  }

  /// Starts the threads, which end after `end`.
  package func start(in group: inout ThreadGroup) throws(Errno) {
    for number in 1...AdminServer.threadCount {
      try group.start(name: "admin-\(number)") { self.work() }
    }
  }

  /// No connection is taken from now on, and no peer is waited for.
  package func end() {
    connections.stop(until: .after(.zero))
    held.withLock { $0.end() }
  }

  private func work() {
    while true {
      do {
        guard let accepted = try connections.next() else { return }
        serve(accepted)
      } catch {
        // Out of descriptors, which passes; only the order to stop ends the wait early.
        if connections.waitForStop(atMost: .milliseconds(100)) { return }
      }
    }
  }

  private func serve(_ connection: consuming OwnedDescriptor) {
    let number = connection.number
    held.withLock { $0.add(number) }
    exchange(on: connection)
    // It is closed after this, so that what is shut down is never another's with its number.
    held.withLock { $0.remove(number) }
    _ = consume connection
  }

  private func exchange(on connection: borrowing OwnedDescriptor) {
    let reply: (response: AdminResponse, isHead: Bool)
    do throws(HeadError) {
      reply = respond(to: try receive(from: connection))
    } catch {
      guard let response = error.response else { return }
      reply = (response, false)
    }
    let bytes = reply.response.serialized(isHead: reply.isHead)
    // What the socket takes at once waits for nobody. A peer that does not take the rest is gone.
    guard let sent = try? connection.sendAtOnce(bytes.span) else { return }
    let number = connection.number
    held.withLock { $0.beginWaiting(number) }
    guard (try? connection.writeAll(bytes.span.extracting(sent...))) != nil else { return }
    leave(connection)
  }

  private func respond(to request: AdminRequest) -> (response: AdminResponse, isHead: Bool) {
    let isHead = request.method == "HEAD"
    guard var response = respondAt(request.path) else {
      return (AdminResponse(status: 404, code: "NOT_FOUND", "There is nothing here"), isHead)
    }
    if !isHead, request.method != "GET" {
      response = AdminResponse(status: 405, code: "METHOD_NOT_ALLOWED", "Only GET can be used here")
      response.allow = "GET, HEAD"
    }
    return (response, isHead)
  }

  private enum HeadError: Error {
    case gone, late, tooLarge, malformed

    var response: AdminResponse? {
      switch self {
      case .gone: nil
      case .late: AdminResponse(status: 408, code: "REQUEST_TIMEOUT", "The request took too long")
      case .tooLarge: AdminResponse(status: 431, code: "BAD_REQUEST", "The request is too large")
      case .malformed: AdminResponse(status: 400, code: "BAD_REQUEST", "The request is malformed")
      }
    }
  }

  private func receive(
    from connection: borrowing OwnedDescriptor
  ) throws(HeadError) -> AdminRequest {
    // Both for the whole head: whoever drips has not sent it soon.
    let (patient, deadline) = (Deadline.after(patience), Deadline.after(timeout))
    var received: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 2048)
    while true {
      do throws(Errno) {
        guard try isReadable(connection, patientUntil: patient, until: deadline) else {
          throw .timedOut
        }
        var buffer = room.mutableSpan
        let count = try unsafe buffer.withUnsafeMutableBytes { (buffer) throws(Errno) in
          try unsafe connection.read(into: buffer)
        }
        guard count > 0 else { throw .connectionReset }
        received += room[..<count]
        if let end = AdminRequest.end(of: received, from: received.count - count) {
          guard end <= AdminRequest.maxHeadBytes else { throw .messageTooLong }
          guard let request = AdminRequest(head: received[..<end]) else { throw .badMessage }
          return request
        }
        guard received.count <= AdminRequest.maxHeadBytes else { throw .messageTooLong }
      } catch {
        switch error {
        case .timedOut, .wouldBlock: throw .late
        case .messageTooLong: throw .tooLarge
        case .badMessage: throw .malformed
        default: throw .gone
        }
      }
    }
  }

  /// Whether something is there to be read. Whoever sends it soon does not count as waited for.
  private func isReadable(
    _ connection: borrowing OwnedDescriptor, patientUntil patient: Deadline,
    until deadline: Deadline
  ) throws(Errno) -> Bool {
    let number = connection.number
    if try wait(for: .readable, on: number, until: patient) { return true }
    held.withLock { $0.beginWaiting(number) }
    defer { held.withLock { $0.endWaiting(number) } }
    return try wait(for: .readable, on: number, until: deadline)
  }

  /// Closes so that the response arrives: bytes left unread would make the kernel cut the
  /// connection, and the response with it.
  private func leave(_ connection: borrowing OwnedDescriptor) {
    guard shutdown(connection.number, CInt(SHUT_WR)) == 0 else { return }
    let deadline = Deadline.after(.seconds(1))
    var room = [UInt8](repeating: 0, count: 2048)
    for _ in 0..<16 {
      let isReadable = try? wait(for: .readable, on: connection.number, until: deadline)
      guard isReadable == true else { return }
      let count = unsafe room.withUnsafeMutableBytes {
        (try? unsafe connection.read(into: $0)) ?? 0
      }
      if count == 0 { return }
    }
  }
}
