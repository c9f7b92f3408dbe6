// Opening a connection.

internal import CPostgres
internal import Glibc
package import POSIX
internal import SystemPackage

extension Connection {
  /// Connects to the first of the URL's hosts that lets us in.
  ///
  /// Each host has the URL's `connect_timeout`, and all of them have until `deadline`. Within one
  /// host libpq tries every address; `tcp_user_timeout` ends the silent ones. Only the look-up of
  /// a host's name blocks beyond that: it is the C library's, which gives up after `timeout` times
  /// `attempts` of resolv.conf (10 s by default) for each name server.
  ///
  /// - Parameter serverTimeout: how long the server may work on a statement before it gives up by
  ///   itself; part of the connection's startup, so it costs no round trip. A pooler that the URL
  ///   does not tell of, and that refuses it, is asked again without.
  ///
  /// The corresponding C functions are `PQconnectStartParams` and `PQconnectPoll`.
  package static func open(
    _ url: DatabaseURL, serverTimeout: Duration? = nil, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    do {
      return try connect(url, serverTimeout, until: deadline)
    } catch {
      guard serverTimeout != nil, case .connectionFailed(let failure) = error,
        failure.reason == .pooler(.startupParameter), !deadline.hasPassed
      else { throw error }
      return try connect(url, nil, until: deadline)
    }
  }

  private static func connect(
    _ url: DatabaseURL, _ serverTimeout: Duration?, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    var failure: ConnectionFailure?
    for endpoint in url.endpoints {
      if failure != nil, deadline.hasPassed { break }
      let limit = url.connectTimeout.map { min(deadline, .after($0)) } ?? deadline
      do {
        let handle = try connect(
          url.keywords(for: endpoint, serverTimeout: serverTimeout), secrets: url.secrets,
          until: limit)
        return Connection(
          owning: handle, statementTimeout: url.statementTimeout, prepares: !url.isPooled)
      } catch {
        // The resolver calls it a failure of name servers.
        let isShortage = error == .hostNotFound && descriptorShortage() != nil
        failure = ConnectionFailure(
          reason: isShortage ? .noDescriptor : error, endpoint: endpoint.description)
      }
    }
    throw .connectionFailed(failure ?? ConnectionFailure(reason: .hostNotFound, endpoint: ""))
  }

  private static func connect(
    _ keywords: [DatabaseURL.Keyword], secrets: [String], until deadline: Deadline
  ) throws(ConnectionFailure.Reason) -> ConnectionHandle {
    guard let pointer = unsafe start(keywords) else { throw .other("out of memory") }
    let handle = unsafe ConnectionHandle(owning: pointer)
    // The server's refusal then has its SQLSTATE, by which it is told apart; its message, which
    // quotes names, is looked at and not kept.
    unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    // Notices would go to standard error, which is a web server's log.
    unsafe PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    var polling = PGRES_POLLING_WRITING
    if unsafe PQstatus(pointer) == CONNECTION_BAD { polling = PGRES_POLLING_FAILED }
    while polling != PGRES_POLLING_OK {
      guard polling != PGRES_POLLING_FAILED else {
        throw unsafe ConnectionFailure.Reason(
          message: String(cString: PQerrorMessage(pointer)), secrets: secrets)
      }
      let isReady: Bool
      do {
        isReady = try wait(
          for: polling == PGRES_POLLING_READING ? .readable : .writable,
          on: unsafe PQsocket(pointer), until: deadline)
      } catch {
        throw .other("poll failed: \(error)")
      }
      guard isReady else { throw .timedOut }
      polling = unsafe PQconnectPoll(pointer)
    }
    // From here on no call waits for the peer by itself.
    guard unsafe PQsetnonblocking(pointer, 1) == 0 else { throw .closedByServer }
    return handle
  }

  /// Hands libpq the keywords as C strings, which it copies.
  private static func start(_ keywords: [DatabaseURL.Keyword]) -> OpaquePointer? {
    var names: [UnsafePointer<CChar>?] = unsafe []
    var values: [UnsafePointer<CChar>?] = unsafe []
    for keyword in keywords {
      unsafe names.append(UnsafePointer(strdup(keyword.name)))
      unsafe values.append(UnsafePointer(strdup(keyword.value)))
    }
    defer {
      unsafe (names + values).forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) }
    }
    unsafe names.append(nil)
    unsafe values.append(nil)
    // 0: a database's name is a name, even if it looks like a connection string.
    return unsafe PQconnectStartParams(names, values, 0)
  }
}
