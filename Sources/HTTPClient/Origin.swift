// One server, and the connections to it.

package import OpenSSL
package import POSIX
internal import Synchronization

/// How many connections are kept, and for how long.
package struct ConnectionLimits: Sendable {
  /// How many connections are kept for the next request.
  package var maxIdle = 16
  /// How long a kept connection may wait for one; stores close theirs after some 20 s.
  package var idle = Duration.seconds(5)
  /// For resolving, connecting and the TLS handshake together.
  package var connect = Duration.seconds(5)

  package init() {}
}

/// How requests got their connections since an origin was made.
package struct ConnectionCounts: Sendable, Equatable {
  /// Handshakes that succeeded.
  package let opened: Int
  /// Requests that found a kept connection.
  package let reused: Int
}

/// A server, and connections to it that are kept between requests.
///
/// Any number of threads may use one; each call blocks its thread, never past its deadline. Nothing
/// is repeated here.
package final class Origin: Sendable {
  package let endpoint: Endpoint
  private let tls: TLSContext?
  private let connectLimit: Duration
  private let kept: KeptConnections
  private let opened = Atomic(0)
  private let reused = Atomic(0)

  /// - Parameter tls: nil for a server on this machine that is spoken with as it is.
  package init(_ endpoint: Endpoint, tls: TLSContext?, limits: ConnectionLimits) {
    self.endpoint = endpoint
    self.tls = tls
    connectLimit = limits.connect
    kept = KeptConnections(maxCount: limits.maxIdle, idleLimit: limits.idle)
  }

  /// Leases a connection for one request.
  ///
  /// - Parameters:
  ///   - reusing: whether a kept connection will do. It may have died of age, and so may all the
  ///     others that are kept, so that a second attempt wants a fresh one.
  ///   - isHead: the request is HEAD, whose response has no body.
  ///   - bufferBytes: the memory that the exchange takes.
  package func lease(
    reusing: Bool, isHead: Bool = false, bufferBytes: Int, until deadline: Deadline
  ) throws(HTTPError) -> HTTPExchange {
    let connection: HTTPConnection
    if reusing, let idle = kept.take() {
      connection = idle
      reused.wrappingAdd(1, ordering: .relaxed)
    } else {
      connection = try connect(until: deadline)
      opened.wrappingAdd(1, ordering: .relaxed)
    }
    return HTTPExchange(
      on: connection, of: kept, isHead: isHead, bufferBytes: bufferBytes, until: deadline)
  }

  /// Sends a request whose answer's status is all that counts.
  package func status(
    answering request: [UInt8], until deadline: Deadline
  ) throws(HTTPError) -> Int {
    var exchange = try lease(reusing: true, bufferBytes: 4096, until: deadline)
    try exchange.send(request)
    let status = try exchange.receiveStatus()
    exchange.end()
    return status
  }

  package var counts: ConnectionCounts {
    ConnectionCounts(
      opened: opened.load(ordering: .relaxed), reused: reused.load(ordering: .relaxed))
  }

  /// Bytes of bodies that were sent and received since this was made, on all connections.
  package var movedBytes: Int { kept.movedBytes }

  /// Closes connections that have idled for longer than the limit; also done by every request.
  package func closeIdleConnections() { kept.closeExpired() }

  private func connect(until deadline: Deadline) throws(HTTPError) -> HTTPConnection {
    let limit = min(deadline, .after(connectLimit))
    let descriptor: OwnedDescriptor
    do throws(ConnectError) {
      descriptor = try POSIX.connect(to: endpoint.host, port: endpoint.port, until: limit)
    } catch {
      throw .unreachable(error)
    }
    guard let tls else { return HTTPConnection(.plain(PlainConnection(over: descriptor))) }
    do throws(OpenSSLError) {
      return HTTPConnection(
        .tls(try TLSConnection(over: descriptor, to: endpoint.host, context: tls, until: limit)))
    } catch {
      throw error == .timedOut ? .unreachable(.timedOut) : .tls(error)
    }
  }
}
