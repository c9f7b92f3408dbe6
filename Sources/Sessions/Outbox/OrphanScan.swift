// The bucket beside the tables: what has no counterpart.

internal import HTTPSyntax
internal import POSIX
package import Postgres
package import R2

/// Objects without a session, and sessions without their object.
///
/// An object belongs to the session whose id stands in its key, `sessions/<user>/<session>/…`;
/// what does not look like that is somebody else's and is not looked at.
package struct OrphanScan: Sendable {
  /// When it was made, by PostgreSQL's clock (seconds since 1970).
  package var madeAt = 0
  /// Objects that were looked at.
  package var objectCount = 0
  /// Keys without a session, and when they were stored (seconds since 1970).
  package var orphans: [(key: ObjectKey, storedAt: Int)] = []
  /// Ids of sessions whose recording is not in the bucket.
  package var missing: [String] = []

  private static let prefix = "sessions/"
  private static let timeout: Duration = .seconds(600)

  /// Which of `$1` are sessions, or uploads in progress.
  private static func known(_ schema: QuotedIdentifier) -> Statement {
    """
    SELECT candidate FROM unnest($1::text[]) AS candidate
    WHERE EXISTS (SELECT FROM \(schema).speaking_sessions WHERE id = candidate)
      OR EXISTS (
        SELECT FROM sessions_fcgi.jobs WHERE kind = 'upload' AND "sessionId" = candidate)
    """
  }

  private static let now: Statement = """
    SELECT utc, extract(epoch FROM utc)::bigint
    FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS utc) AS moment
    """

  /// Sessions with a recording that were so before the bucket was listed.
  private static func stored(_ schema: QuotedIdentifier) -> Statement {
    """
    SELECT id, "audioUrl" FROM \(schema).speaking_sessions
    WHERE "audioUrl" IS NOT NULL AND "audioDeletedAt" IS NULL AND id > $1
      AND "updatedAt" < $2::timestamp
    ORDER BY id LIMIT 1000
    """
  }

  /// Compares, in pages of a thousand. Sessions are asked for after the bucket was listed, so one
  /// that is made meanwhile is no orphan.
  ///
  /// - Parameter progress: is told how many objects were looked at so far.
  package static func make(
    pool: ConnectionPool, schema: QuotedIdentifier, storage: R2Client,
    progress: (Int) -> Void
  ) throws(OrphanScanError) -> OrphanScan {
    var scan = OrphanScan()
    var keys: Set<String> = []
    let known = known(schema)
    var listing = storage.list(prefix: prefix, deadline: .after(timeout))
    let start = try database { () throws(PostgresError) in
      let moment = try pool.execute(now, until: .after(.seconds(60)), repetition: .allowed)
      return (text: try moment.text(0, 0), seconds: try moment.int(0, 1))
    }
    scan.madeAt = start.seconds
    while let page = try next(of: &listing) {
      try database { () throws(PostgresError) in try scan.add(page, pool: pool, known: known) }
      for object in page.objects { keys.insert(object.key.text) }
      progress(scan.objectCount)
    }
    try database { () throws(PostgresError) in
      try scan.findMissing(keys, before: start.text, pool: pool, stored: stored(schema))
    }
    return scan
  }

  private static func next(of listing: inout Listing) throws(OrphanScanError) -> ListedPage? {
    do { return try listing.nextPage() } catch { throw .storage(error) }
  }

  private static func database<Value>(
    _ work: () throws(PostgresError) -> Value
  ) throws(OrphanScanError) -> Value {
    do { return try work() } catch { throw .database(error) }
  }

  private mutating func add(
    _ page: ListedPage, pool: ConnectionPool, known: Statement
  ) throws(PostgresError) {
    var candidates: [(id: String, object: ListedObject)] = []
    for object in page.objects {
      let parts = object.key.text.split(separator: "/", omittingEmptySubsequences: false)
      // Ids of ours and Prisma's are letters and digits, so they need no quoting in an array.
      guard parts.count == 4, parts[2].utf8.allSatisfy(\.isIDByte), !parts[2].isEmpty
      else { continue }
      candidates.append((String(parts[2]), object))
    }
    objectCount += candidates.count
    let array = "{" + candidates.map(\.id).joined(separator: ",") + "}"
    let result = try pool.execute(
      known, [.text(array)], until: .after(.seconds(60)), repetition: .allowed)
    var ids: Set<String> = []
    for row in 0..<result.rowCount { ids.insert(try result.text(row, 0)) }
    for candidate in candidates where !ids.contains(candidate.id) {
      orphans.append((candidate.object.key, candidate.object.lastModifiedSeconds))
    }
  }

  private mutating func findMissing(
    _ keys: Set<String>, before start: String, pool: ConnectionPool, stored: Statement
  ) throws(PostgresError) {
    var last = ""
    while true {
      let result = try pool.execute(
        stored, [.text(last), .text(start)], until: .after(.seconds(60)), repetition: .allowed)
      if result.rowCount == 0 { return }
      for row in 0..<result.rowCount {
        last = try result.text(row, 0)
        if !keys.contains(try result.text(row, 1)) { missing.append(last) }
      }
    }
  }
}

/// Why the bucket and the tables could not be compared.
package enum OrphanScanError: Error, CustomStringConvertible {
  case database(PostgresError)
  case storage(R2Error)

  package var description: String {
    switch self {
    case .database(let error): error.description
    case .storage(let error): error.description
    }
  }
}
