// The bucket beside the tables: what has no counterpart.

internal import HTTPSyntax
internal import POSIX
package import Postgres
package import R2

/// Objects without a session, and sessions without their object.
///
/// An object belongs to the session whose id stands in its key, `sessions/<user>/<session>/…`;
/// what does not look like that is somebody else's and is not looked at. Both sides are read in the
/// order of their keys, so memory is a page of each, however many there are.
package struct OrphanScan: Sendable {
  private let pool: ConnectionPool
  private let storage: R2Client
  private let statements: Statements

  package init(pool: ConnectionPool, schema: QuotedIdentifier, storage: R2Client) {
    self.pool = pool
    self.storage = storage
    statements = Statements(schema)
  }

  /// What has no counterpart.
  package enum Finding: Sendable {
    case orphan(ObjectKey)
    /// A session's id.
    case missingObject(of: String)
  }

  package struct Counts: Sendable {
    /// Objects that were looked at.
    package var objects = 0
    package var orphans = 0
    /// Of these, the ones that are old enough.
    package var oldOrphans = 0
    package var missing = 0
  }

  /// Compares all.
  ///
  /// Sessions are asked for after the bucket was listed, so one that is made meanwhile is no
  /// orphan; those that may lack their object are asked for once more.
  ///
  /// - Parameters:
  ///   - minAgeSeconds: from when on an orphan is old.
  ///   - progress: is told how many objects were looked at so far.
  ///   - report: is told what is found.
  package func compare(
    minAgeSeconds: Int, progress: (Int) -> Void, report: (Finding) -> Void
  ) throws(OrphanScanError) -> Counts {
    try withConnection { (connection) throws(OrphanScanError) in
      var counts = Counts()
      let start = try connection.begin(statements)
      var sessions = StoredSessions()
      var lastKey = ""
      var listing = storage.list(prefix: prefix, deadline: .after(timeout))
      while let page = try listing.next() {
        let (orphans, count) = try connection.orphans(of: page, statements)
        counts.objects += count
        for orphan in orphans {
          counts.orphans += 1
          if orphan.lastModifiedSeconds < start - minAgeSeconds { counts.oldOrphans += 1 }
          report(.orphan(orphan.key))
        }
        for object in page.objects {
          guard lastKey.isBefore(object.key.text) else { throw .unordered }
          lastKey = object.key.text
          while try !sessions.pass(upTo: lastKey, on: &connection, statements) {
            try tellMissing(of: &sessions, &connection, &counts, report)
          }
        }
        progress(counts.objects)
      }
      while try !sessions.pass(upTo: nil, on: &connection, statements) {
        try tellMissing(of: &sessions, &connection, &counts, report)
      }
      try tellMissing(of: &sessions, &connection, &counts, report)
      try connection.end(statements)
      return counts
    }
  }

  private func tellMissing(
    of sessions: inout StoredSessions, _ connection: inout Connection, _ counts: inout Counts,
    _ report: (Finding) -> Void
  ) throws(OrphanScanError) {
    guard !sessions.withoutObject.isEmpty else { return }
    let candidates = sessions.withoutObject
    sessions.withoutObject = []
    for id in try connection.stillStored(candidates, statements) {
      counts.missing += 1
      report(.missingObject(of: id))
    }
  }

  /// Looks anew for objects without a session and hands over those that are old.
  package func forEachOrphan(
    minAgeSeconds: Int, _ body: (ObjectKey) -> Void
  ) throws(OrphanScanError) {
    try withConnection { (connection) throws(OrphanScanError) in
      let start = try connection.now(statements)
      var listing = storage.list(prefix: prefix, deadline: .after(timeout))
      while let page = try listing.next() {
        for orphan in try connection.orphans(of: page, statements).objects
        where orphan.lastModifiedSeconds < start - minAgeSeconds {
          body(orphan.key)
        }
      }
    }
  }

  /// The pool closes a connection whose transaction a failure has left open.
  private func withConnection<Value>(
    _ body: (inout Connection) throws(OrphanScanError) -> Value
  ) throws(OrphanScanError) -> Value {
    let outcome: Result<Value, OrphanScanError>
    do throws(PostgresError) {
      outcome = try pool.withConnection(until: .after(.seconds(60))) {
        (connection) throws(PostgresError) in
        Result { () throws(OrphanScanError) in try body(&connection) }
      }
    } catch {
      throw .database(error)
    }
    return try outcome.get()
  }
}

private let prefix = "sessions/"
private let timeout: Duration = .seconds(600)
private let pageSize = 1000

/// Why the bucket and the tables could not be compared.
package enum OrphanScanError: Error, CustomStringConvertible {
  case database(PostgresError)
  case storage(R2Error)
  case unordered

  package var description: String {
    switch self {
    case .database(let error): error.description
    case .storage(let error): error.description
    case .unordered: "the storage does not list its objects in the order of their keys"
    }
  }
}

extension Listing {
  fileprivate mutating func next() throws(OrphanScanError) -> ListedPage? {
    do { return try nextPage() } catch { throw .storage(error) }
  }
}

extension String {
  /// In the order of S3's listings and of PostgreSQL's collation "C": that of the bytes.
  fileprivate func isBefore(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}

/// Sessions with a recording, as they were before the bucket was listed.
private struct StoredSessions {
  typealias Session = (id: String, key: String)

  /// Those that were passed without their object.
  var withoutObject: [Session] = []
  private var page: ArraySlice<Session> = []
  private var isAtEnd = false

  /// Passes those whose keys come up to `key`, that of an object, or all that are left.
  ///
  /// - Returns: false where as many as fill a page lack their object, which are to be told first.
  mutating func pass(
    upTo key: String?, on connection: inout Connection, _ statements: Statements
  ) throws(OrphanScanError) -> Bool {
    while let session = try first(on: &connection, statements) {
      let isMissing = key.map(session.key.isBefore) ?? true
      guard isMissing || session.key == key else { return true }
      guard withoutObject.count < pageSize else { return false }
      page.removeFirst()
      if isMissing { withoutObject.append(session) }
    }
    return true
  }

  private mutating func first(
    on connection: inout Connection, _ statements: Statements
  ) throws(OrphanScanError) -> Session? {
    if page.isEmpty, !isAtEnd {
      page = try connection.nextStored(statements)[...]
      isAtEnd = page.isEmpty
    }
    return page.first
  }
}

private struct Statements: Sendable {
  /// Each statement sees what is committed by then, but for the cursor, which sees what was before.
  let begin: Statement = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
  let end: Statement = "COMMIT"
  let now: Statement = "SELECT extract(epoch FROM clock_timestamp())::bigint"
  /// Sorted once, by the server, which keeps it on disk where it is large.
  let declare: Statement
  let fetch: Statement = "FETCH 1000 FROM sessions_fcgi_stored"
  /// Which of `$1` are sessions, or uploads in progress.
  let known: Statement
  /// Which sessions of `$1` still have the recordings `$2`.
  let stillStored: Statement

  init(_ schema: QuotedIdentifier) {
    declare = """
      DECLARE sessions_fcgi_stored NO SCROLL CURSOR FOR
      SELECT id, "audioUrl" FROM \(schema).speaking_sessions
      WHERE "audioUrl" IS NOT NULL AND "audioDeletedAt" IS NULL
      ORDER BY "audioUrl" COLLATE "C"
      """
    known = """
      SELECT candidate FROM unnest($1::text[]) AS candidate
      WHERE EXISTS (SELECT FROM \(schema).speaking_sessions WHERE id = candidate)
        OR EXISTS (
          SELECT FROM sessions_fcgi.jobs WHERE kind = 'upload' AND "sessionId" = candidate)
      """
    stillStored = """
      SELECT session.id FROM unnest($1::text[], $2::text[]) AS candidate (id, key)
      JOIN \(schema).speaking_sessions AS session ON session.id = candidate.id
      WHERE session."audioUrl" = candidate.key AND session."audioDeletedAt" IS NULL
      """
  }
}

extension Connection {
  /// - Returns: the time, by PostgreSQL's clock (seconds since 1970).
  fileprivate mutating func begin(_ statements: Statements) throws(OrphanScanError) -> Int {
    try run(statements.begin)
    let now = try now(statements)
    try run(statements.declare)
    return now
  }

  fileprivate mutating func end(_ statements: Statements) throws(OrphanScanError) {
    try run(statements.end)
  }

  fileprivate mutating func now(_ statements: Statements) throws(OrphanScanError) -> Int {
    let row = try run(statements.now)
    do { return try row.int(0, 0) } catch { throw .database(error) }
  }

  fileprivate mutating func nextStored(
    _ statements: Statements
  ) throws(OrphanScanError) -> [StoredSessions.Session] {
    let rows = try run(statements.fetch)
    var sessions: [StoredSessions.Session] = []
    do {
      for row in 0..<rows.rowCount {
        sessions.append((try rows.text(row, 0), try rows.text(row, 1)))
      }
    } catch {
      throw .database(error)
    }
    return sessions
  }

  /// The objects of a page that have no session, and how many look as if they should.
  fileprivate mutating func orphans(
    of page: ListedPage, _ statements: Statements
  ) throws(OrphanScanError) -> (objects: [ListedObject], count: Int) {
    var candidates: [(id: String, object: ListedObject)] = []
    for object in page.objects {
      let parts = object.key.text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[2].utf8.allSatisfy(\.isIDByte), !parts[2].isEmpty
      else { continue }
      candidates.append((String(parts[2]), object))
    }
    let known = try ids(run(statements.known, [.array(candidates.map(\.id))]))
    return (candidates.filter { !known.contains($0.id) }.map(\.object), candidates.count)
  }

  fileprivate mutating func stillStored(
    _ sessions: [StoredSessions.Session], _ statements: Statements
  ) throws(OrphanScanError) -> Set<String> {
    let values: [Parameter] = [.array(sessions.map(\.id)), .array(sessions.map(\.key))]
    return try ids(run(statements.stillStored, values))
  }

  private func ids(_ rows: borrowing QueryResult) throws(OrphanScanError) -> Set<String> {
    var ids: Set<String> = []
    do {
      for row in 0..<rows.rowCount { ids.insert(try rows.text(row, 0)) }
    } catch {
      throw .database(error)
    }
    return ids
  }

  @discardableResult
  private mutating func run(
    _ statement: Statement, _ values: [Parameter] = []
  ) throws(OrphanScanError) -> QueryResult {
    do {
      return try execute(statement, values, until: .after(timeout))
    } catch {
      throw .database(error)
    }
  }
}
