// A connection to PostgreSQL, and the statements sent on it.

internal import CPostgres
internal import OpenSSL
package import POSIX
internal import SystemPackage

/// One session with a PostgreSQL server, or with a pooler before it.
///
/// All it keeps in the session is prepared statements, and it does without them where a pooler in
/// transaction mode stands before the server. Every call ends by its deadline, whatever the server
/// does; a connection whose deadline has passed is in mid-statement, refuses all further ones and
/// is to be dropped, by its pool after the statement was cancelled.
package struct Connection: ~Copyable, Sendable {
  private let handle: ConnectionHandle
  /// How long a statement may take at most, whatever its deadline.
  private let statementTimeout: Duration?
  private var prepared: PreparedStatements

  /// - Parameter prepares: whether statements that come again are prepared.
  init(
    owning handle: consuming ConnectionHandle, statementTimeout: Duration?, prepares: Bool
  ) {
    self.handle = handle
    self.statementTimeout = statementTimeout
    prepared = PreparedStatements(isUsable: prepares)
  }

  /// Runs one statement, its parameters bound apart from its text.
  ///
  /// That takes one round trip, and a further one at the second use on this connection, which
  /// prepares it: the server then need not parse it any more, nor plan it each time.
  @discardableResult
  package mutating func execute(
    _ statement: borrowing Statement, _ parameters: [Parameter] = [], until deadline: Deadline
  ) throws(PostgresError) -> QueryResult {
    let deadline = bounded(deadline)
    // Within a transaction the failure of a name would be the end of all that was done in it.
    guard isIdle else { return try executeUnnamed(statement, parameters, until: deadline) }
    do {
      switch prepared.plan(for: statement) {
      case .unnamed: return try executeUnnamed(statement, parameters, until: deadline)
      case .prepare: try prepare(statement, until: deadline)
      case .named: break
      }
      return try executeNamed(statement, parameters, until: deadline)
    } catch {
      // What was refused did nothing, since it was its own transaction.
      switch error.state {
      // A pooler that nobody told of: this session is not the one that prepared it, or is one
      // where another client has.
      case .invalidStatementName, .duplicatePreparedStatement: prepared.abandon()
      // A column that it gives has another type by now: "cached plan must not change result type".
      case .featureNotSupported: try deallocate(statement, until: deadline)
      default: throw error
      }
      return try executeUnnamed(statement, parameters, until: deadline)
    }
  }

  /// The corresponding C function is `PQsendQueryParams`, with the text format for results.
  private mutating func executeUnnamed(
    _ statement: borrowing Statement, _ parameters: [Parameter], until deadline: Deadline
  ) throws(PostgresError) -> QueryResult {
    let isSent = try unsafe withCArrays(of: parameters) { values, lengths, formats in
      unsafe PQsendQueryParams(
        handle.pointer, statement.cString, CInt(parameters.count), nil, values, lengths, formats, 0)
    }
    guard isSent == 1 else { throw .connectionLost }
    return try finish(until: deadline)
  }

  /// The corresponding C function is `PQsendQueryPrepared`, with the text format for results.
  private mutating func executeNamed(
    _ statement: borrowing Statement, _ parameters: [Parameter], until deadline: Deadline
  ) throws(PostgresError) -> QueryResult {
    let isSent = try unsafe withCArrays(of: parameters) { values, lengths, formats in
      unsafe PQsendQueryPrepared(
        handle.pointer, statement.name, CInt(parameters.count), values, lengths, formats, 0)
    }
    guard isSent == 1 else { throw .connectionLost }
    return try finish(until: deadline)
  }

  /// The corresponding C function is `PQsendPrepare`, with all types left to the server.
  private mutating func prepare(
    _ statement: borrowing Statement, until deadline: Deadline
  ) throws(PostgresError) {
    guard unsafe PQsendPrepare(handle.pointer, statement.name, statement.cString, 0, nil) == 1
    else { throw .connectionLost }
    _ = try finish(until: deadline)
    prepared.add(statement)
  }

  private mutating func deallocate(
    _ statement: borrowing Statement, until deadline: Deadline
  ) throws(PostgresError) {
    guard prepared.remove(statement), let name = QuotedIdentifier(statement.name) else { return }
    _ = try executeUnnamed("DEALLOCATE \(name)", [], until: deadline)
  }

  /// Runs several statements, separated by semicolons, as one transaction of their own unless
  /// they begin and end theirs. The first that fails ends it.
  ///
  /// The corresponding C function is `PQsendQuery`.
  package mutating func executeScript(
    _ script: borrowing Statement, until deadline: Deadline
  ) throws(PostgresError) {
    let deadline = bounded(deadline)
    guard unsafe PQsendQuery(handle.pointer, script.cString) == 1 else { throw .connectionLost }
    _ = try finish(until: deadline)
  }

  /// Whether the next user can start on it: connected, no statement under way, no transaction
  /// open. The corresponding C functions are `PQstatus` and `PQtransactionStatus`.
  package var isIdle: Bool {
    unsafe PQstatus(handle.pointer) == CONNECTION_OK
      && PQtransactionStatus(handle.pointer) == PQTRANS_IDLE
  }

  /// What it takes to cancel the statement that is under way; nil if none is. The corresponding C
  /// function is `PQgetCancel`.
  func cancelRequest() -> CancelRequest? {
    guard unsafe PQtransactionStatus(handle.pointer) == PQTRANS_ACTIVE,
      let pointer = unsafe PQgetCancel(handle.pointer)
    else { return nil }
    return unsafe CancelRequest(owning: pointer)
  }

  /// Whether it is idle and the peer has neither closed it nor sent anything since: what a server
  /// sends to an idle client is that the session ends.
  package var isFresh: Bool {
    guard isIdle else { return false }
    let isReadable = try? wait(
      for: .readable, on: unsafe PQsocket(handle.pointer), until: .after(.zero))
    // A descriptor that cannot even be polled is as good as closed.
    return isReadable == false
  }

  /// Ends the session. The corresponding C function is `PQfinish`.
  package consuming func close() {}

  private func bounded(_ deadline: Deadline) -> Deadline {
    guard let statementTimeout else { return deadline }
    return min(deadline, .after(statementTimeout))
  }

  /// Sends what is left to send and collects every result, of which the last is returned.
  private mutating func finish(until deadline: Deadline) throws(PostgresError) -> QueryResult {
    // Row by row, so that a result without end is noticed before it is in memory.
    _ = unsafe PQsetSingleRowMode(handle.pointer)
    try flush(until: deadline)
    var failure: PostgresError?
    var rows = QueryResult()
    var last: QueryResult?
    while let pointer = unsafe try nextResult(until: deadline) {
      let result = unsafe ResultHandle(owning: pointer)
      switch unsafe PQresultStatus(result.pointer) {
      case PGRES_SINGLE_TUPLE: try unsafe rows.append(rowsOf: result.pointer)
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
        try unsafe rows.append(rowsOf: result.pointer)
        last = consume rows
        rows = QueryResult()
      // What follows never ends by itself: the connection stays in mid-statement.
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw .unexpectedCopy
      // Of several the first tells the cause: the loss of the connection may follow it.
      default: if failure == nil { failure = unsafe Self.failure(of: result.pointer) }
      }
    }
    if let failure { throw failure }
    guard let last = consume last else { throw .connectionLost }
    return last
  }

  /// Sends what libpq has buffered, and takes in what arrives meanwhile: a server that waits for
  /// us to read would never read on itself.
  private mutating func flush(until deadline: Deadline) throws(PostgresError) {
    // -1 is a failed write; what the server said before it closed is still to be read.
    while unsafe PQflush(handle.pointer) == 1 {
      try awaitSocket(.readableOrWritable, until: deadline)
      if unsafe PQconsumeInput(handle.pointer) == 0 { return }
    }
  }

  /// The next result, or nil when there is no more; `PQgetResult` is called once it cannot block.
  private mutating func nextResult(
    until deadline: Deadline
  ) throws(PostgresError) -> OpaquePointer? {
    while unsafe PQisBusy(handle.pointer) == 1 {
      try awaitSocket(.readable, until: deadline)
      // Once the connection is broken, PQgetResult makes a result of that at once.
      if unsafe PQconsumeInput(handle.pointer) == 0 { break }
    }
    return unsafe PQgetResult(handle.pointer)
  }

  /// What OpenSSL has taken from the socket already, and libpq not yet from it, the socket tells
  /// nobody of: libpq reads once for each call, as much as it has room for.
  private func awaitSocket(
    _ readiness: Readiness, until deadline: Deadline
  ) throws(PostgresError) {
    if let tls = unsafe PQsslStruct(handle.pointer, "OpenSSL"), unsafe hasPendingBytes(tls) {
      return
    }
    let isReady: Bool
    do {
      isReady = try wait(for: readiness, on: unsafe PQsocket(handle.pointer), until: deadline)
    } catch {
      throw .connectionLost
    }
    guard isReady else { throw .timedOut }
  }

  private static func failure(of result: OpaquePointer) -> PostgresError {
    func field(_ code: UInt8) -> String? {
      guard let text = unsafe PQresultErrorField(result, CInt(code)) else { return nil }
      return unsafe String(cString: text)
    }
    // libpq's own failures have no SQLSTATE: the connection broke, or memory ran out.
    guard let state = field(UInt8(ascii: "C")).flatMap(SQLState.init(rawValue:)) else {
      return .connectionLost
    }
    return .statement(
      StatementFailure(
        state: state, severity: field(UInt8(ascii: "V")) ?? "ERROR",
        constraint: field(UInt8(ascii: "n")), message: field(UInt8(ascii: "M")),
        context: field(UInt8(ascii: "W"))))
  }
}
